import Foundation
import MilepostKit

/// Delivers what waits through a session that goes on without the process: asks the core what to send, puts the body
/// into a file, and tells the core how it went. The rules (when, how often, in which order) are the core's. Belongs to
/// the tracker's queue.
final class Uploader {
    /// When to ask again.
    enum Next: Equatable {
        /// After an answer, a network or new records: all of them ask by themselves.
        case whenSomethingHappens
        /// At that time.
        case at(wallMs: Int64)
        /// The server wants a token that is not known.
        case withToken
    }

    private let milepost: Milepost
    private let port: any UploadPort
    private let folder: URL
    private let unmeteredOnly: Bool

    init(milepost: Milepost, port: any UploadPort, folder: URL, unmeteredOnly: Bool) {
        self.milepost = milepost
        self.port = port
        self.folder = folder
        self.unmeteredOnly = unmeteredOnly
    }

    /// Before the core is opened: bodies that nobody carries any more are deleted, the core sends their batches again.
    static func reconcile(folder: URL, inFlight: [String]) {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        for file in files where !inFlight.contains(file) {
            try? FileManager.default.removeItem(at: folder.appendingPathComponent(file))
        }
    }

    /// Sends whatever may be sent now. With `flush`, also what is neither urgent nor much.
    func send(flush: Bool) -> Next {
        do {
            while true {
                switch try milepost.nextUpload(flush: flush) {
                case .send(let id, let url, let headers, let body):
                    try hand(id, url, headers, body)
                case .wait(let untilMs, let why):
                    if why == .token { return .withToken }
                    return untilMs.map(Next.at) ?? .whenSomethingHappens
                case .idle:
                    return .whenSomethingHappens
                }
            }
        } catch {
            Log.note("upload: \(error)")
            return .whenSomethingHappens
        }
    }

    /// The session has the answer. Returns whether the server wants another token.
    func finished(_ id: String, _ outcome: UploadOutcome) -> Bool {
        try? FileManager.default.removeItem(at: file(id))
        do {
            return try milepost.uploadFinished(id, outcome)
        } catch {
            Log.note("upload: \(error)")
            return false
        }
    }

    /// Forgets the bodies: they hold what was erased.
    func erase() {
        port.cancelAll()
        Self.reconcile(folder: folder, inFlight: [])
    }

    private func hand(_ id: String, _ url: String, _ headers: [Header], _ body: Data) throws {
        guard let address = URL(string: url) else {
            return _ = try milepost.uploadFinished(id, .failed(reason: "no address"))
        }
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try body.write(to: file(id), options: .atomic)
        } catch {
            return _ = try milepost.uploadFinished(id, .failed(reason: "no file for the body: \(error)"))
        }
        port.upload(Upload(id: id, url: address, headers: headers, body: file(id), unmeteredOnly: unmeteredOnly))
    }

    private func file(_ id: String) -> URL {
        folder.appendingPathComponent(id)
    }
}
