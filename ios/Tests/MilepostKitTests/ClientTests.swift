import Foundation
import MilepostTesting
import XCTest

@testable import MilepostKit

/// The client in `async` code: a sequence that loses nothing, states, and both end with Milepost.
final class ClientTests: FolderTestCase {
    func testADriveIsPushedTheStateFollowsAndEveryRecordComesOnceInOrder() async throws {
        let replay = try Replay.made()
        let milepost = try Milepost(replay.configuration(fresh("db")))
        let client = MilepostClient(milepost)
        var states = client.states.makeAsyncIterator()
        let first = await states.next()
        XCTAssertEqual(first?.plan, .nothing)
        let third = replay.frames.count / 3
        try replay.batches(to: third).forEach(milepost.push)
        var moving = await states.next()
        while let state = moving, !state.isMoving { moving = await states.next() }
        XCTAssertEqual(moving?.plan.gnss.isOn, true)
        XCTAssertGreaterThan(moving?.plan.imuHz ?? 0, 0)
        try replay.batches(from: third).forEach(milepost.push)
        try milepost.endInput()
        let lines = replay.records.split(separator: "\n").map(String.init)
        var got: [StoredRecord] = []
        for try await record in client.records() {
            got.append(record)
            if got.count == lines.count { break }
        }
        XCTAssertEqual(got.map(\.json), lines)
        try await client.ack(XCTUnwrap(got.last).seq)
        let acked = try await client.call { try $0.acked() }
        XCTAssertEqual(acked, got.last?.seq)
        let trips = try await client.trips()
        XCTAssertEqual(trips.map(\.id), try milepost.trips().map(\.id))
        try milepost.close()
    }

    func testASlowReaderHasNoMoreInMemoryThanAPageAndLosesNothing() async throws {
        let replay = try Replay.named("rear_end")
        let milepost = try Milepost(replay.configuration(fresh("db")))
        let client = MilepostClient(milepost)
        var records = client.records().makeAsyncIterator()
        try replay.play(milepost)
        var got: [String] = []
        while got.count < replay.records.split(separator: "\n").count, let record = try await records.next() {
            got.append(record.json)
            await Task.yield()
        }
        XCTAssertEqual(got.joined(separator: "\n") + "\n", replay.records)
        try milepost.close()
    }

    func testWhatWasNotAckedComesAgainInTheNextProcess() async throws {
        let replay = try Replay.made()
        let configuration = try replay.configuration(fresh("db"))
        var milepost = try Milepost(configuration)
        try replay.play(milepost)
        let all = try milepost.drain()
        try milepost.ack(all[1].seq)
        try milepost.close()
        milepost = try Milepost(configuration)
        var records = MilepostClient(milepost).records().makeAsyncIterator()
        let next = try await records.next()
        XCTAssertEqual(next, all[2])
        try milepost.close()
    }

    func testClosedEverySequenceEndsAlsoThoseThatWait() async throws {
        let milepost = try Milepost(Configuration(directory: fresh("db")))
        let client = MilepostClient(milepost)
        let records = Task { () -> Int in
            var count = 0
            for try await _ in client.records() { count += 1 }
            return count
        }
        let states = Task { () -> Int in
            var count = 0
            for await _ in client.states { count += 1 }
            return count
        }
        while await client.watchers < 2 { await Task.yield() }
        try milepost.close()
        let (noRecords, oneState) = (try await records.value, await states.value)
        XCTAssertEqual(noRecords, 0)
        XCTAssertLessThanOrEqual(oneState, 1)
        var late = client.records().makeAsyncIterator()
        let none = try await late.next()
        XCTAssertNil(none)
        do {
            try await client.flush()
            XCTFail("not closed")
        } catch MilepostError.Closed {
        }
    }

    func testCancelledASequenceEndsAndNobodyRingsForItAnyMore() async throws {
        let milepost = try Milepost(Configuration(directory: fresh("db")))
        let client = MilepostClient(milepost)
        let reader = Task { for try await _ in client.records() {} }
        while await client.watchers < 1 { await Task.yield() }
        reader.cancel()
        try await reader.value
        let left = await client.watchers
        XCTAssertEqual(left, 0)
        try milepost.close()
    }

    func testTripsComeAgainWheneverAnyOfThemChangesUntilClosed() async throws {
        let replay = try Replay.made()
        let milepost = try Milepost(replay.configuration(fresh("db")))
        let client = MilepostClient(milepost)
        var trips = client.tripAccounts().makeAsyncIterator()
        var now = await trips.next()
        XCTAssertEqual(now, [])
        let half = replay.frames.count / 2
        try replay.batches(to: half).forEach(milepost.push)
        while now?.isEmpty == true { now = await trips.next() }
        XCTAssertEqual(now?.map(\.trip.status), [.open])
        try replay.batches(from: half).forEach(milepost.push)
        try milepost.endInput()
        while let trip = now?.first, trip.score == nil { now = await trips.next() }
        let whole = try await client.trip(XCTUnwrap(now?.first).id)
        XCTAssertEqual(now?.map(\.trip.status), [.ended])
        XCTAssertEqual(now?.first, whole)
        try milepost.close()
        let end = await trips.next()
        XCTAssertNil(end)
    }

    func testSuspendedASequenceWaitsAndGoesOnAfterwards() async throws {
        let replay = try Replay.made()
        let milepost = try Milepost(replay.configuration(fresh("db")))
        let client = MilepostClient(milepost)
        try milepost.suspend()
        let reader = Task { () -> [String] in
            var lines: [String] = []
            for try await record in client.records() {
                lines.append(record.json)
                if record.schema == Summary.schema { break }
            }
            return lines
        }
        while await client.watchers < 1 { await Task.yield() }
        try replay.batches().forEach(milepost.push)
        try milepost.endInput()
        try milepost.resume()
        let lines = try await reader.value
        XCTAssertEqual(lines.joined(separator: "\n") + "\n", replay.records)
        try milepost.close()
    }

    func testWithoutConsentTheStateSaysWhatStandsInTheWayAndWhatHelps() async throws {
        var configuration = Configuration(directory: fresh("db"))
        configuration.overridesJSON = #"{"assume_consent": false, "assume_duty": false}"#
        let milepost = try Milepost(configuration)
        let client = MilepostClient(milepost)
        try milepost.signal(.screen, "on", tNs: 1)
        try await client.flush()
        let state = try await client.state()
        XCTAssertTrue(state.blockers.contains(Blocker(name: "no_consent", remedy: "ask_for_consent")), "\(state)")
        let blockers = try await client.blockers()
        XCTAssertEqual(state.blockers, blockers)
        try milepost.close()
    }

    func testExportedAndErasedByTheClient() async throws {
        let replay = try Replay.made()
        let milepost = try Milepost(replay.configuration(fresh("db")))
        try replay.play(milepost)
        let client = MilepostClient(milepost)
        let lines = try await client.export(to: fresh("all.jsonl"))
        XCTAssertGreaterThan(lines, 5)
        try await client.erase()
        let trips = try await client.trips()
        XCTAssertEqual(trips, [])
        try milepost.close()
    }

    func testUnparkedWhatTheServerRefusedIsToBeSentAgain() async throws {
        let replay = try Replay.made()
        var configuration = try replay.configuration(fresh("db"))
        configuration.uploadURL = URL(string: "http://127.0.0.1:9/v1/batches")
        let milepost = try Milepost(configuration)
        try replay.play(milepost)
        let client = MilepostClient(milepost)
        guard case .send(let id, _, _, _) = try milepost.nextUpload(flush: true) else { return XCTFail("nothing to send") }
        let all = try milepost.drain().map { "{\"id\":\"\($0.id)\",\"rev\":\($0.rev)}" }.joined(separator: ",")
        let body = Data("{\"refused\":[\(all)]}".utf8)
        try milepost.uploadFinished(id, .answer(status: 200, retryAfter: nil, body: body))
        let parked = try await client.state().parked
        XCTAssertGreaterThan(parked, 0)
        let unparked = try await client.unpark()
        XCTAssertEqual(unparked, parked)
        let left = try await client.state().parked
        XCTAssertEqual(left, 0)
        guard case .send = try milepost.nextUpload(flush: true) else { return XCTFail("not sent again") }
        try milepost.close()
    }

    func testAnImpactThatIsDeniedIsRevised() async throws {
        let replay = try Replay.named("rear_end")
        let milepost = try Milepost(replay.configuration(fresh("db")))
        // A driver answers within seconds: small batches, as the phone's.
        for batch in replay.batches(of: 5) {
            try milepost.push(batch)
            try milepost.flush()
            let impact = try milepost.drain().last { $0.json.contains(EventType.impact.rawValue) }
            guard let impact else { continue }
            try milepost.denyImpact(tNs: Int64(impact.revision(of: Event.self).tS * 1e9))
            break
        }
        try milepost.endInput()
        try milepost.flush()
        let impacts: [Revision<Event>] = try milepost.drain().compactMap {
            if case .event(let event) = try $0.decoded(), event.type == .impact { event } else { nil }
        }
        XCTAssertEqual(impacts.last?.cancelled, .denied)
        XCTAssertEqual(impacts.last?.status, .unconfirmed)
        try milepost.close()
    }

    func testAPlanInJSONIsReadWholeAndDamageIsNoPlan() throws {
        let plan = SensingPlan(
            json: #"{"t":5,"gnss":{"Every":2.5},"imu_hz":50,"activity":true,"wake_fence":{"centre":{"lat_deg":52.5,"#
                + #""lon_deg":-1e1},"radius_m":150.0},"next_tick":7000000000,"reason":"dr\u0069ving"}"#)
        let fence = SensingPlan.WakeFence(latDeg: 52.5, lonDeg: -10, radiusM: 150)
        XCTAssertEqual(
            plan,
            SensingPlan(
                gnss: .on(intervalS: 2.5), imuHz: 50, activity: true, wakeFence: fence, nextTickNs: 7_000_000_000,
                reason: .driving))
        for damaged in ["", "null", "{", "{\"gnss\":", "[1,2", "{}", "{\"gnss\":\"Off\""] {
            XCTAssertNil(SensingPlan(json: damaged), damaged)
        }
    }

    func testThePrivacyManifestIsThereAndNamesWhyEachAPIIsUsed() throws {
        let manifest = try XCTUnwrap(Bundle.milepostKit.url(forResource: "PrivacyInfo", withExtension: "xcprivacy"))
        let all = try PropertyListDecoder().decode(Manifest.self, from: Data(contentsOf: manifest))
        XCTAssertFalse(all.NSPrivacyTracking)
        XCTAssertEqual(all.NSPrivacyTrackingDomains, [])
        XCTAssertEqual(
            all.NSPrivacyAccessedAPITypes.map(\.NSPrivacyAccessedAPIType).sorted(),
            ["DiskSpace", "FileTimestamp", "SystemBootTime"].map { "NSPrivacyAccessedAPICategory" + $0 })
        XCTAssertTrue(all.NSPrivacyAccessedAPITypes.allSatisfy { !$0.NSPrivacyAccessedAPITypeReasons.isEmpty })
    }

    private struct Manifest: Decodable {
        struct API: Decodable {
            let NSPrivacyAccessedAPIType: String
            let NSPrivacyAccessedAPITypeReasons: [String]
        }
        let NSPrivacyTracking: Bool
        let NSPrivacyTrackingDomains: [String]
        let NSPrivacyAccessedAPITypes: [API]
    }
}

extension MilepostClient {
    /// Who waits for the doorbell now.
    fileprivate var watchers: Int {
        get async { milepost.bells.count }
    }
}
