import Foundation
import XCTest

import MilepostTesting

@testable import MilepostKit

final class LifecycleTests: FolderTestCase {
    private let anyID = "019b8d2d-60c0-707d-a652-7d3061548ed7"

    func testAfterCloseEveryCallFailsWithClosedAndASecondCloseDoesNothing() throws {
        let milepost = try Milepost(Configuration(directory: fresh("db")))
        try milepost.close()
        try milepost.close()
        let calls: [() throws -> Void] = [
            { var buffer = FrameBuffer(); buffer.tick(tNs: 1); try milepost.push(&buffer) },
            { try milepost.signal(.tag, "x", tNs: 1) },
            { try milepost.endInput() },
            { try milepost.flush() },
            { _ = try milepost.drain() },
            { try milepost.ack(0) },
            { _ = try milepost.trips() },
            { _ = try milepost.nextUpload() },
            { try milepost.uploadFinished(self.anyID, .failed(reason: "no network")) },
            { try milepost.unpark() },
            { try milepost.setToken("t") },
            { try milepost.setNetwork(.metered, charging: false) },
            { _ = try milepost.acked() },
            { _ = try milepost.trip(self.anyID) },
            { _ = try milepost.findTrips(TripFilter()) },
            { _ = try milepost.track(self.anyID) },
            { try milepost.erase() },
            { try milepost.export(to: self.fresh("all")) },
            { _ = try milepost.blockers() },
            { _ = try milepost.plan() },
            { _ = try milepost.diagnostics() },
            { try milepost.suspend() },
            { try milepost.resume() },
        ]
        for (index, call) in calls.enumerated() {
            XCTAssertThrowsError(try call(), "call \(index)") { XCTAssertEqual($0 as? MilepostError, .Closed) }
        }
    }

    func testOpenedAgainTheRecordsAreStillThere() throws {
        let replay = try Replay.made()
        let configuration = try replay.configuration(fresh("db"))
        let first = try Milepost(configuration)
        try replay.play(first)
        let records = try first.drain()
        XCTAssertGreaterThan(records.count, 1)
        try first.close()
        let second = try Milepost(configuration)
        XCTAssertEqual(try second.drain(), records)
        try second.close()
    }

    func testExportedAndErasedTheFileHasTheRecordsAndTheDatabaseNone() throws {
        let replay = try Replay.made()
        let file = fresh("all.jsonl")
        let milepost = try Milepost(replay.configuration(fresh("db")))
        try replay.play(milepost)
        let records = try milepost.drain()
        let lines = try milepost.export(to: file)
        let text = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map(String.init)
        XCTAssertEqual(Int64(text.count), lines)
        XCTAssertTrue(Set(text).isSuperset(of: records.map(\.json)))
        XCTAssertEqual(try milepost.export(to: file, driverID: "nobody"), 0)
        try milepost.erase(driverID: "nobody")
        XCTAssertEqual(try milepost.drain(), records)
        try milepost.erase()
        XCTAssertTrue(Set(try milepost.drain().map(\.json)).isDisjoint(with: records.map(\.json)))
        try milepost.close()
    }

    func testWithoutPermissionTheBlockerSaysWhatTheUserCanDo() throws {
        let milepost = try Milepost(Configuration(directory: fresh("db")))
        try milepost.signal(.permission, "denied", tNs: 1)
        try milepost.signal(.duty, "off", tNs: 2)
        try milepost.flush()
        let remedies = try milepost.blockers().map { "\($0.name): \($0.remedy)" }
        XCTAssertEqual(remedies, ["off_duty: go_on_duty", "permission_denied: allow_location"])
        try milepost.close()
    }

    func testDrainedInPagesNoneIsLostOrDoubledAndTripsAreAmongThem() throws {
        let replay = try Replay.made()
        let milepost = try Milepost(replay.configuration(fresh("db")))
        try replay.play(milepost)
        let whole = try milepost.drain()
        var pages: [StoredRecord] = []
        while let next = try milepost.drain(after: pages.last?.seq ?? 0, max: 1).first { pages.append(next) }
        XCTAssertEqual(pages, whole)
        try milepost.ack(XCTUnwrap(whole.last).seq)
        let trips = try milepost.trips()
        XCTAssertFalse(trips.isEmpty)
        XCTAssertTrue(trips.allSatisfy { $0.schema == "milepost.trip/1" && whole.contains($0) })
        let found = try milepost.findTrips(TripFilter(limit: 1))
        XCTAssertEqual(found.trips, Array(trips.prefix(1)))
        let trip = try XCTUnwrap(found.trips.first)
        let track = try milepost.track(trip.id)
        XCTAssertTrue(track.count > 1 && zip(track, track.dropFirst()).allSatisfy { $0.tNs < $1.tNs })
        XCTAssertEqual(try milepost.track(trip.id, toNs: track[1].tNs), Array(track.prefix(2)))
        let start = Near(latDeg: track[0].latDeg, lonDeg: track[0].lonDeg, radiusM: 1_000)
        XCTAssertTrue(try milepost.findTrips(TripFilter(near: start)).trips.contains(trip))
        XCTAssertEqual(try milepost.findTrips(TripFilter(near: Near(latDeg: -80, lonDeg: 0, radiusM: 1))).trips, [])
        try milepost.close()
    }

    func testSuspendedAndResumedItSaysTheSameAsWithout() throws {
        let replay = try Replay.made()
        let milepost = try Milepost(replay.configuration(fresh("db")))
        for (index, batch) in replay.batches().enumerated() {
            if index % 5 == 4 {
                try milepost.suspend()
                try milepost.resume()
            }
            try milepost.push(batch)
        }
        try milepost.endInput()
        try milepost.flush()
        XCTAssertEqual(try milepost.jsonLines(), replay.records)
        try milepost.close()
    }

    func testPushedToWhileSuspendedItWaitsAndCloseStillWorksItOff() throws {
        let replay = try Replay.made()
        let configuration = try replay.configuration(fresh("db"))
        let batches = replay.batches()
        let first = try Milepost(configuration)
        try first.suspend()
        try batches.prefix(5).forEach(first.push)
        XCTAssertThrowsError(try first.drain()) { error in
            guard case MilepostError.Storage = error else { return XCTFail("\(error)") }
        }
        try first.resume()
        try batches.dropFirst(5).prefix(5).forEach(first.push)
        try first.suspend()
        try batches.dropFirst(10).forEach(first.push)
        try first.close()
        let second = try Milepost(configuration)
        try second.endInput()
        try second.flush()
        XCTAssertEqual(try second.jsonLines(), replay.records)
        try second.close()
    }

    func testEightThreadsAtOnceDoEverything() throws {
        let milepost = try Milepost(Configuration(directory: fresh("db")))
        let failures = together(8) { worker in
            var buffer = FrameBuffer()
            for round in 0..<50 {
                for sample in 0..<20 {
                    let t = Int64(round * 20 + sample) * 80_000_000 + Int64(worker) * 10_000_000
                    buffer.imu(tNs: t, ax: 0, ay: 0, az: 9.81, gx: 0, gy: 0, gz: 0)
                }
                try milepost.push(&buffer)
                _ = try milepost.drain()
                _ = try milepost.trips()
                _ = try milepost.plan()
                _ = try milepost.diagnostics()
                _ = try milepost.nextUpload()
                try milepost.signal(.screen, round % 2 == 0 ? "on" : "off", tNs: Int64(round) * 1_000_000_000)
                if round % 10 == 0 { try milepost.flush() }
            }
        }
        XCTAssertEqual(failures, [])
        try milepost.flush()
        try milepost.close()
    }

    func testClosedWhileEightThreadsWorkEachCallSucceedsOrFailsWithClosed() throws {
        let milepost = try Milepost(Configuration(directory: fresh("db")))
        let busy = DispatchSemaphore(value: 0)
        let failures = together(9) { worker in
            if worker == 8 {
                for _ in 0..<8 { busy.wait() }
                try milepost.close()
                return
            }
            var buffer = FrameBuffer()
            var t: Int64 = 0
            do {
                while true {
                    buffer.imu(tNs: t, ax: 0, ay: 0, az: 9.81)
                    try milepost.push(&buffer)
                    _ = try milepost.diagnostics()
                    if t == 0 { busy.signal() }
                    t += 10_000_000
                }
            } catch MilepostError.Closed {
            }
        }
        XCTAssertEqual(failures, [])
    }

    func testAListenerThatThrowsChangesNothingAndIsRungAgain() throws {
        struct NotReady: Error {}
        let replay = try Replay.made()
        let milepost = try Milepost(replay.configuration(fresh("db")))
        let bell = DispatchSemaphore(value: 0)
        milepost.onChange {
            bell.signal()
            throw NotReady()
        }
        try replay.batches().forEach(milepost.push)
        try milepost.flush()
        XCTAssertEqual(bell.wait(timeout: .now() + 10), .success)
        while bell.wait(timeout: .now()) == .success {}
        try milepost.endInput()
        try milepost.flush()
        XCTAssertEqual(bell.wait(timeout: .now() + 10), .success)
        XCTAssertEqual(try milepost.jsonLines(), replay.records)
        try milepost.close()
    }

    func testAListenerThatCallsBackIsRefusedNotStuckAndRemovedItIsSilent() throws {
        let replay = try Replay.made()
        let milepost = try Milepost(replay.configuration(fresh("db")))
        let rung = DispatchSemaphore(value: 0)
        let refused = DispatchSemaphore(value: 0)
        milepost.onChange { [weak milepost] in
            rung.signal()
            do {
                _ = try milepost?.drain()
            } catch MilepostError.InvalidInput(let reason) where reason.contains("listener") {
                refused.signal()
            }
        }
        try replay.batches().forEach(milepost.push)
        try milepost.flush()
        XCTAssertEqual(refused.wait(timeout: .now() + 10), .success)
        milepost.onChange(nil)
        while rung.wait(timeout: .now()) == .success {}
        try milepost.endInput()
        try milepost.flush()
        XCTAssertEqual(rung.wait(timeout: .now()), .timedOut)
        try milepost.close()
    }

    /// Runs `work` on so many threads at once; what they threw.
    private func together(_ threads: Int, _ work: @escaping @Sendable (Int) throws -> Void) -> [String] {
        let failures = Failures()
        let start = DispatchSemaphore(value: 0)
        let done = DispatchGroup()
        for worker in 0..<threads {
            done.enter()
            Thread.detachNewThread {
                start.wait()
                do { try work(worker) } catch { failures.add(error) }
                done.leave()
            }
        }
        for _ in 0..<threads { start.signal() }
        done.wait()
        return failures.all
    }
}

private final class Failures: @unchecked Sendable {
    private let lock = NSLock()
    private var texts: [String] = []

    func add(_ error: any Error) {
        lock.withLock { texts.append(String(describing: error)) }
    }

    var all: [String] { lock.withLock { texts } }
}
