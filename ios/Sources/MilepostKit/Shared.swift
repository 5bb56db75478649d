import Foundation

/// A flag for all threads.
final class Flag: @unchecked Sendable {
    private let lock = NSLock()
    private var value = false

    var isOn: Bool {
        get { lock.withLock { value } }
        set { lock.withLock { value = newValue } }
    }
}

/// A count for all threads.
package final class Count: @unchecked Sendable {
    private let lock = NSLock()
    private var value = 0

    package var count: Int { lock.withLock { value } }
    func add() { lock.withLock { value += 1 } }
}
