// What Foundation and Darwin have on iOS and not on Linux.
@_exported import Foundation
#if canImport(FoundationNetworking)
    @_exported import FoundationNetworking
#endif

/// A value for all threads, for the stand-ins and their tests.
public final class Locked<Value>: @unchecked Sendable {
    private let lock = NSLock()
    private var value: Value

    public init(_ value: Value) {
        self.value = value
    }

    public var now: Value { lock.withLock { value } }

    public func change<Result>(_ change: (inout Value) throws -> Result) rethrows -> Result {
        try lock.withLock { try change(&value) }
    }
}

/// Carries what Apple's unannotated handlers are over to another thread, as their frameworks do.
public struct Carried<Value>: @unchecked Sendable {
    public let value: Value

    public init(_ value: Value) {
        self.value = value
    }
}

/// The phone's clocks, power saving and time in the background.
public enum StandInProcess {
    public struct State {
        public var uptimeNs: Int64 = 0
        public var continuousNs: Int64 = 0
        public var wallNs: Int64 = 1_767_600_000_000_000_000
        public var isLowPowerModeEnabled = false
        /// iOS gives no time at all.
        public var refusesTime = false
        /// iOS is busy, and begins none of the activities that it has promised.
        public var isBusy = false
        var promised: [@Sendable () -> Void] = []
        /// Activities that go on, by their reasons.
        public var activities: [String] = []
        /// Every activity there was, by its reason.
        public var begun: [String] = []
        var blocks: [@Sendable (Bool) -> Void] = []
        public init() {}
    }

    public static let state = Locked(State())

    /// Time passes, awake.
    public static func pass(toNs ns: Int64) {
        state.change {
            let by = max(0, ns - $0.continuousNs)
            $0.continuousNs += by
            $0.uptimeNs += by
            $0.wallNs += by
        }
    }

    /// Time passes, asleep: CoreMotion's clock stands still.
    public static func sleep(ns: Int64) {
        state.change {
            $0.continuousNs += ns
            $0.wallNs += ns
        }
    }

    /// iOS begins what it has promised: in no order, so the last comes first.
    public static func beginAll() {
        let all = state.change { state in
            state.isBusy = false
            defer { state.promised = [] }
            return state.promised
        }
        for begin in all.reversed() { begin() }
    }

    /// Time is up for every activity that goes on.
    public static func expire() {
        for block in state.now.blocks { block(true) }
    }
}

extension ProcessInfo {
    public var isLowPowerModeEnabled: Bool { StandInProcess.state.now.isLowPowerModeEnabled }

    /// Not on the caller's thread, and several at once: as iOS does it.
    public func performExpiringActivity(withReason reason: String, using block: @escaping @Sendable (Bool) -> Void) {
        let isGiven = StandInProcess.state.change {
            if $0.refusesTime { return false }
            $0.begun.append(reason)
            $0.activities.append(reason)
            $0.blocks.append(block)
            return true
        }
        let activity: @Sendable () -> Void = {
            block(!isGiven)
            guard isGiven else { return }
            StandInProcess.state.change {
                guard let index = $0.activities.firstIndex(of: reason) else { return }
                $0.activities.remove(at: index)
                $0.blocks.remove(at: index)
            }
        }
        let isPromised = StandInProcess.state.change {
            if $0.isBusy { $0.promised.append(activity) }
            return $0.isBusy
        }
        if !isPromised { DispatchQueue.global().async(execute: activity) }
    }
}

extension Notification.Name {
    public static let NSProcessInfoPowerStateDidChange = Notification.Name("NSProcessInfoPowerStateDidChangeNotification")
}

public let CLOCK_UPTIME_RAW: clockid_t = 8

public func clock_gettime_nsec_np(_ clock: clockid_t) -> UInt64 {
    let state = StandInProcess.state.now
    return switch clock {
    case CLOCK_UPTIME_RAW: UInt64(state.uptimeNs)
    case CLOCK_MONOTONIC_RAW: UInt64(state.continuousNs)
    case CLOCK_REALTIME: UInt64(state.wallNs)
    default: 0
    }
}

/// As Darwin's: with no place for the value, it says how large that is.
@discardableResult
public func sysctlbyname(
    _ name: UnsafePointer<CChar>!, _ old: UnsafeMutableRawPointer!, _ size: UnsafeMutablePointer<Int>!,
    _ new: UnsafeMutableRawPointer!, _ newSize: Int
) -> Int32 {
    let known = ["kern.bootsessionuuid": "0F2A6E0C-5E1B-4B61-9C53-4D2C1F0C7A11", "hw.machine": "iPhone17,1"]
    guard let value = known[String(cString: name)] else { return -1 }
    let bytes = Array(value.utf8) + [0]
    if let old { old.copyMemory(from: bytes, byteCount: min(size.pointee, bytes.count)) }
    size.pointee = bytes.count
    return 0
}

extension URLSessionConfiguration {
    /// Linux has no other process that would go on with it.
    public class func background(withIdentifier identifier: String) -> URLSessionConfiguration { .default }
    public var sessionSendsLaunchEvents: Bool { get { true } set {} }
}
