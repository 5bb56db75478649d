import Foundation
import XCTest

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// `milepost-ingest` in a process of its own, on loopback.
final class IngestServer {
    let url: URL
    private let process = Process()

    /// With a token it refuses every other.
    init(token: String? = nil) throws {
        let command = try XCTUnwrap(ProcessInfo.processInfo.environment["MILEPOST_COMMAND"], "no milepost command")
        process.executableURL = URL(fileURLWithPath: command).deletingLastPathComponent()
            .appendingPathComponent("milepost-ingest")
        process.arguments = ["0"] + (token.map { [$0] } ?? [])
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        var line = Data()
        while line.last != UInt8(ascii: "\n") {
            let more = try XCTUnwrap(output.fileHandleForReading.read(upToCount: 1))
            if more.isEmpty { break }
            line += more
        }
        url = try XCTUnwrap(URL(string: String(decoding: line.dropLast(), as: UTF8.self)))
    }

    /// It listens and answers nobody, until it is to go on.
    func pause() { kill(process.processIdentifier, SIGSTOP) }
    func goOn() { kill(process.processIdentifier, SIGCONT) }

    func stop() {
        // A thread of Swift's own blocks the polite signals, and its children inherit that.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// What it holds: the highest revision of each record, as it was sent.
    func records() async throws -> [String] {
        let held = url.deletingLastPathComponent().appendingPathComponent("records")
        let (body, _) = try await URLSession.shared.data(from: held)
        return String(decoding: body, as: UTF8.self).split(separator: "\n").map(String.init)
    }
}
