#if MILEPOST_STANDINS
    import BackgroundTasks
    import CoreLocation
    import CoreMotion
    import Foundation
    import MilepostKit
    import Network
    import UIKit
    import XCTest

    @testable import MilepostTracking

    /// The phone behind Apple's adapters: what it senses comes through stand-ins of Apple's frameworks.
    struct StandInPhone: DrivenPhone, Sendable {
        var clocks: Clocks {
            let now = StandInProcess.state.now
            return Clocks(uptimeNs: now.uptimeNs, continuousNs: now.continuousNs, wallMs: now.wallNs / 1_000_000)
        }
        var hz: Int { StandInMotion.state.now.hz }
        var watchesActivities: Bool { StandInMotion.state.now.isWatchingActivities }
        var mode: LocationMode {
            let now = StandInLocations.state.now
            if now.isUpdating { return now.desiredAccuracy == kCLLocationAccuracyBestForNavigation ? .receiver : .awake }
            return now.watchesChanges && now.watchesVisits ? .watch : .off
        }

        func pass(toNs ns: Int64) { StandInProcess.pass(toNs: ns) }

        /// Adapters hand over to the main thread, and activities are begun on threads of their own.
        func obey() {
            while !StandInProcess.state.now.activities.isEmpty { sched_yield() }
            DispatchQueue.main.sync {}
        }

        func ringWhenDue() {
            guard let date = StandInTasks.state.now.requests[Platform.wakeTaskID]?.earliestBeginDate else { return }
            if date.timeIntervalSince1970 * 1000 <= Double(clocks.wallMs) { StandInTasks.launch(Platform.wakeTaskID) }
        }

        func tell(_ event: PlatformEvent) {
            switch event {
            case .accelerometer(let readings):
                for r in readings { StandInMotion.tell(CMAccelerometerData(r.uptimeS, CMAcceleration(x: r.x, y: r.y, z: r.z))) }
            case .gyroscope(let readings):
                for r in readings { StandInMotion.tell(CMGyroData(r.uptimeS, CMRotationRate(x: r.x, y: r.y, z: r.z))) }
            case .fix(let fix): tell(fix)
            case .activity(let activity): tell(activity)
            case .leftFence: leave(Platform.wakeTaskID)
            case .departed, .movedFar, .steps, .signalsChanged, .permissionChanged, .clockChanged, .foreground, .network,
                .uploadFinished, .uploadsTold, .woken:
                XCTFail("a drive has no \(event)")
            }
        }

        func leave(_ region: String) {
            let centre = CLLocationCoordinate2D(latitude: 52.5, longitude: 13.4)
            StandInLocations.tell {
                $0.locationManager($1, didExitRegion: CLCircularRegion(center: centre, radius: 150, identifier: region))
            }
        }

        private func tell(_ fix: PhoneFix) {
            let location = CLLocation(
                coordinate: CLLocationCoordinate2D(latitude: fix.latDeg, longitude: fix.lonDeg), altitude: fix.altM,
                horizontalAccuracy: fix.hAccM, verticalAccuracy: fix.vAccM, course: fix.courseDeg, courseAccuracy: -1,
                speed: fix.speedMps, speedAccuracy: -1,
                timestamp: Date(timeIntervalSince1970: Double(fix.wallMs) / 1000),
                sourceInfo: CLLocationSourceInformation(
                    softwareSimulationState: fix.isMock, andExternalAccessoryState: false))
            StandInLocations.tell { $0.locationManager($1, didUpdateLocations: [location]) }
        }

        private func tell(_ activity: PhoneActivity) {
            let told = CMMotionActivity()
            told.startDate = Date(timeIntervalSince1970: Double(activity.wallMs) / 1000)
            told.stationary = activity.stationary
            told.walking = activity.walking
            told.running = activity.running
            told.cycling = activity.cycling
            told.automotive = activity.automotive
            StandInMotion.tell(told)
        }

        /// The app comes to the screen or leaves it.
        func show(_ isOn: Bool) async {
            await MainActor.run {
                StandInScreen.isOn = isOn
                StandInScreen.tell(
                    isOn ? UIApplication.didBecomeActiveNotification : UIApplication.didEnterBackgroundNotification)
            }
        }

        /// Returns when no activity goes on any more.
        func rest() async {
            await withCheckedContinuation { done in
                DispatchQueue.global().async {
                    obey()
                    done.resume()
                }
            }
        }
    }

    /// A test of Apple's adapters, with a phone that was just unpacked.
    class StandInTestCase: TrackingTestCase {
        let apple = StandInPhone()

        override func setUp() async throws {
            StandInProcess.state.change { $0 = .init() }
            StandInMotion.state.change { $0 = .init() }
            StandInLocations.state.change { $0 = .init() }
            StandInTasks.state.change { $0 = .init() }
            await MainActor.run {
                StandInScreen.isOn = true
                StandInScreen.isLocked = false
                StandInScreen.battery = .unplugged
            }
        }

        /// As the app delegate makes it, on duty.
        func launch() async throws -> (MilepostTracker, Milepost) {
            let configuration = configuration()
            let tracker = await MainActor.run { MilepostTracker(configuration) }
            tracker.setConsent(true)
            tracker.setDuty(true)
            let client = await tracker.client()
            let milepost = try XCTUnwrap(client, "\(tracker.state)").milepost
            tracker.settle()
            await apple.rest()
            return (tracker, milepost)
        }
    }
#endif
