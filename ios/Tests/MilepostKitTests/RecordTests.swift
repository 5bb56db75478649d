import Foundation
import MilepostTesting
import XCTest

@testable import MilepostKit

/// Records as values: every kind that a replay produces, every word that the docs know, and what they do not know.
final class RecordTests: FolderTestCase {
    func testEveryRecordOfEveryReplayIsReadAndWrittenAgainWithoutLoss() throws {
        var kinds: Set<String> = []
        for replay in try Replay.all() {
            for record in try records(of: replay) {
                kinds.insert(record.schema)
                XCTAssertEqual(try lost(record), [], "\(replay.name) \(record.schema)")
            }
        }
        XCTAssertEqual(kinds, [
            Trip.schema, Stop.schema, Event.schema, Window.schema, Score.schema, Summary.schema,
        ])
    }

    func testAGapAndWhatStandsInTheWayAreReadToo() throws {
        let replay = try Replay.made()
        let milepost = try Milepost(replay.configuration(fresh("db")))
        // Without fixes from minute 3 to 5, and without permission for a moment.
        for frame in replay.frames {
            var body = Reader(frame.body)
            let tNs = body.integer(Int64.self)
            if frame.kind == 2, (180...300).contains(tNs / 1_000_000_000) { continue }
            try milepost.push(Data([1]) + frame.whole)
            if frame.kind == 2, tNs / 1_000_000_000 == 150 { try milepost.signal(.permission, "while_in_use", tNs: tNs) }
        }
        try milepost.endInput()
        try milepost.flush()
        let records = try milepost.drain()
        for record in records { XCTAssertEqual(try lost(record), [], record.schema) }
        let gaps: [Revision<Gap>] = try records.compactMap { if case .gap(let gap) = try $0.decoded() { gap } else { nil } }
        XCTAssertEqual(gaps.first?.cause, .noFix)
        XCTAssertGreaterThan(gaps.first.map { $0.endTS - $0.startTS } ?? 0, 60)
        let health: [Revision<Health>] = try records.compactMap {
            if case .health(let health) = try $0.decoded() { health } else { nil }
        }
        XCTAssertTrue(health.contains { $0.blockers == ["permission_while_in_use"] }, "\(health.map(\.body.blockers))")
        XCTAssertGreaterThan(health.last?.counters["fixes_taken"] ?? 0, 0)
        try milepost.close()
    }

    func testFieldsAndWordsAndKindsThatAreNotKnownAreKeptOrIgnored() throws {
        let record = try XCTUnwrap(try records(of: .made()).first { $0.schema == Trip.schema })
        let json = record.json.replacingOccurrences(of: "\"mode\":\"unknown\"", with: "\"mode\":\"hovercraft\",\"new\":[1]")
        let trip = try stored(record.schema, json).revision(of: Trip.self)
        XCTAssertEqual(trip.mode.rawValue, "hovercraft")
        XCTAssertEqual(trip.status, .open)
        let other = stored("milepost.proof/1", "{}")
        XCTAssertEqual(try other.decoded(), .other(other))
    }

    func testARecordThatIsNotWhatItClaimsIsAnErrorThatNamesIt() throws {
        for json in ["", "{}", "[", "{\"schema\":\"milepost.trip/1\"}"] {
            XCTAssertThrowsError(try stored(Trip.schema, json).decoded()) { error in
                XCTAssertEqual((error as? UnreadableRecord)?.schema, Trip.schema, json)
            }
        }
    }

    func testEveryWordOfTheSchemasHasAName() throws {
        let words: [(schema: String, path: [String], names: [String])] = [
            ("trip", ["status"], Trip.Status.known.map(\.rawValue)),
            ("trip", ["mode"], Mode.known.map(\.rawValue)),
            ("trip", ["end_reason"], EndReason.known.map(\.rawValue)),
            ("trip", ["discard_reason"], DiscardReason.known.map(\.rawValue)),
            ("stop", ["class"], StopClass.known.map(\.rawValue)),
            ("event", ["type"], EventType.known.map(\.rawValue)),
            ("event", ["severity"], Severity.known.map(\.rawValue)),
            ("event", ["status"], Event.Status.known.map(\.rawValue)),
            ("event", ["cancelled"], Event.Cancelled.known.map(\.rawValue)),
            ("gap", ["cause"], GapCause.known.map(\.rawValue)),
        ]
        for (schema, path, names) in words {
            let file = Self.docs.appendingPathComponent("schema/\(schema).json")
            let all = try XCTUnwrap(JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
            let properties = try XCTUnwrap(all["properties"] as? [String: Any])
            let field = try XCTUnwrap(properties[path[0]] as? [String: Any], "\(schema) \(path)")
            let told = (field["examples"] ?? field["enum"]) as? [Any]
            let expected = try XCTUnwrap(told, "\(schema) \(path): \(field)").compactMap { $0 as? String }
            XCTAssertEqual(Set(names), Set(expected), "\(schema) \(path)")
        }
    }

    func testATripsAccountHasTheLastRevisionsInOrder() throws {
        let replay = try Replay.named("rear_end")
        let milepost = try Milepost(replay.configuration(fresh("db")))
        try replay.play(milepost)
        let id = try XCTUnwrap(milepost.trips().first).id
        let account = try XCTUnwrap(TripAccount(milepost.trip(id)))
        XCTAssertEqual(account.trip.status, .ended)
        XCTAssertEqual(account.stops.count, 4)
        XCTAssertTrue(account.events.contains { $0.type == .impact && $0.weighed?.isEmpty == false })
        XCTAssertEqual(account.events.map(\.startTS), account.events.map(\.startTS).sorted())
        XCTAssertNotNil(account.score?.overall.value)
        XCTAssertNil(try TripAccount([]))
        try milepost.close()
    }

    /// Where the workspace's docs are.
    static let docs = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../../docs").standardized

    private func records(of replay: Replay) throws -> [StoredRecord] {
        try replay.records.split(separator: "\n").map { line in
            let head = try JSONDecoder().decode(Head.self, from: Data(line.utf8))
            return StoredRecord(seq: head.seq, id: head.id, rev: head.rev, schema: head.schema, json: String(line))
        }
    }

    private struct Head: Decodable {
        let seq: Int64
        let id: String
        let rev: Int32
        let schema: String
    }

    private func stored(_ schema: String, _ json: String) -> StoredRecord {
        StoredRecord(seq: 1, id: "a", rev: 1, schema: schema, json: json)
    }

    /// Fields of the JSON that are gone, or another, after reading and writing it.
    private func lost(_ record: StoredRecord) throws -> [String] {
        func written<Body>(_ revision: Revision<Body>) throws -> Data {
            let data = try JSONEncoder().encode(revision)
            XCTAssertEqual(try JSONDecoder().decode(Revision<Body>.self, from: data), revision)
            return data
        }
        let data: Data =
            switch try record.decoded() {
            case .trip(let it): try written(it)
            case .stop(let it): try written(it)
            case .event(let it): try written(it)
            case .window(let it): try written(it)
            case .score(let it): try written(it)
            case .gap(let it): try written(it)
            case .health(let it): try written(it)
            case .summary(let it): try written(it)
            case .other: Data("{}".utf8)
            }
        let ours = try XCTUnwrap(JSONSerialization.jsonObject(with: data) as? [String: Any])
        let theirs = try XCTUnwrap(JSONSerialization.jsonObject(with: Data(record.json.utf8)) as? [String: Any])
        // A null and a field that is not there say the same.
        return theirs.filter { !($0.value is NSNull) }.compactMap { name, value in
            same(ours[name], value) ? nil : name
        }
    }

    private func same(_ ours: Any?, _ theirs: Any) -> Bool {
        switch (ours, theirs) {
        case (let a as [String: Any], let b as [String: Any]):
            b.allSatisfy { $0.value is NSNull || same(a[$0.key], $0.value) }
        case (let a as [Any], let b as [Any]):
            a.count == b.count && zip(a, b).allSatisfy(same)
        case (let a as NSObject, let b as NSObject): a == b
        default: ours == nil && theirs is NSNull
        }
    }
}
