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

    /// The adapters to Apple's frameworks, driven through stand-ins of them.
    final class AppleAdapterTests: StandInTestCase {
        func testADriveThroughApplesFrameworksGivesTheRecordsOfTheCommandByteForByte() async throws {
            recordFromTheFirstOpen()
            let (tracker, _) = try await launch()
            try Drive("made").play(apple, tracker)
            let ours = try await finish(tracker)
            tracker.shutdown()
            XCTAssertEqual(ours.map(\.json), try replay(XCTUnwrap(tracker.recordings.first)))
            let trip = try XCTUnwrap(trips(ours).last)
            XCTAssertEqual(trip.status, .ended)
            XCTAssertEqual(trip.mode, .automotive)
            XCTAssertGreaterThan(trip.distanceM, 1500)
        }

        func testReadingsAreStampedOnTheAxisThatRunsThroughSleep() async throws {
            recordFromTheFirstOpen()
            let (tracker, _) = try await launch()
            apple.leave(Platform.wakeTaskID)
            tracker.settle()
            apple.obey()
            XCTAssertGreaterThan(apple.hz, 0)
            sense(seconds: 20)
            // A phone does not fall asleep over readings that it has handed out.
            tracker.wait()
            StandInProcess.sleep(ns: 10_000_000_000)
            sense(seconds: 20)
            tracker.shutdown()
            let plain = directory.appendingPathComponent("plain")
            try command("convert", XCTUnwrap(tracker.recordings.first).path, "--to", "plain", "--out", plain.path)
            let seconds = try lines(plain.appendingPathComponent("imu.csv")).dropFirst()
                .compactMap { $0.split(separator: ",").first.flatMap { Double($0) } }
            XCTAssertGreaterThan(seconds.count, 300)
            let strays = seconds.filter { $0 > 20.1 && !(29.9...50.1).contains($0) }
            XCTAssertEqual(strays, [])
            XCTAssertTrue(seconds.contains { $0 > 45 })
        }

        func testAnActivityThatWasSeenWhileTheAppSleptIsAskedForAndSaidOfItsTime() async throws {
            recordFromTheFirstOpen()
            StandInProcess.pass(toNs: 1_000_000_000_000)
            let walked = CMMotionActivity()
            walked.walking = true
            walked.confidence = .medium
            walked.startDate = Date() - 300
            let longAgo = CMMotionActivity()
            longAgo.running = true
            longAgo.startDate = Date() - 3600
            StandInMotion.state.change { $0.past = [longAgo, walked] }
            // The coprocessor lives in real time, and so does this test.
            StandInProcess.state.change { $0.wallNs = Int64(Date().timeIntervalSince1970 * 1e9) }
            let (tracker, _) = try await launch()
            XCTAssertTrue(StandInMotion.state.now.isWatchingActivities)
            StandInMotion.tell(CMPedometerData(endDate: Date(), numberOfSteps: 7))
            tracker.setDuty(false)
            tracker.settle()
            XCTAssertFalse(StandInMotion.state.now.isWatchingActivities)
            XCTAssertFalse(StandInMotion.state.now.isCountingSteps)
            tracker.shutdown()
            let said = try signals(tracker)
            XCTAssertTrue(said.contains { $0.kind == "activity" && $0.value == "walking" && abs($0.tS - 700) < 5 }, "\(said)")
            XCTAssertFalse(said.contains { $0.value == "running" })
            XCTAssertTrue(said.contains { $0.kind == "steps" && $0.value == "7" }, "\(said)")
        }

        func testADriveThatBeginsOffTheScreenIsFoundAndTheDatabaseIsClosedAfterIt() async throws {
            let (tracker, milepost) = try await launch()
            await apple.show(false)
            await apple.rest()
            XCTAssertTrue(milepost.isSuspended)
            try Drive("made").play(apple, tracker, settles: false)
            for _ in 0..<40 {
                apple.pass(toNs: apple.clocks.continuousNs + 60_000_000_000)
                apple.ringWhenDue()
                tracker.wait()
                await apple.rest()
            }
            XCTAssertEqual(apple.mode, .watch)
            XCTAssertEqual(apple.hz, 0)
            XCTAssertTrue(milepost.isSuspended)
            XCTAssertNotNil(StandInLocations.state.now.regions.first { $0.identifier == Platform.wakeTaskID })
            await apple.show(true)
            tracker.settle()
            let records = try await finish(tracker)
            let trip = try XCTUnwrap(trips(records).last)
            XCTAssertEqual(trip.status, .ended)
            XCTAssertEqual(trip.mode, .automotive)
            XCTAssertGreaterThan(trip.distanceM, 1500)
            tracker.shutdown()
        }

        func testWhatIsSaidBeforeTheCoreIsOpenIsSaidWhenItIs() async throws {
            recordFromTheFirstOpen()
            let configuration = configuration()
            let tracker = await MainActor.run {
                let tracker = MilepostTracker(configuration)
                tracker.signal(.driverID, "7")
                tracker.setDuty(true)
                tracker.setConsent(true)
                tracker.signal(.tag, "early")
                return tracker
            }
            _ = await tracker.client()
            tracker.settle()
            tracker.shutdown()
            let said = try signals(tracker).map { "\($0.kind) \($0.value)" }
            XCTAssertEqual(said.filter { $0 == "driver_id 7" }.count, 1, "\(said)")
            XCTAssertTrue(said.contains("tag early") && said.contains("duty on") && said.contains("consent granted"), "\(said)")
        }

        func testARefreshTaskIsAnActivityAfterWhichTheDatabaseIsClosedAndTheTaskDone() async throws {
            let (tracker, milepost) = try await launch()
            await apple.show(false)
            await apple.rest()
            XCTAssertTrue(milepost.isSuspended)
            let asked = try XCTUnwrap(StandInTasks.state.now.requests[Platform.wakeTaskID]?.earliestBeginDate)
            let before = StandInProcess.state.now.begun.count
            StandInProcess.pass(toNs: Int64(asked.timeIntervalSince1970 * 1e9) - 1_767_600_000_000_000_000 + 1_000_000_000)
            XCTAssertNotNil(StandInTasks.launch(Platform.wakeTaskID))
            await apple.rest()
            XCTAssertEqual(StandInTasks.state.now.completed, [true])
            XCTAssertGreaterThan(StandInProcess.state.now.begun.count, before)
            XCTAssertTrue(milepost.isSuspended)
            XCTAssertNotNil(StandInTasks.state.now.requests[Platform.wakeTaskID], "it wakes again")
            tracker.shutdown()
        }

        func testATaskWhoseTimeIsUpIsDoneOnceAndClosesTheDatabase() async throws {
            let (tracker, milepost) = try await launch()
            await apple.show(false)
            await apple.rest()
            StandInProcess.state.change { $0.refusesTime = true }
            let task = try XCTUnwrap(StandInTasks.launch(Platform.wakeTaskID))
            while StandInTasks.state.now.completed.isEmpty {
                task.expirationHandler?()
                await Task.yield()
            }
            StandInProcess.state.change { $0.refusesTime = false }
            await apple.show(true)
            tracker.settle()
            XCTAssertEqual(StandInTasks.state.now.completed, [false])
            XCTAssertFalse(milepost.isSuspended)
            tracker.shutdown()
        }

        func testWhatIsToldOffTheScreenKeepsItsOrderInWhateverOrderActivitiesBegin() async throws {
            recordFromTheFirstOpen()
            let (tracker, milepost) = try await launch()
            await apple.show(false)
            await apple.rest()
            StandInProcess.state.change { $0.isBusy = true }
            for i in 0..<100 { tracker.signal(.tag, "\(i)") }
            StandInProcess.beginAll()
            await apple.rest()
            XCTAssertTrue(milepost.isSuspended)
            await apple.show(true)
            tracker.shutdown()
            let tags = try signals(tracker).filter { $0.kind == "tag" }.map(\.value)
            XCTAssertEqual(tags, (0..<100).map(String.init))
        }

        func testTimeThatIsUpInTheMiddleClosesTheDatabase() async throws {
            let (tracker, milepost) = try await launch()
            await apple.show(false)
            for i in 0..<20 {
                tracker.signal(.tag, "\(i)")
                StandInProcess.expire()
            }
            await apple.rest()
            XCTAssertTrue(milepost.isSuspended)
            tracker.shutdown()
        }

        private func sense(seconds: Int) {
            for _ in 0..<(seconds * 50) {
                apple.pass(toNs: apple.clocks.continuousNs + 20_000_000)
                let uptimeS = Double(apple.clocks.uptimeNs) / 1e9
                apple.tell(.accelerometer([MotionReading(uptimeS: uptimeS, x: 0, y: 0.01, z: -1)]))
                apple.tell(.gyroscope([MotionReading(uptimeS: uptimeS, x: 0, y: 0, z: 0)]))
            }
        }

        private struct Said { let tS: Double; let kind, value: String }

        /// What the engine was told, as it was recorded.
        private func signals(_ tracker: MilepostTracker) throws -> [Said] {
            let plain = directory.appendingPathComponent("plain")
            try command("convert", XCTUnwrap(tracker.recordings.first).path, "--to", "plain", "--out", plain.path)
            return try lines(plain.appendingPathComponent("signals.csv")).dropFirst().map { line in
                let parts = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
                return Said(tS: try XCTUnwrap(Double(parts[0])), kind: parts[1], value: parts[2])
            }
        }
    }
#endif
