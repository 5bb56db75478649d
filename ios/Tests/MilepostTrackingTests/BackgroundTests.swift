import Foundation
import MilepostKit
import XCTest

@testable import MilepostTracking

/// The app off the screen: wake-ups, expiring activities, a database that is closed whenever iOS may suspend the app.
final class BackgroundTests: TrackingTestCase {
    func testOffTheScreenAndAtRestTheDatabaseIsClosedAndAWakeUpOpensItForAMoment() async throws {
        let tracker = onDuty()
        let client = await tracker.client()
        let milepost = try XCTUnwrap(client).milepost
        phone.change { $0.isForeground = false }
        phone.tell(.foreground(false))
        XCTAssertTrue(milepost.isSuspended)
        let before = phone.now.begun.count
        phone.pass(toNs: 60_000_000_000)
        phone.tell(.leftFence)
        XCTAssertEqual(phone.now.begun.count, before + 1)
        XCTAssertEqual(phone.now.open, 0)
        // Something moves: the plan wants the motion sensors, and iOS lets the app run for them.
        XCTAssertEqual(phone.now.mode, .awake)
        XCTAssertGreaterThan(phone.now.hz, 0)
        XCTAssertFalse(milepost.isSuspended)
        // What comes now needs no activity of its own.
        phone.tell(.signalsChanged)
        tracker.settle()
        XCTAssertEqual(phone.now.begun.count, before + 1)
        tracker.shutdown()
    }

    func testWithoutAnyTimeNothingIsLost() async throws {
        let tracker = onDuty()
        phone.change { $0.isForeground = false }
        phone.tell(.foreground(false))
        phone.change { $0.refusesTime = true }
        tracker.signal(.tag, "lost?")
        let client = await tracker.client()
        let milepost = try XCTUnwrap(client).milepost
        XCTAssertTrue(milepost.isSuspended)
        phone.change { $0.refusesTime = false }
        phone.tell(.foreground(true))
        tracker.settle()
        XCTAssertFalse(milepost.isSuspended)
        later(tracker)
        tracker.signal(.command, "start_trip")
        later(tracker)
        let found = try trips(await finish(tracker))
        XCTAssertEqual(found.last?.tags, ["lost?"])
        tracker.shutdown()
    }

    func testTimeThatRunsOutClosesTheDatabase() async throws {
        let tracker = onDuty()
        phone.change { $0.isForeground = false }
        phone.tell(.foreground(false))
        let client = await tracker.client()
        let milepost = try XCTUnwrap(client).milepost
        phone.pass(toNs: 5_000_000_000)
        phone.tell(.woken {})
        XCTAssertTrue(milepost.isSuspended)
        try milepost.resume()
        phone.change { $0.refusesTime = true }
        phone.tell(.network(.metered))
        phone.change { $0.refusesTime = false }
        phone.tell(.woken {})
        XCTAssertTrue(milepost.isSuspended)
        tracker.shutdown()
    }

    func testOnRelaunchTheFenceIsNeverTakenAwayBeforeTheEngineHasSpoken() throws {
        let first = onDuty()
        try Drive("made").play(phone, first)
        for _ in 0..<20 { later(first) }
        let fence = try XCTUnwrap(phone.now.fence, "\(first.state)")
        first.shutdown()
        phone.change { $0.fence = fence; $0.fenceOrders = 0; $0.isForeground = false }
        let again = tracker()
        again.settle()
        XCTAssertEqual(phone.now.fence, fence)
        again.shutdown()
    }

    func testAPermissionThatIsTakenAwayIsABlockerWithARemedyAndComesBack() async throws {
        let tracker = onDuty()
        phone.change { $0.location = .denied }
        phone.tell(.permissionChanged)
        later(tracker)
        XCTAssertEqual(tracker.state.permissions.next, .location)
        XCTAssertEqual(tracker.state.permissions.way, .settings)
        XCTAssertTrue(blockers(tracker).contains(Blocker(name: "permission_denied", remedy: "allow_location")))
        phone.change { $0.location = .always(precise: false) }
        phone.tell(.permissionChanged)
        later(tracker)
        XCTAssertTrue(blockers(tracker).contains { $0.name == "reduced_accuracy" }, "\(blockers(tracker))")
        phone.change { $0.location = .always(precise: true) }
        phone.tell(.permissionChanged)
        later(tracker)
        XCTAssertEqual(blockers(tracker), [])
        tracker.shutdown()
    }

    func testQuestionsArePutToThePersonOnceAndRemembered() {
        phone.change { $0.location = .notAsked; $0.motion = .notAsked }
        let tracker = tracker()
        XCTAssertEqual(tracker.request(), .location)
        phone.change { $0.location = .whileInUse(precise: true) }
        phone.tell(.permissionChanged)
        tracker.settle()
        XCTAssertEqual(tracker.request(), .motion)
        phone.change { $0.motion = .allowed }
        tracker.resume()
        tracker.settle()
        XCTAssertEqual(tracker.request(), .always)
        XCTAssertEqual(tracker.state.permissions.way, .settings, "iOS may never answer")
        XCTAssertEqual(phone.now.asked, [.location, .motion, .always])
        tracker.shutdown()
        let again = self.tracker()
        XCTAssertEqual(again.state.permissions.way, .settings)
        again.shutdown()
    }

    func testACoreThatCannotBeOpenedIsAReasonAndNotACrash() async throws {
        let tracker = tracker { $0.overridesJSON = #"{"no_such_key": 1}"# }
        let client = await tracker.client()
        XCTAssertNil(client)
        XCTAssertTrue(tracker.state.error?.contains("no_such_key") == true, "\(tracker.state)")
        tracker.setDuty(true)
        phone.tell(.leftFence)
        do {
            try await tracker.erase()
            XCTFail("nothing was erased, and nobody says so")
        } catch MilepostError.Storage(let reason) {
            XCTAssertTrue(reason.contains("no_such_key"), reason)
        }
        tracker.shutdown()
    }

    func testEightThreadsTellAtOnce() async throws {
        let tracker = onDuty()
        let phone = phone
        await withTaskGroup(of: Void.self) { group in
            for worker in 0..<8 {
                group.addTask {
                    for round in 0..<50 {
                        phone.tell(.accelerometer([.init(uptimeS: Double(round) / 100, x: 0, y: 0, z: -1)]))
                        phone.tell(.foreground((round + worker) % 2 == 0))
                        phone.tell(.signalsChanged)
                        tracker.signal(.tag, "\(worker)")
                    }
                }
            }
        }
        phone.tell(.foreground(true))
        tracker.settle()
        let records = try await finish(tracker)
        XCTAssertFalse(records.isEmpty)
        tracker.shutdown()
    }

    /// A minute passes, and the engine hears of it.
    private func later(_ tracker: MilepostTracker) {
        tracker.settle()
        phone.pass(toNs: phone.clocks.continuousNs + 60_000_000_000)
        phone.tell(.woken {})
        tracker.settle()
    }

    private func blockers(_ tracker: MilepostTracker) -> [Blocker] {
        tracker.state.tracking?.blockers ?? []
    }
}
