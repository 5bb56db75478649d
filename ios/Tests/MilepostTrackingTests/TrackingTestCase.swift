import Foundation
import MilepostKit
import XCTest

@testable import MilepostTracking

/// A test with a folder, a phone, and a tracker on duty.
class TrackingTestCase: XCTestCase {
    let phone = FakePhone()
    private(set) var directory = FileManager.default.temporaryDirectory

    override func setUpWithError() throws {
        directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    override func tearDownWithError() throws {
        try FileManager.default.removeItem(at: directory)
    }

    func configuration(_ change: (inout TrackerConfiguration) -> Void = { _ in }) -> TrackerConfiguration {
        var configuration = TrackerConfiguration()
        configuration.directory = directory
        // The summary of a replay says that it gives out states.
        configuration.overridesJSON = #"{"states": true}"#
        change(&configuration)
        return configuration
    }

    func tracker(_ change: (inout TrackerConfiguration) -> Void = { _ in }) -> MilepostTracker {
        MilepostTracker(configuration(change), platform: phone.platform)
    }

    func onDuty(_ change: (inout TrackerConfiguration) -> Void = { _ in }) -> MilepostTracker {
        let tracker = tracker(change)
        tracker.setConsent(true)
        tracker.setDuty(true)
        tracker.settle()
        return tracker
    }

    /// Ends the input, and gives every record there is.
    func finish(_ tracker: MilepostTracker) async throws -> [StoredRecord] {
        let client = await tracker.client()
        return try await XCTUnwrap(client).call { milepost in
            try milepost.endInput()
            try milepost.flush()
            var all: [StoredRecord] = []
            try milepost.forEachRecord { all.append($0) }
            return all
        }
    }

    func trips(_ records: [StoredRecord]) throws -> [Revision<Trip>] {
        try records.compactMap { if case .trip(let trip) = try $0.decoded() { trip } else { nil } }
    }

    /// What the command makes of a recording.
    func replay(_ recording: URL) throws -> [String] {
        let out = directory.appendingPathComponent("replayed")
        try command("replay", recording.path, "--out", out.path)
        return try lines(out.appendingPathComponent("records.jsonl"))
    }

    /// Runs the command.
    func command(_ arguments: String...) throws {
        let command = try XCTUnwrap(ProcessInfo.processInfo.environment["MILEPOST_COMMAND"], "no milepost command")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: command)
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        XCTAssertEqual(process.terminationStatus, 0, "\(arguments)")
    }

    func lines(_ file: URL) throws -> [String] {
        try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map(String.init)
    }

    /// From now on the first open of a tracker in this folder is recorded: all that the engine has ever heard.
    func recordFromTheFirstOpen() {
        var kept = Kept()
        kept.recording = true
        kept.write(directory.appendingPathComponent("tracker.json"))
    }
}
