import Foundation
import MilepostKit
#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// Uploads by a URLSession. A background one goes on when the process has ended, and tells another one how it went.
final class AppleUploads: NSObject, UploadPort, URLSessionDataDelegate, @unchecked Sendable {
    private let tell: @Sendable (PlatformEvent) -> Void
    private let lock = NSLock()
    private var answers: [Int: Data] = [:]
    // Set once, before anybody else knows this object; it takes this object as its delegate.
    private var session: URLSession!

    /// `configuration`: a background one on a phone.
    init(_ configuration: URLSessionConfiguration, _ tell: @escaping @Sendable (PlatformEvent) -> Void) {
        self.tell = tell
        super.init()
        session = URLSession(configuration: configuration, delegate: self, delegateQueue: nil)
    }

    func inFlight(_ answer: @escaping @Sendable ([String]) -> Void) {
        session.getAllTasks { answer($0.compactMap(\.taskDescription)) }
    }

    func upload(_ upload: Upload) {
        var request = URLRequest(url: upload.url)
        request.httpMethod = "POST"
        // Linux's Foundation knows no networks that cost.
        #if !canImport(FoundationNetworking)
            request.allowsExpensiveNetworkAccess = !upload.unmeteredOnly
            request.allowsConstrainedNetworkAccess = !upload.unmeteredOnly
        #endif
        for header in upload.headers { request.setValue(header.value, forHTTPHeaderField: header.name) }
        let task = session.uploadTask(with: request, fromFile: upload.body)
        task.taskDescription = upload.id
        task.resume()
    }

    func cancelAll() {
        session.getAllTasks { tasks in tasks.forEach { $0.cancel() } }
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        lock.withLock {
            // Cut, it cannot be read, and counts as no answer.
            if answers[dataTask.taskIdentifier, default: Data()].count < UploadAnswer.maxBytes {
                answers[dataTask.taskIdentifier, default: Data()].append(data)
            }
        }
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        guard let id = task.taskDescription else { return }
        let body = lock.withLock { answers.removeValue(forKey: task.taskIdentifier) ?? Data() }
        let http = task.response as? HTTPURLResponse
        tell(
            .uploadFinished(
                id: id,
                outcome: UploadAnswer.outcome(
                    status: http?.statusCode, retryAfter: http?.value(forHTTPHeaderField: "Retry-After"),
                    body: body, error: error)))
    }

    func urlSessionDidFinishEvents(forBackgroundURLSession session: URLSession) {
        tell(.uploadsTold)
    }
}
