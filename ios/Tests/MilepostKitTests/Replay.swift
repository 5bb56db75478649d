import Foundation
import XCTest

@testable import MilepostKit

/// A recording that the `milepost` command has replayed: what to push, and what must come out.
struct Replay {
    let name: String
    /// The command's `records.jsonl`.
    let records: String
    let frames: [Frame]
    private let session: [String: String]

    /// One frame with its head.
    struct Frame {
        static let headBytes = 5
        static let kindEnd: UInt8 = 6
        let whole: Data
        var kind: UInt8 { whole[whole.startIndex + 4] }
        var body: Data { whole.dropFirst(Self.headBytes) }
    }

    private init(_ folder: URL) throws {
        name = folder.lastPathComponent
        records = try String(contentsOf: folder.appendingPathComponent("records.jsonl"), encoding: .utf8)
        frames = try Self.split(Data(contentsOf: folder.appendingPathComponent("frames.bin")))
        var session: [String: String] = [:]
        for line in try String(contentsOf: folder.appendingPathComponent("session.properties"), encoding: .utf8)
            .split(separator: "\n")
        {
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            session[String(parts[0])] = String(parts[1])
        }
        self.session = session
    }

    /// All there are: scripts/make-vectors.sh makes them.
    static func all() throws -> [Replay] {
        let path = try XCTUnwrap(ProcessInfo.processInfo.environment["MILEPOST_VECTORS"])
        let found = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
            .map { URL(fileURLWithPath: path).appendingPathComponent($0) }
            .filter { FileManager.default.fileExists(atPath: $0.appendingPathComponent("frames.bin").path) }
        XCTAssertFalse(found.isEmpty, "no replays in \(path): run scripts/make-vectors.sh")
        return try found.map(Replay.init)
    }

    /// The one that scripts/make-vectors.sh makes.
    static func made() throws -> Replay {
        try XCTUnwrap(all().first { $0.name == "made" })
    }

    /// How the command was configured.
    func configuration(_ directory: URL) throws -> Configuration {
        var configuration = Configuration(directory: directory)
        configuration.preset = try XCTUnwrap(Preset(rawValue: value("preset")))
        configuration.overridesJSON = try value("config")
        configuration.seed = try XCTUnwrap(UInt64(value("seed")))
        return configuration
    }

    /// Whole frames with a version byte, at most so many in each batch.
    func batches(of size: Int = 100, from: Int = 0, to: Int? = nil) -> [Data] {
        stride(from: from, to: to ?? frames.count, by: size).map { start in
            frames[start..<min(start + size, to ?? frames.count)].reduce(into: Data([1])) { $0.append($1.whole) }
        }
    }

    /// Pushes all of it and waits for what comes of it.
    func play(_ milepost: Milepost) throws {
        try batches().forEach(milepost.push)
        try milepost.endInput()
        try milepost.flush()
    }

    private func value(_ key: String) throws -> String {
        try XCTUnwrap(session[key], key)
    }

    private static func split(_ bytes: Data) throws -> [Frame] {
        XCTAssertEqual(bytes.first, 1)
        var frames: [Frame] = []
        var rest = bytes.dropFirst()
        while !rest.isEmpty {
            var reader = Reader(rest)
            let length = Int(reader.integer(UInt32.self))
            let whole = rest.prefix(Frame.headBytes + length)
            let frame = Frame(whole: whole)
            // A test says by itself that nothing more comes.
            if frame.kind != Frame.kindEnd { frames.append(frame) }
            rest = rest.dropFirst(whole.count)
        }
        return frames
    }
}

/// Reads little-endian values one after the other.
struct Reader {
    private(set) var rest: Data

    init(_ bytes: Data) {
        rest = bytes
    }

    mutating func integer<T: FixedWidthInteger>(_: T.Type) -> T {
        let size = MemoryLayout<T>.size
        defer { rest = rest.dropFirst(size) }
        return rest.prefix(size).reversed().reduce(0) { $0 << 8 | T(truncatingIfNeeded: $1) }
    }

    mutating func float() -> Float { Float(bitPattern: integer(UInt32.self)) }
    mutating func double() -> Double { Double(bitPattern: integer(UInt64.self)) }

    mutating func text() -> String {
        defer { rest = rest.suffix(0) }
        return String(decoding: rest, as: UTF8.self)
    }
}

extension Milepost {
    /// Every record there is, as the command writes them.
    func jsonLines() throws -> String {
        var lines = ""
        try forEachRecord { lines += $0.json + "\n" }
        return lines
    }
}

/// A test with a folder of its own.
class FolderTestCase: XCTestCase {
    private(set) var directory = FileManager.default.temporaryDirectory

    override func setUpWithError() throws {
        directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    override func tearDownWithError() throws {
        try FileManager.default.removeItem(at: directory)
    }

    /// A folder inside it that is not there yet.
    func fresh(_ name: String) -> URL {
        directory.appendingPathComponent(name)
    }

    /// The reason for which the library refuses a call as invalid input.
    func refusal(_ call: () throws -> Void, line: UInt = #line) -> String {
        do {
            try call()
            XCTFail("not refused", line: line)
        } catch MilepostError.InvalidInput(let reason) {
            return reason
        } catch {
            XCTFail("\(error)", line: line)
        }
        return ""
    }
}
