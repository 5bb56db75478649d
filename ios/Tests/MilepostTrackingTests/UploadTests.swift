import Foundation
import MilepostKit
import XCTest

@testable import MilepostTracking

/// Uploads through a background session: bodies in files, answers in another process, batches that somebody still carries.
final class UploadTests: TrackingTestCase {
    private let server = URL(string: "http://127.0.0.1:9/v1/batches")

    private func afterADrive() throws -> MilepostTracker {
        let tracker = onDuty { $0.uploadURL = self.server }
        try Drive("made").play(phone, tracker)
        return tracker
    }

    func testWhatWaitsIsSentAsAFileAndAckedByTheServersAnswer() async throws {
        let tracker = try afterADrive()
        tracker.uploadNow()
        tracker.settle()
        var sent = 0
        while let upload = phone.now.uploads.dropFirst(sent).first {
            sent += 1
            XCTAssertEqual(upload.url, server)
            XCTAssertTrue(upload.headers.contains { $0.name.lowercased() == "idempotency-key" }, "\(upload.headers)")
            XCTAssertGreaterThan(try Data(contentsOf: upload.body).count, 50)
            let all = try ackAll(tracker)
            answer(upload, status: 200, body: all)
            tracker.uploadNow()
            tracker.settle()
            XCTAssertFalse(FileManager.default.fileExists(atPath: upload.body.path))
        }
        XCTAssertGreaterThan(sent, 0)
        XCTAssertEqual(tracker.state.tracking?.unsent, 0, "\(tracker.state)")
        XCTAssertEqual(tracker.state.tracking?.parked, 0)
        tracker.shutdown()
    }

    func testAnotherProcessKnowsWhatIsOnItsWayAndSendsItNotAgainUntilItIsLost() throws {
        let first = try afterADrive()
        first.uploadNow()
        first.settle()
        let upload = try XCTUnwrap(phone.now.uploads.last)
        first.shutdown()
        // A body that nobody carries lies about.
        let orphan = upload.body.deletingLastPathComponent().appendingPathComponent("019b8d2d-60c0-707d-a652-7d3061548ed7")
        try Data("old".utf8).write(to: orphan)
        phone.change { $0.inFlight = [upload.id]; $0.uploads = [] }
        let second = tracker { $0.uploadURL = self.server }
        second.uploadNow()
        second.settle()
        XCTAssertFalse(phone.now.uploads.contains { $0.id == upload.id })
        XCTAssertTrue(FileManager.default.fileExists(atPath: upload.body.path))
        XCTAssertFalse(FileManager.default.fileExists(atPath: orphan.path))
        second.shutdown()
        // The session has lost it: the same batch goes again.
        phone.change { $0.inFlight = []; $0.uploads = [] }
        let third = tracker { $0.uploadURL = self.server }
        third.uploadNow()
        third.settle()
        XCTAssertFalse(phone.now.uploads.isEmpty)
        XCTAssertFalse(FileManager.default.fileExists(atPath: upload.body.path) && phone.now.uploads.allSatisfy { $0.id != upload.id })
        third.shutdown()
    }

    func testAServerThatIsDownIsTriedAgainAtATimeForWhichIOSIsAsked() throws {
        let tracker = try afterADrive()
        tracker.uploadNow()
        tracker.settle()
        let upload = try XCTUnwrap(phone.now.uploads.last)
        answer(upload, status: 503, body: Data())
        tracker.settle()
        let wake = try XCTUnwrap(phone.now.wakeAt)
        let inS = wake.timeIntervalSince1970 - Double(phone.clocks.wallMs) / 1000
        XCTAssertGreaterThanOrEqual(inS, 0)
        XCTAssertEqual(phone.now.uploads.count, 1)
        XCTAssertNotEqual(tracker.state.tracking?.unsent, 0)
        tracker.shutdown()
    }

    func testARefusedTokenIsAskedForAnew() async throws {
        let tracker = try afterADrive()
        let asked = Asked()
        tracker.setTokenSource { await asked.next() }
        tracker.uploadNow()
        tracker.settle()
        let upload = try XCTUnwrap(phone.now.uploads.last)
        answer(upload, status: 401, body: Data())
        for _ in 0..<200 where await asked.count < 2 { try await Task.sleep(nanoseconds: 10_000_000) }
        let count = await asked.count
        XCTAssertGreaterThanOrEqual(count, 2)
        tracker.shutdown()
    }

    func testErasedNothingOfItIsOnItsWay() async throws {
        let tracker = try afterADrive()
        tracker.uploadNow()
        tracker.settle()
        let upload = try XCTUnwrap(phone.now.uploads.last)
        try await tracker.erase()
        tracker.settle()
        XCTAssertEqual(phone.now.cancelled, 1)
        XCTAssertFalse(FileManager.default.fileExists(atPath: upload.body.path))
        let client = await tracker.client()
        let trips = try await XCTUnwrap(client).trips()
        XCTAssertEqual(trips, [])
        tracker.shutdown()
    }

    func testABackgroundSessionsEventsAreToldBack() async {
        let tracker = tracker()
        let phone = phone
        await withCheckedContinuation { told in
            Task { @MainActor in
                tracker.handleBackgroundUploads { told.resume() }
                phone.tell(.uploadsTold)
            }
        }
        tracker.shutdown()
    }

    private func answer(_ upload: Upload, status: Int32, body: Data) {
        phone.change { $0.inFlight.removeAll { $0 == upload.id } }
        phone.tell(.uploadFinished(id: upload.id, outcome: .answer(status: status, retryAfter: nil, body: body)))
    }

    /// What a server says that has kept everything it was ever sent.
    private func ackAll(_ tracker: MilepostTracker) throws -> Data {
        let got = DispatchSemaphore(value: 0)
        let lines = Lines()
        Task {
            await tracker.client().map { client in
                try? client.milepost.forEachRecord { lines.add("{\"id\":\"\($0.id)\",\"rev\":\($0.rev)}") }
            }
            got.signal()
        }
        got.wait()
        return Data("{\"acked\":[\(lines.all.joined(separator: ","))]}".utf8)
    }

    private final class Lines: @unchecked Sendable {
        private let lock = NSLock()
        private var lines: [String] = []
        func add(_ line: String) { lock.withLock { lines.append(line) } }
        var all: [String] { lock.withLock { lines } }
    }

    private actor Asked {
        private(set) var count = 0
        func next() -> String? {
            count += 1
            return "token \(count)"
        }
    }
}
