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

    /// What each adapter makes of its framework's words, and asks of it.
    final class AppleShellTests: StandInTestCase {
        private let heard = Locked<[PlatformEvent]>([])
        private var tell: @Sendable (PlatformEvent) -> Void {
            { [heard] event in heard.change { $0.append(event) } }
        }

        private func locations() async -> AppleLocations {
            let tell = tell
            return await MainActor.run { AppleLocations(tell) }
        }

        func testWhatThePersonAllowsOfLocation() async {
            let locations = await locations()
            let all: [(CLAuthorizationStatus, CLAccuracyAuthorization, LocationPermission)] = [
                (.notDetermined, .fullAccuracy, .notAsked), (.denied, .fullAccuracy, .denied),
                (.restricted, .fullAccuracy, .denied), (.authorizedWhenInUse, .fullAccuracy, .whileInUse(precise: true)),
                (.authorizedWhenInUse, .reducedAccuracy, .whileInUse(precise: false)),
                (.authorizedAlways, .fullAccuracy, .always(precise: true)),
                (.authorizedAlways, .reducedAccuracy, .always(precise: false)),
            ]
            for (status, accuracy, permission) in all {
                StandInLocations.state.change { ($0.authorization, $0.accuracy) = (status, accuracy) }
                XCTAssertEqual(locations.locationPermission, permission)
            }
            StandInLocations.tell { $0.locationManagerDidChangeAuthorization($1) }
            guard case .permissionChanged = heard.now.last else { return XCTFail("\(heard.now)") }
            for step in Permissions.Step.allCases { locations.ask(step) }
            apple.obey()
            XCTAssertEqual(StandInLocations.state.now.asked, ["when in use", "always"])
        }

        func testEachModeIsWhatItAsksOfTheReceiver() async {
            let locations = await locations()
            for mode in [LocationMode.receiver, .awake, .watch, .off, .receiver, .off] {
                locations.set(mode)
                apple.obey()
                XCTAssertEqual(apple.mode, mode)
                XCTAssertEqual(StandInLocations.state.now.sessions, mode.isContinuous ? 1 : 0)
                // A receiver that costs nothing.
                if mode == .awake { XCTAssertEqual(StandInLocations.state.now.desiredAccuracy, kCLLocationAccuracyThreeKilometers) }
            }
        }

        func testOneFenceOfItsOwnAndNobodyElses() async throws {
            let other = CLCircularRegion(
                center: CLLocationCoordinate2D(latitude: 1, longitude: 1), radius: 9, identifier: "the app's")
            StandInLocations.state.change { $0.regions = [other] }
            let locations = await locations()
            locations.setFence(.init(latDeg: 52, lonDeg: 13, radiusM: 150))
            locations.setFence(.init(latDeg: 52.5, lonDeg: 13.4, radiusM: 200))
            apple.obey()
            let ours = StandInLocations.state.now.regions.filter { $0.identifier != other.identifier }
            let fence = try XCTUnwrap(ours.first as? CLCircularRegion)
            XCTAssertEqual(ours.count, 1)
            XCTAssertEqual([fence.center.latitude, fence.center.longitude, fence.radius], [52.5, 13.4, 200])
            XCTAssertTrue(fence.notifyOnExit && !fence.notifyOnEntry)
            apple.leave(other.identifier)
            XCTAssertEqual(heard.now.count, 0)
            apple.leave(fence.identifier)
            guard case .leftFence = heard.now.last else { return XCTFail("\(heard.now)") }
            locations.setFence(nil)
            apple.obey()
            XCTAssertEqual(StandInLocations.state.now.regions, [other])
        }

        func testADepartureIsTheEndOfAVisitAndAnArrivalIsNone() async {
            let locations = await locations()
            let now = Date()
            StandInLocations.tell { $0.locationManager($1, didVisit: CLVisit(arrivalDate: now, departureDate: .distantFuture)) }
            XCTAssertEqual(heard.now.count, 0)
            StandInLocations.tell { $0.locationManager($1, didVisit: CLVisit(arrivalDate: .distantPast, departureDate: now)) }
            guard case .departed = heard.now.last else { return XCTFail("\(heard.now)") }
            withExtendedLifetime(locations) {}
        }

        func testAPositionIsPassedOnAsItIsWithWhatIsNotKnown() async {
            let locations = await locations()
            let fix = PhoneFix(
                wallMs: 1_767_600_000_123, latDeg: -33.8, lonDeg: 151.2, altM: -2, vAccM: -1, speedMps: -1, courseDeg: -1,
                hAccM: 5, isMock: true)
            apple.tell(.fix(fix))
            guard case .fix(let heardFix) = heard.now.first else { return XCTFail("\(heard.now)") }
            XCTAssertEqual(heardFix, fix)
            withExtendedLifetime(locations) {}
        }

        func testMotionSensorsGiveWhatWasAskedForAndAPhoneWithoutAGyroscopeGoesWithout() {
            StandInMotion.state.change { $0.hasGyroscope = false }
            let motion = AppleMotion(tell)
            XCTAssertFalse(motion.hasGyroscope)
            motion.set(hz: 50)
            XCTAssertEqual(apple.hz, 50)
            apple.tell(.accelerometer([MotionReading(uptimeS: 3.5, x: 0.1, y: 0.2, z: -1)]))
            apple.tell(.gyroscope([MotionReading(uptimeS: 3.5, x: 1, y: 1, z: 1)]))
            guard case .accelerometer(let readings) = heard.now.last else { return XCTFail("\(heard.now)") }
            XCTAssertEqual(readings, [MotionReading(uptimeS: 3.5, x: 0.1, y: 0.2, z: -1)])
            XCTAssertEqual(heard.now.count, 1)
            motion.set(hz: 0)
            XCTAssertEqual(apple.hz, 0)
        }

        func testActivitiesAreNotStartedWhereThatWouldAskThePerson() {
            let activities = AppleActivities(tell)
            let all: [(CMAuthorizationStatus, MotionPermission)] = [
                (.notDetermined, .notAsked), (.denied, .denied), (.restricted, .denied), (.authorized, .allowed),
            ]
            for (status, permission) in all {
                StandInMotion.state.change { $0.authorization = status }
                XCTAssertEqual(activities.motionPermission, permission)
                activities.set(true)
                XCTAssertEqual(apple.watchesActivities, permission == .allowed)
            }
            activities.set(false)
            XCTAssertFalse(apple.watchesActivities)
            let queries = StandInMotion.state.now.queries
            activities.ask()
            XCTAssertEqual(StandInMotion.state.now.queries, queries + 1)
            guard case .permissionChanged = heard.now.last else { return XCTFail("\(heard.now)") }
            StandInMotion.state.change { $0.countsSteps = false }
            XCTAssertEqual(activities.motionPermission, .unavailable)
        }

        func testWhatThePhoneDoesIsSaidWhenItChanges() async {
            let phone = await MainActor.run { ApplePhone() }
            phone.start(tell)
            XCTAssertEqual(phone.device, "iPhone iPhone17,1")
            XCTAssertEqual(phone.bootID.count, 36)
            XCTAssertEqual(phone.signals, [.charging: "off", .lock: "unlocked", .powerSave: "off", .provider: "on"])
            await MainActor.run {
                StandInScreen.battery = .full
                StandInScreen.tell(UIDevice.batteryStateDidChangeNotification)
                StandInScreen.isLocked = true
                StandInScreen.tell(UIApplication.protectedDataWillBecomeUnavailableNotification)
            }
            StandInProcess.state.change { $0.isLowPowerModeEnabled = true }
            StandInLocations.state.change { $0.isEnabled = false }
            XCTAssertEqual(phone.signals, [.charging: "on", .lock: "locked", .powerSave: "on", .provider: "off"])
            XCTAssertEqual(heard.now.count, 2)
            XCTAssertEqual(phone.network, .none)
            let paths: [(NWPath, MilepostKit.Network)] = [
                (NWPath(.satisfied), .unmetered), (NWPath(.satisfied, isExpensive: true), .metered),
                (NWPath(.satisfied, isConstrained: true), .metered), (NWPath(.unsatisfied), .none),
                (NWPath(.requiresConnection), .none),
            ]
            for (path, network) in paths {
                StandInNetwork.tell(path)
                XCTAssertEqual(phone.network, network)
            }
            XCTAssertTrue(phone.isForeground)
            await apple.show(false)
            XCTAssertFalse(phone.isForeground)
            guard case .foreground(false) = heard.now.last else { return XCTFail("\(heard.now)") }
            await MainActor.run { StandInScreen.tell(UIApplication.significantTimeChangeNotification) }
            guard case .clockChanged = heard.now.last else { return XCTFail("\(heard.now)") }
        }

        func testAWakeUpIsAskedForReplacedAndTakenBackAndARefusalIsNoError() {
            let background = AppleBackground(tell)
            let date = Date(timeIntervalSince1970: 2_000_000_000)
            background.wake(at: date)
            background.wake(at: date + 60)
            XCTAssertEqual(StandInTasks.state.now.requests.values.map(\.earliestBeginDate), [date + 60])
            background.wake(at: nil)
            XCTAssertTrue(StandInTasks.state.now.requests.isEmpty)
            struct Refused: Error {}
            StandInTasks.state.change { $0.refusal = Refused() }
            background.wake(at: date)
            XCTAssertTrue(StandInTasks.state.now.requests.isEmpty)
        }
    }
#endif
