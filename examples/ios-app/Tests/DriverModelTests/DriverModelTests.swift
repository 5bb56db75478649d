import Foundation
import MilepostKit
import MilepostTesting
import MilepostTracking
import XCTest

@testable import DriverModel

/// What the app shows of a drive, of obstacles and of a queue: through the real library, without a screen.
final class DriverModelTests: XCTestCase {
    private var directory = FileManager.default.temporaryDirectory

    override func setUpWithError() throws {
        directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    }

    override func tearDownWithError() throws {
        try? FileManager.default.removeItem(at: directory)
    }

    func testADriveIsATripWithItsWayItsEventsAndItsScoreExplained() throws {
        let item = try trip(of: "rear_end")
        XCTAssertTrue(item.title.hasSuffix("min") && item.title.contains("km"), item.title)
        XCTAssertTrue(item.subtitle.hasPrefix("ended at"), item.subtitle)
        XCTAssertTrue(item.happenings.contains { $0.title == "Impact" && $0.detail.contains("km/h") }, "\(item.happenings)")
        XCTAssertTrue(item.happenings.contains { $0.detail.contains("from") && $0.detail.contains("it counts") })
        XCTAssertEqual(item.categories.map(\.name), ["Braking", "Acceleration", "Cornering", "Speeding", "Phone"])
        XCTAssertTrue(item.categories.contains { $0.said == "limits are not known" || $0.said.contains("of 100") })
        let score = try XCTUnwrap(item.score)
        XCTAssertTrue((0...100).contains(score))
        XCTAssertTrue(item.spoken.contains("score \(score)"))
        XCTAssertGreaterThan(item.shape.points.count, 3)
        XCTAssertGreaterThan(item.shape.events, 0)
    }

    func testATripBelongsToTheDayOnWhichItBegan() throws {
        let item = try trip(of: "made")
        let started = try XCTUnwrap(item.startedAt)
        // Two minutes after the recording began, by the clock that jumped later.
        XCTAssertEqual(started.timeIntervalSince1970, 1_767_600_000 + 120, accuracy: 5)
        XCTAssertEqual(TripItem.of(started, [item]), [item])
        XCTAssertEqual(TripItem.of(started + 2 * 86_400, [item]), [])
    }

    func testAShapeFitsWithItsMarginNorthUpAndUndistorted() {
        // A kilometre east, then two north, at 60° where a degree of longitude is half as long.
        let shape = TrackShape([
            .init(Position(lonDeg: 10, latDeg: 60), isEvent: false),
            .init(Position(lonDeg: 10.02, latDeg: 60), isEvent: true),
            .init(Position(lonDeg: 10.02, latDeg: 60.02), isEvent: false),
        ])
        let spots = shape.fitted(width: 300, height: 140, margin: 20)
        XCTAssertEqual(spots.map(\.isEvent), [false, true, false])
        XCTAssertEqual(spots.map(\.isEnd), [true, false, true])
        XCTAssertEqual(spots[0].y - spots[2].y, 100, accuracy: 1e-6, "as large as fits")
        XCTAssertEqual(spots[1].x - spots[0].x, 50, accuracy: 1e-3, "the same scale in both directions")
        XCTAssertLessThan(spots[2].y, spots[1].y, "north is up")
        XCTAssertTrue(spots.allSatisfy { (20...280).contains($0.x) && (19.9...120.1).contains($0.y) })
        let still = TrackShape([.init(Position(lonDeg: 1, latDeg: 1), isEvent: false)])
        XCTAssertEqual(still.fitted(width: 300, height: 140, margin: 20).map(\.x), [150])
        XCTAssertEqual(TrackShape([]).fitted(width: 300, height: 140, margin: 20), [])
        let dateLine = TrackShape([
            .init(Position(lonDeg: 179.99, latDeg: 0), isEvent: false),
            .init(Position(lonDeg: -179.99, latDeg: 0.02), isEvent: false),
        ]).fitted(width: 140, height: 140, margin: 20)
        XCTAssertEqual(dateLine[1].x - dateLine[0].x, 100, accuracy: 1e-3)
    }

    func testAScreenSaysWhatStandsInTheWayOnceAndWhatToDo() {
        var tracking = TrackingState(plan: .nothing, blockers: [], unsent: 3, parked: 0)
        tracking.blockers = [
            Blocker(name: "no_consent", remedy: "ask_for_consent"), Blocker(name: "off_duty", remedy: "go_on_duty"),
            Blocker(name: "provider_off", remedy: "turn_location_on"), Blocker(name: "new_word", remedy: "new_remedy"),
        ]
        let screen = Screen(state(tracking), hasServer: true)
        XCTAssertEqual(screen.obstacles.map(\.name), ["no_consent", "provider_off", "new_word"])
        XCTAssertEqual(screen.obstacles.map(\.remedy), [.agree, .settings, .settings])
        XCTAssertEqual(screen.obstacles.map(\.help), ["I agree", "Switch it on", nil])
        XCTAssertEqual(screen.upload, "3 records wait for upload.")
        XCTAssertTrue(screen.canSend)
        XCTAssertFalse(Screen(state(tracking), hasServer: false).canSend)
        tracking.unsent = 0
        tracking.parked = 2
        XCTAssertEqual(
            Screen(state(tracking), hasServer: true).upload, "Everything is uploaded. 2 were refused by the server.")
    }

    func testEveryWordThatTheEngineHasIsAWordForAPerson() throws {
        let docs = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../../../docs/records.md").standardized
        let text = try String(contentsOf: docs, encoding: .utf8)
        let section = try XCTUnwrap(text.components(separatedBy: "| blocker | |").last?.components(separatedBy: "###").first)
        let names = section.split(separator: "\n").compactMap { $0.split(separator: "`").dropFirst().first }.map(String.init)
        XCTAssertGreaterThan(names.count, 9)
        for name in names where name != "off_duty" { XCTAssertNotEqual(Words.blocker(name).words, name) }
        for step in Permissions.Step.allCases { XCTAssertGreaterThan(Words.step(step).count, 40) }
    }

    private func state(_ tracking: TrackingState) -> TrackerState {
        TrackerState.preview(tracking)
    }

    private func trip(of name: String) throws -> TripItem {
        let replay = try Replay.named(name)
        let milepost = try Milepost(replay.configuration(directory.appendingPathComponent(name)))
        try replay.play(milepost)
        let id = try XCTUnwrap(milepost.trips().first).id
        let account = try XCTUnwrap(TripAccount(milepost.trip(id)))
        try milepost.close()
        return TripItem(account)
    }
}
