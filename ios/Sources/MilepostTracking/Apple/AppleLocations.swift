#if canImport(CoreLocation) && (os(iOS) || MILEPOST_STANDINS)
    import CoreLocation
    import Foundation
    import MilepostKit

    /// CoreLocation: positions, visits, significant changes, the wake fence and the permission. Lives on the main thread,
    /// where CoreLocation wants its manager made and calls its delegate.
    final class AppleLocations: NSObject, LocationPort, CLLocationManagerDelegate, @unchecked Sendable {
        private let manager: CLLocationManager
        private let tell: @Sendable (PlatformEvent) -> Void
        private var session: Any?

        private static let fenceID = "io.milepost.wake"

        @MainActor
        init(_ tell: @escaping @Sendable (PlatformEvent) -> Void) {
            self.tell = tell
            manager = CLLocationManager()
            super.init()
            manager.delegate = self
            manager.pausesLocationUpdatesAutomatically = false
            manager.activityType = .automotiveNavigation
        }

        var locationPermission: LocationPermission {
            let isPrecise = manager.accuracyAuthorization == .fullAccuracy
            switch manager.authorizationStatus {
            case .notDetermined: return .notAsked
            case .denied, .restricted: return .denied
            case .authorizedWhenInUse: return .whileInUse(precise: isPrecise)
            case .authorizedAlways: return .always(precise: isPrecise)
            @unknown default: return .denied
            }
        }

        func set(_ mode: LocationMode) {
            onMain { me in
                let manager = me.manager
                if mode == .off {
                    manager.stopMonitoringSignificantLocationChanges()
                    manager.stopMonitoringVisits()
                } else {
                    manager.startMonitoringSignificantLocationChanges()
                    manager.startMonitoringVisits()
                }
                manager.desiredAccuracy =
                    mode == .receiver ? kCLLocationAccuracyBestForNavigation : kCLLocationAccuracyThreeKilometers
                manager.distanceFilter = kCLDistanceFilterNone
                me.hold(mode.isContinuous)
            }
        }

        func setFence(_ fence: SensingPlan.WakeFence?) {
            onMain { me in
                guard let fence else {
                    for region in me.manager.monitoredRegions where region.identifier == Self.fenceID {
                        me.manager.stopMonitoring(for: region)
                    }
                    return
                }
                let centre = CLLocationCoordinate2D(latitude: fence.latDeg, longitude: fence.lonDeg)
                let region = CLCircularRegion(center: centre, radius: fence.radiusM, identifier: Self.fenceID)
                region.notifyOnEntry = false
                region.notifyOnExit = true
                me.manager.startMonitoring(for: region)
            }
        }

        func ask(_ step: Permissions.Step) {
            onMain { me in
                switch step {
                case .location: me.manager.requestWhenInUseAuthorization()
                case .always: me.manager.requestAlwaysAuthorization()
                case .precise, .motion: break
                }
            }
        }

        func locationManager(_ manager: CLLocationManager, didUpdateLocations locations: [CLLocation]) {
            for location in locations { tell(.fix(Self.fix(location))) }
            tell(.movedFar)
        }

        func locationManager(_ manager: CLLocationManager, didVisit visit: CLVisit) {
            if visit.departureDate != .distantFuture { tell(.departed) }
        }

        func locationManager(_ manager: CLLocationManager, didExitRegion region: CLRegion) {
            if region.identifier == Self.fenceID { tell(.leftFence) }
        }

        func locationManagerDidChangeAuthorization(_ manager: CLLocationManager) {
            tell(.permissionChanged)
        }

        func locationManager(_ manager: CLLocationManager, didFailWithError error: any Error) {
            tell(.signalsChanged)
        }

        /// Runs on while the app is off the screen, or no longer.
        @MainActor
        private func hold(_ on: Bool) {
            // Without the background mode in its Info.plist iOS ends an app that asks for this.
            let modes = Bundle.main.object(forInfoDictionaryKey: "UIBackgroundModes") as? [String] ?? []
            manager.allowsBackgroundLocationUpdates = on && modes.contains("location")
            if #available(iOS 17, *) {
                if !on { (session as? CLBackgroundActivitySession)?.invalidate() }
                session = on ? (session ?? CLBackgroundActivitySession()) : nil
            }
            if on { manager.startUpdatingLocation() } else { manager.stopUpdatingLocation() }
        }

        private func onMain(_ work: @escaping @MainActor @Sendable (AppleLocations) -> Void) {
            DispatchQueue.main.async { work(self) }
        }

        private static func fix(_ location: CLLocation) -> PhoneFix {
            PhoneFix(
                wallMs: location.timestamp.wallMs, latDeg: location.coordinate.latitude,
                lonDeg: location.coordinate.longitude, altM: location.altitude, vAccM: location.verticalAccuracy,
                speedMps: location.speed, courseDeg: location.course, hAccM: location.horizontalAccuracy,
                isMock: location.sourceInformation?.isSimulatedBySoftware ?? false)
        }
    }
#endif
