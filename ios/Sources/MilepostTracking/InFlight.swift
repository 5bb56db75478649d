import Foundation

/// An answer that is waited for, once.
final class InFlight: @unchecked Sendable {
    private let lock = NSLock()
    private let given = DispatchSemaphore(value: 0)
    private var ids: [String] = []

    func set(_ ids: [String]) {
        lock.withLock { self.ids = ids }
        given.signal()
    }

    func wait(_ seconds: Double) -> [String] {
        _ = given.wait(timeout: .now() + seconds)
        return lock.withLock { ids }
    }
}
