import Foundation

/// A value for all threads, and a sequence of what it becomes. Who is slow sees the last one only.
final class Watched<Value: Sendable & Equatable>: @unchecked Sendable {
    private let lock = NSLock()
    // All below under the lock.
    private var current: Value
    private var watchers: [Int: AsyncStream<Value>.Continuation] = [:]
    private var next = 0

    init(_ value: Value) {
        current = value
    }

    var value: Value { lock.withLock { current } }

    func update(_ change: (inout Value) -> Void) {
        lock.withLock {
            let before = current
            change(&current)
            if current == before { return }
            // Under the lock, so that everybody sees changes in their order; a continuation only stores.
            for watcher in watchers.values { watcher.yield(current) }
        }
    }

    /// The value now and at every change.
    var values: AsyncStream<Value> {
        let (stream, continuation) = AsyncStream.makeStream(of: Value.self, bufferingPolicy: .bufferingNewest(1))
        let number = lock.withLock {
            next += 1
            watchers[next] = continuation
            continuation.yield(current)
            return next
        }
        continuation.onTermination = { [weak self] _ in
            guard let self else { return }
            self.lock.withLock { self.watchers[number] = nil }
        }
        return stream
    }
}
