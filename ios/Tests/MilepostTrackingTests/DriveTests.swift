import Foundation
import MilepostKit
import XCTest

@testable import MilepostTracking

/// A drive as a phone lives through it: real tracker, real Rust, a fake phone that gives what was asked for.
final class DriveTests: TrackingTestCase {
    func testADriveThatIsSensedGivesTheRecordsOfTheCommandByteForByte() async throws {
        recordFromTheFirstOpen()
        let first = tracker()
        first.setConsent(true)
        first.setDuty(true)
        first.settle()
        let plans = Plans()
        let states = first.states
        let watch = Task { for await state in states { await plans.add(state.tracking?.plan) } }
        let drive = try Drive("made")
        drive.play(phone, first)
        let ours = try await finish(first).map(\.json)
        first.shutdown()
        watch.cancel()

        // The plan was followed: there were times without and with the receiver, without and with samples.
        let seen = await plans.all
        XCTAssertTrue(seen.contains { !$0.gnss.isOn && $0.imuHz == 0 }, "\(seen)")
        XCTAssertTrue(seen.contains { $0.gnss.isOn && $0.imuHz > 0 }, "\(seen)")
        let recordings = first.recordings
        XCTAssertEqual(recordings.count, 1)
        XCTAssertEqual(ours, try replay(try XCTUnwrap(recordings.first)))

        // And what the phone found is what the drive was.
        let trip = try XCTUnwrap(
            ours.compactMap { try? JSONDecoder().decode(Revision<Trip>.self, from: Data($0.utf8)) }.last)
        XCTAssertEqual(trip.status, .ended)
        XCTAssertEqual(trip.mode, .automotive)
        XCTAssertGreaterThan(trip.distanceM, 1500)
        XCTAssertTrue(ours.contains { $0.contains(Score.schema) })
    }

    func testAProcessThatDiesInMidTripComesBackAndThereIsOneTripThatGoesOn() async throws {
        let drive = try Drive("made")
        let killed = onDuty()
        drive.play(phone, killed, toS: 300)
        XCTAssertEqual(killed.state.tracking?.isMoving, true, "\(killed.state)")
        // Memory is short: nobody says goodbye. All that is left is what lies on the disk at this moment.
        let disk = directory.appendingPathComponent("disk")
        for item in try FileManager.default.contentsOfDirectory(atPath: directory.path) {
            try FileManager.default.createDirectory(at: disk, withIntermediateDirectories: true)
            try FileManager.default.copyItem(
                at: directory.appendingPathComponent(item), to: disk.appendingPathComponent(item))
        }
        killed.shutdown()
        phone.change { $0.isForeground = false; $0.hz = 0; $0.mode = .off }

        // iOS starts the app for a position; nobody has told the new tracker anything.
        let again = tracker { $0.directory = disk }
        again.settle()
        XCTAssertTrue(again.state.onDuty && again.state.consent)
        XCTAssertEqual(again.state.tracking?.isMoving, true, "\(again.state)")
        XCTAssertEqual(phone.now.mode, .receiver)
        drive.play(phone, again, fromS: 300)
        let found = try trips(await finish(again))
        XCTAssertEqual(Set(found.map(\.id)).count, 1)
        XCTAssertEqual(found.last?.status, .ended)
        XCTAssertGreaterThan(found.last?.distanceM ?? 0, 1500)
        again.shutdown()
    }

    func testTripsAreFollowedAlsoWhenTheCoreIsOpenedAnewMeanwhile() async throws {
        let drive = try Drive("made")
        let tracker = onDuty()
        var trips = tracker.trips().makeAsyncIterator()
        var now = await trips.next()
        XCTAssertEqual(now, [])
        drive.play(phone, tracker, toS: 300)
        while now?.isEmpty == true { now = await trips.next() }
        XCTAssertEqual(now?.map(\.trip.status), [.open])
        tracker.setRecording(true)
        drive.play(phone, tracker, fromS: 300)
        _ = try await finish(tracker)
        while now?.first?.score == nil { now = await trips.next() }
        XCTAssertEqual(now?.map(\.trip.status), [.ended])
        tracker.shutdown()
    }

    func testADriveOffDutyAsksNothingOfTheSensorsAndKeepsNothing() async throws {
        let tracker = onDuty()
        tracker.setDuty(false)
        tracker.settle()
        XCTAssertEqual(phone.now.mode, .off)
        try Drive("made").play(phone, tracker, toS: 300)
        XCTAssertEqual(phone.now.hz, 0)
        XCTAssertEqual(phone.now.mode, .off)
        let records = try await finish(tracker)
        XCTAssertTrue(records.allSatisfy { ![Trip.schema, Event.schema].contains($0.schema) }, "\(records.map(\.schema))")
        tracker.shutdown()
    }

    private actor Plans {
        private(set) var all: Set<SensingPlan> = []
        func add(_ plan: SensingPlan?) { if let plan { all.insert(plan) } }
    }
}
