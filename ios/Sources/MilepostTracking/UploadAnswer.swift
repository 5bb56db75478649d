import Foundation
import MilepostKit

/// What a session's answer means to the core; `docs/protocol.md` says what of it counts.
enum UploadAnswer {
    /// An answer is at most so long; what is longer is cut, and then cannot be read.
    static let maxBytes = 1024 * 1024

    static func outcome(status: Int?, retryAfter: String?, body: Data, error: (any Error)?) -> UploadOutcome {
        if let error { return .failed(reason: String(describing: error)) }
        guard let status else { return .failed(reason: "no answer") }
        return .answer(status: Int32(clamping: status), retryAfter: retryAfter, body: body.prefix(maxBytes))
    }
}
