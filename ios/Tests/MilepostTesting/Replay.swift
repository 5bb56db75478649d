import Foundation
import MilepostKit

/// A recording that the `milepost` command has replayed: what to push, and what must come out.
public struct Replay: Sendable {
    public let name: String
    /// The command's `records.jsonl`.
    public let records: String
    public let frames: [Frame]
    private let session: [String: String]

    /// One frame with its head.
    public struct Frame: Sendable {
        public static let headBytes = 5
        static let kindEnd: UInt8 = 6
        public let whole: Data
        public var kind: UInt8 { whole[whole.startIndex + 4] }
        public var body: Data { whole.dropFirst(Self.headBytes) }
    }

    /// What is wrong with the folder of replays.
    public struct Missing: Error, CustomStringConvertible {
        public let description: String
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
    public static func all() throws -> [Replay] {
        guard let path = ProcessInfo.processInfo.environment["MILEPOST_VECTORS"] else {
            throw Missing(description: "MILEPOST_VECTORS names no folder: use scripts/swift-on-linux.sh")
        }
        let found = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
            .map { URL(fileURLWithPath: path).appendingPathComponent($0) }
            .filter { FileManager.default.fileExists(atPath: $0.appendingPathComponent("frames.bin").path) }
        guard !found.isEmpty else { throw Missing(description: "no replays in \(path): run scripts/make-vectors.sh") }
        return try found.map(Replay.init)
    }

    /// One of those that scripts/make-vectors.sh always makes.
    public static func named(_ name: String) throws -> Replay {
        guard let replay = try all().first(where: { $0.name == name }) else {
            throw Missing(description: "no replay \(name): run scripts/make-vectors.sh")
        }
        return replay
    }

    /// Twelve minutes with everything that can be signalled.
    public static func made() throws -> Replay { try named("made") }

    /// How the command was configured.
    public func configuration(_ directory: URL) throws -> Configuration {
        var configuration = Configuration(directory: directory)
        guard let preset = Preset(rawValue: try value("preset")), let seed = UInt64(try value("seed")) else {
            throw Missing(description: "\(name): no preset or no seed")
        }
        configuration.preset = preset
        configuration.overridesJSON = try value("config")
        configuration.seed = seed
        return configuration
    }

    /// Whole frames with a version byte, at most so many in each batch.
    public func batches(of size: Int = 100, from: Int = 0, to: Int? = nil) -> [Data] {
        stride(from: from, to: to ?? frames.count, by: size).map { start in
            frames[start..<min(start + size, to ?? frames.count)].reduce(into: Data([1])) { $0.append($1.whole) }
        }
    }

    /// Pushes all of it and waits for what comes of it.
    public func play(_ milepost: Milepost) throws {
        try batches().forEach(milepost.push)
        try milepost.endInput()
        try milepost.flush()
    }

    private func value(_ key: String) throws -> String {
        guard let value = session[key] else { throw Missing(description: "\(name): no \(key)") }
        return value
    }

    private static func split(_ bytes: Data) throws -> [Frame] {
        guard bytes.first == 1 else { throw Missing(description: "frames of another version") }
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
public struct Reader {
    public private(set) var rest: Data

    public init(_ bytes: Data) {
        rest = bytes
    }

    public mutating func integer<T: FixedWidthInteger>(_: T.Type) -> T {
        let size = MemoryLayout<T>.size
        defer { rest = rest.dropFirst(size) }
        return rest.prefix(size).reversed().reduce(0) { $0 << 8 | T(truncatingIfNeeded: $1) }
    }

    public mutating func float() -> Float { Float(bitPattern: integer(UInt32.self)) }
    public mutating func double() -> Double { Double(bitPattern: integer(UInt64.self)) }

    public mutating func text() -> String {
        defer { rest = rest.suffix(0) }
        return String(decoding: rest, as: UTF8.self)
    }
}

extension Milepost {
    /// Every record there is, as the command writes them.
    public func jsonLines() throws -> String {
        var lines = ""
        try forEachRecord { lines += $0.json + "\n" }
        return lines
    }
}
