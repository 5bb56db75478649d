import Foundation
import MilepostKit
import MilepostTesting
import XCTest

@testable import MilepostTracking

/// What a person says by hand: trips begun and ended, impacts denied; and what is said in vain.
final class CommandTests: TrackingTestCase {
    /// Before the driver drives off, and in the middle of the drive: seconds of it.
    private let begunS = 20.0
    private let endedS = 200.0
    /// What is decided is known so much later: the engine waits for streams that are late.
    private let lateS = 12.0
    /// Longer than `impact_cancel_s`.
    private let tooLateS = 45.0

    func testATripThatIsBegunAndEndedByHandIsAsLongAsWasSaid() async throws {
        let tracker = onDuty()
        let drive = try Drive("made")
        drive.play(phone, tracker, toS: begunS)
        tracker.startTrip()
        drive.play(phone, tracker, fromS: begunS, toS: endedS)
        let open = try await newest(tracker)
        XCTAssertEqual(open.map(\.status), [.open])
        tracker.stopTrip()
        tracker.settle()
        let trip = try trips(await finish(tracker)).last
        XCTAssertEqual(trip?.status, .ended)
        XCTAssertEqual(trip?.endReason?.rawValue, "command")
        XCTAssertEqual(try XCTUnwrap(trip).startTS, begunS, accuracy: 1)
        XCTAssertEqual(trip?.endTS ?? 0, endedS, accuracy: 1)
        XCTAssertGreaterThan(trip?.distanceM ?? 0, 500)
        tracker.shutdown()
    }

    func testSaidTwiceItCountsOnce() async throws {
        let tracker = onDuty()
        let drive = try Drive("made")
        drive.play(phone, tracker, toS: begunS)
        tracker.startTrip()
        tracker.startTrip()
        drive.play(phone, tracker, fromS: begunS, toS: endedS)
        tracker.stopTrip()
        drive.play(phone, tracker, fromS: endedS, toS: endedS + lateS)
        let once = try await newest(tracker)
        XCTAssertEqual(once.map(\.endReason?.rawValue), ["command"])
        tracker.stopTrip()
        drive.play(phone, tracker, fromS: endedS + lateS, toS: endedS + 2 * lateS)
        let twice = try await newest(tracker)
        XCTAssertEqual(twice, once)
        tracker.startTrip()
        drive.play(phone, tracker, fromS: endedS + 2 * lateS, toS: endedS + 4 * lateS)
        let begunAgain = try await newest(tracker)
        XCTAssertEqual(begunAgain.count, 2)
        tracker.shutdown()
    }

    func testNothingToEndAndNothingToDenyAndNoCommandIsNoTroubleAndTakesNothingAlong() async throws {
        recordFromTheFirstOpen()
        let tracker = onDuty()
        tracker.stopTrip()
        tracker.denyImpact()
        phone.tell(.leftFence)
        tracker.settle()
        XCTAssertGreaterThan(phone.hz, 0)
        // Less than a second of samples: they wait for their batch.
        for i in 1...20 {
            phone.tell(.accelerometer([.init(uptimeS: Double(i) / 50, x: 0, y: 0, z: -1)]))
            phone.tell(.gyroscope([.init(uptimeS: Double(i) / 50, x: 0, y: 0, z: 0)]))
        }
        tracker.signal(.command, "fly")
        tracker.settle()
        let records = try await finish(tracker)
        XCTAssertTrue(records.allSatisfy { ![Trip.schema, Event.schema].contains($0.schema) }, "\(records.map(\.schema))")
        XCTAssertNil(tracker.state.error)
        tracker.shutdown()
        let plain = directory.appendingPathComponent("plain")
        try command("convert", XCTUnwrap(tracker.recordings.first).path, "--to", "plain", "--out", plain.path)
        XCTAssertEqual(try lines(plain.appendingPathComponent("imu.csv")).count, 1 + 20, "what waited beside it was taken")
        XCTAssertFalse(try lines(plain.appendingPathComponent("signals.csv")).contains { $0.contains("fly") })
    }

    func testOffDutyOrWithoutConsentThereIsNoTripNorLater() async throws {
        let tracker = onDuty()
        let said: [() -> Void] = [
            { tracker.setDuty(false) }, tracker.startTrip, { tracker.setDuty(true) }, { tracker.setConsent(false) },
            tracker.startTrip, { tracker.setConsent(true) },
        ]
        for say in said {
            phone.pass(toNs: phone.clocks.continuousNs + 1_000_000_000)
            say()
            tracker.settle()
        }
        try Drive("made").play(phone, tracker, fromS: 10, toS: begunS)
        let found = try trips(await finish(tracker))
        XCTAssertEqual(found, [])
        tracker.shutdown()
    }

    func testAnImpactThatIsDeniedIsCancelledAndDeniedAgainItStaysSo() async throws {
        let tracker = onDuty()
        let drive = try Drive("rear_end")
        let toldS = try await driveIntoTheImpact(drive, tracker)
        tracker.denyImpact()
        drive.play(phone, tracker, fromS: toldS, toS: toldS + 2 * lateS)
        let denied = try await impacts(tracker).last
        XCTAssertEqual(denied?.cancelled, .denied)
        XCTAssertEqual(denied?.status, .unconfirmed)
        tracker.denyImpact()
        tracker.settle()
        _ = try await finish(tracker)
        let last = try await impacts(tracker).last
        XCTAssertEqual(last, denied)
        tracker.shutdown()
    }

    func testAnImpactThatIsDeniedTooLateIsNotDenied() async throws {
        let tracker = onDuty()
        let drive = try Drive("rear_end")
        let toldS = try await driveIntoTheImpact(drive, tracker)
        drive.play(phone, tracker, fromS: toldS, toS: toldS + tooLateS)
        tracker.denyImpact()
        tracker.settle()
        _ = try await finish(tracker)
        let last = try await impacts(tracker).last
        XCTAssertNotNil(last)
        // Whether it stands is a matter of the trip around it.
        XCTAssertNotEqual(last?.cancelled, .denied)
        tracker.shutdown()
    }

    /// Drives on until it is told; that second of the drive.
    private func driveIntoTheImpact(_ drive: Drive, _ tracker: MilepostTracker) async throws -> Double {
        let whole = try Replay.named("rear_end").records.split(separator: "\n")
            .compactMap { try? JSONDecoder().decode(Revision<Event>.self, from: Data($0.utf8)) }
        let impact = try XCTUnwrap(whole.first { $0.type == .impact })
        let toldS = impact.tS + 1 + lateS
        // Whether the ride would be found is another question.
        tracker.startTrip()
        drive.play(phone, tracker, toS: toldS)
        let told = try await impacts(tracker)
        XCTAssertFalse(told.isEmpty)
        XCTAssertNil(told.last?.cancelled)
        return toldS
    }

    private func records(_ tracker: MilepostTracker) async throws -> [StoredRecord] {
        let client = await tracker.client()
        return try await XCTUnwrap(client).call { milepost in
            var all: [StoredRecord] = []
            try milepost.forEachRecord { all.append($0) }
            return all
        }
    }

    private func impacts(_ tracker: MilepostTracker) async throws -> [Revision<Event>] {
        try await records(tracker).compactMap {
            if case .event(let event) = try $0.decoded(), event.type == .impact { event } else { nil }
        }
    }

    /// Each trip at its last revision, in the order of their beginnings.
    private func newest(_ tracker: MilepostTracker) async throws -> [Revision<Trip>] {
        var newest: [String: Revision<Trip>] = [:]
        for trip in try trips(await records(tracker)) { newest[trip.id] = trip }
        return newest.values.sorted { $0.startTS < $1.startTS }
    }
}
