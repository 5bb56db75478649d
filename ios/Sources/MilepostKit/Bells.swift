import Foundation
import MilepostBindings

/// Passes the core's one doorbell on to everybody who waits for it. A ring carries nothing, and several may be one: who
/// is slow hears the last one only.
final class Bells: ChangeListener, @unchecked Sendable {
    private let lock = NSLock()
    // All below under the lock.
    private var waiting: [Int: AsyncStream<Void>.Continuation] = [:]
    private var next = 0
    private var listener: (@Sendable () throws -> Void)?
    private var isOver = false

    /// Rung on Milepost's own thread.
    func onChange() throws {
        ring()
        do {
            try lock.withLock { listener }?()
        } catch {
            throw ListenerError.Failed(reason: String(describing: error))
        }
    }

    /// Wakes everybody, also where the core has no reason to.
    func ring() {
        for continuation in lock.withLock({ Array(waiting.values) }) { continuation.yield() }
    }

    func listen(_ listener: (@Sendable () throws -> Void)?) {
        lock.withLock { self.listener = listener }
    }

    /// Rings to come; at least one after anything that happens from now on. It ends when Milepost is closed.
    func rings() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let number: Int? = lock.withLock {
            if isOver { return nil }
            next += 1
            waiting[next] = continuation
            return next
        }
        guard let number else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in
            guard let self else { return }
            self.lock.withLock { self.waiting[number] = nil }
        }
        return stream
    }

    /// How many wait.
    var count: Int { lock.withLock { waiting.count } }

    /// Nothing will ring any more.
    func finish() {
        let all = lock.withLock {
            isOver = true
            listener = nil
            defer { waiting = [:] }
            return Array(waiting.values)
        }
        for continuation in all { continuation.finish() }
    }
}
