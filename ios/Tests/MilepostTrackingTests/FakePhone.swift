import Foundation
import MilepostKit

@testable import MilepostTracking

/// A phone that does what it is told and remembers it; its time is the test's. One object behind all the ports.
final class FakePhone: MotionPort, LocationPort, ActivityPort, PhonePort, BackgroundPort, UploadPort, @unchecked Sendable {
    private let lock = NSLock()
    private var state = State()
    private var tell: (@Sendable (PlatformEvent) -> Void)?

    struct State {
        var clocks = Clocks(uptimeNs: 0, continuousNs: 0, wallMs: 1_767_600_000_000)
        var bootID = "a"
        var isForeground = true
        var location = LocationPermission.always(precise: true)
        var motion = MotionPermission.allowed
        var network = Network.unmetered
        var signals: [SignalKind: String] = [.charging: "off", .powerSave: "off", .provider: "on"]
        var hz = 0
        var mode = LocationMode.off
        var fence: SensingPlan.WakeFence?
        /// What was told to the fence, nil included.
        var fenceOrders = 0
        var activities = false
        var wakeAt: Date?
        var alarm: (afterS: Double, work: @Sendable () -> Void)?
        var asked: [Permissions.Step] = []
        /// Activities begun and ended, by reason.
        var begun: [String] = []
        var open = 0
        /// iOS gives no time at all.
        var refusesTime = false
        var inFlight: [String] = []
        var uploads: [Upload] = []
        var cancelled = 0
    }

    /// As it is now.
    var now: State { lock.withLock { state } }

    func change(_ change: (inout State) -> Void) {
        lock.withLock { change(&state) }
    }

    /// Tells the tracker.
    func tell(_ event: PlatformEvent) {
        lock.withLock { tell }?(event)
    }

    /// Time passes, awake.
    func pass(toNs ns: Int64) {
        change {
            let by = max(0, ns - $0.clocks.continuousNs)
            $0.clocks.continuousNs += by
            $0.clocks.uptimeNs += by
            $0.clocks.wallMs += by / 1_000_000
        }
    }

    var platform: Platform {
        Platform(motion: self, locations: self, activities: self, phone: self, background: self, uploads: self)
    }

    let hasGyroscope = true
    let device = "fake"
    let utcOffsetMin: Int32 = 60
    var clocks: Clocks { now.clocks }
    var bootID: String { now.bootID }
    var isForeground: Bool { now.isForeground }
    var network: Network { now.network }
    var signals: [SignalKind: String] { now.signals }

    func set(hz: Int) { change { $0.hz = hz } }
    var locationPermission: LocationPermission { now.location }
    func set(_ mode: LocationMode) { change { $0.mode = mode } }
    func setFence(_ fence: SensingPlan.WakeFence?) {
        change {
            $0.fence = fence
            $0.fenceOrders += 1
        }
    }
    func ask(_ step: Permissions.Step) { change { $0.asked.append(step) } }
    var motionPermission: MotionPermission { now.motion }
    func set(_ on: Bool) { change { $0.activities = on } }
    func ask() { change { $0.asked.append(.motion) } }

    func start(_ tell: @escaping @Sendable (PlatformEvent) -> Void) { lock.withLock { self.tell = tell } }

    func perform(_ reason: String, _ work: @escaping @Sendable (Bool) -> Void) {
        if now.refusesTime { return work(true) }
        change {
            $0.begun.append(reason)
            $0.open += 1
        }
        work(false)
        change { $0.open -= 1 }
    }
    func wake(at date: Date?) { change { $0.wakeAt = date } }
    func alarm(afterS: Double?, _ work: @escaping @Sendable () -> Void) {
        change { $0.alarm = afterS.map { ($0, work) } }
    }

    func inFlight(_ answer: @escaping @Sendable ([String]) -> Void) { answer(now.inFlight) }
    func upload(_ upload: Upload) {
        change {
            $0.uploads.append(upload)
            $0.inFlight.append(upload.id)
        }
    }
    func cancelAll() {
        change {
            $0.cancelled += 1
            $0.inFlight = []
        }
    }
}
