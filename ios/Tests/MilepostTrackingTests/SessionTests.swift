import Foundation
import MilepostKit
import XCTest

@testable import MilepostTracking

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// Uploads by a real URLSession to a real server: bodies as files, answers, tokens, and a process that dies meanwhile. The
/// session is one that lives no longer than the process, as Linux has no other; where it shall, it outlives the tracker.
final class SessionTests: TrackingTestCase {
    func testADriveIsUploadedAndTheServerHoldsWhatTheCommandMakesOfItsRecording() async throws {
        let server = try IngestServer()
        defer { server.stop() }
        let tracker = try await afterADrive(server, session())
        try await deliver(tracker)
        tracker.shutdown()
        try await assertHolds(server, replay(XCTUnwrap(tracker.recordings.first)))
    }

    func testARefusedTokenIsAskedForAnewAndThenAllArrives() async throws {
        let server = try IngestServer(token: "second")
        defer { server.stop() }
        let tracker = try await afterADrive(server, session())
        let tokens = Tokens(["first", "second"])
        tracker.setTokenSource { await tokens.next() }
        try await deliver(tracker)
        let asked = await tokens.asked
        XCTAssertGreaterThanOrEqual(asked, 2)
        tracker.shutdown()
        try await assertHolds(server, replay(XCTUnwrap(tracker.recordings.first)))
    }

    func testKilledInMidUploadAnotherProcessHearsTheAnswerAndSendsNothingTwice() async throws {
        let server = try IngestServer()
        defer { server.stop() }
        let session = session()
        let killed = try await afterADrive(server, session)
        let sent = try await send(killed, session, to: server)
        let disk = try copyOfTheDisk()
        killed.shutdown()

        let again = tracker(session) { $0.directory = disk; $0.uploadURL = server.url }
        _ = await again.client()
        again.uploadNow()
        again.settle()
        let carried = await inFlight(session)
        XCTAssertEqual(carried.filter(sent.contains), sent, "carried, and not once more")
        server.goOn()
        try await deliver(again)
        again.shutdown()
        try await assertHolds(server, replay(XCTUnwrap(killed.recordings.first)))
    }

    func testKilledInMidUploadWithTheTransferTheSameBatchGoesAgain() async throws {
        let server = try IngestServer()
        defer { server.stop() }
        let lost = session()
        let killed = try await afterADrive(server, lost)
        let sent = try await send(killed, lost, to: server)
        let disk = try copyOfTheDisk()
        killed.shutdown()
        // Nobody hears that it was cancelled: FakePhone has no tracker now.
        phone.start { _ in }
        lost.cancelAll()
        while await !inFlight(lost).isEmpty { await Task.yield() }

        let session = session()
        let again = tracker(session) { $0.directory = disk; $0.uploadURL = server.url }
        _ = await again.client()
        again.uploadNow()
        again.settle()
        let carried = await inFlight(session)
        XCTAssertTrue(Set(sent).isSubset(of: carried), "\(sent) \(carried)")
        server.goOn()
        try await deliver(again)
        again.shutdown()
        try await assertHolds(server, replay(XCTUnwrap(killed.recordings.first)))
    }

    func testAServerThatIsGoneIsNoAnswerAndWhatWaitsStays() async throws {
        let server = try IngestServer()
        server.stop()
        let tracker = try await afterADrive(server, session())
        phone.change { $0.wakeAt = nil }
        goOnline()
        tracker.uploadNow()
        tracker.settle()
        while phone.now.wakeAt == nil { await Task.yield() }
        tracker.settle()
        XCTAssertGreaterThan(tracker.state.tracking?.unsent ?? 0, 0)
        tracker.shutdown()
    }

    private func session() -> AppleUploads {
        AppleUploads(.ephemeral) { [phone] in phone.tell($0) }
    }

    private func tracker(_ uploads: AppleUploads, _ change: (inout TrackerConfiguration) -> Void) -> MilepostTracker {
        let platform = Platform(
            motion: phone, locations: phone, activities: phone, phone: phone, background: phone, uploads: uploads)
        return MilepostTracker(configuration(change), platform: platform)
    }

    /// A recorded drive that is over; nothing of it was sent yet.
    private func afterADrive(_ server: IngestServer, _ uploads: AppleUploads) async throws -> MilepostTracker {
        recordFromTheFirstOpen()
        phone.change { $0.network = .none }
        let tracker = tracker(uploads) { $0.uploadURL = server.url }
        tracker.setConsent(true)
        tracker.setDuty(true)
        _ = await tracker.client()
        tracker.settle()
        try Drive("made").play(phone, tracker)
        _ = try await finish(tracker)
        return tracker
    }

    /// Sends to a server that does not answer; the ids on their way.
    private func send(_ tracker: MilepostTracker, _ uploads: AppleUploads, to server: IngestServer) async throws -> [String] {
        server.pause()
        goOnline()
        tracker.uploadNow()
        tracker.settle()
        let ids = await inFlight(uploads)
        XCTAssertFalse(ids.isEmpty)
        return ids
    }

    private func inFlight(_ uploads: AppleUploads) async -> [String] {
        await withCheckedContinuation { answer in uploads.inFlight { answer.resume(returning: $0.sorted()) } }
    }

    private func goOnline() {
        phone.change { $0.network = .unmetered }
        phone.tell(.network(.unmetered))
    }

    /// Until the server has everything.
    private func deliver(_ tracker: MilepostTracker) async throws {
        goOnline()
        let end = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < end {
            tracker.uploadNow()
            tracker.settle()
            if tracker.state.tracking?.unsent == 0 { return }
            // A wait that the core asks for passes in the phone's time.
            phone.pass(toNs: phone.clocks.continuousNs + 1_000_000_000)
            await Task.yield()
        }
        XCTFail("not delivered: \(tracker.state)")
    }

    private func copyOfTheDisk() throws -> URL {
        let disk = directory.appendingPathComponent("disk")
        try FileManager.default.createDirectory(at: disk, withIntermediateDirectories: true)
        for item in ["core", "uploads", "tracker.json"] {
            try FileManager.default.copyItem(
                at: directory.appendingPathComponent(item), to: disk.appendingPathComponent(item))
        }
        return disk
    }

    /// Every record at its last revision, byte for byte. Tracks, which the server gets too, are no records of a replay.
    private func assertHolds(_ server: IngestServer, _ lines: [String], line: UInt = #line) async throws {
        func byID(_ lines: [String]) throws -> [String: String] {
            struct Head: Decodable { let schema, id: String }
            return try lines.reduce(into: [:]) {
                let head = try JSONDecoder().decode(Head.self, from: Data($1.utf8))
                $0["\(head.schema) \(head.id)"] = $1
            }
        }
        let held = try byID(await server.records())
        let expected = try byID(lines)
        XCTAssertGreaterThan(expected.count, 3, line: line)
        for (key, json) in expected { XCTAssertEqual(held[key], json, line: line) }
        let more = held.keys.filter { expected[$0] == nil && !$0.hasPrefix("milepost.track/") }
        XCTAssertEqual(more, [], line: line)
    }

    private actor Tokens {
        private var rest: [String]
        private(set) var asked = 0
        init(_ tokens: [String]) { rest = tokens }
        func next() -> String? {
            asked += 1
            return rest.count > 1 ? rest.removeFirst() : rest.first
        }
    }
}
