import Foundation
import MilepostKit

/// Does what the engine's plan says and nothing else, and hands over what the phone tells: all that happens while the
/// core is open. Belongs to the tracker's queue. Leaves opening, closing and staying awake to the tracker.
final class Sensing {
    let milepost: Milepost
    let client: MilepostClient
    private let platform: Platform
    private let sink: Sink
    private let uploader: Uploader
    private let uploads: Bool
    private var follower = PlanFollower()
    private var plan = SensingPlan.nothing
    private var steps = StepCount()
    private var unsent: Int64 = 0
    private var tickNs: Int64?
    private var sendAtMs: Int64?
    private let onTime: @Sendable () -> Void
    private let onTokenWanted: @Sendable () -> Void

    /// - Parameters:
    ///   - onTime: a time has come at which ``woken()`` is to be called
    ///   - onTokenWanted: the server wants a token
    init(
        milepost: Milepost, platform: Platform, configuration: TrackerConfiguration, uploadFolder: URL,
        onTime: @escaping @Sendable () -> Void, onTokenWanted: @escaping @Sendable () -> Void
    ) {
        self.milepost = milepost
        self.platform = platform
        self.onTime = onTime
        self.onTokenWanted = onTokenWanted
        client = MilepostClient(milepost)
        sink = Sink(milepost: milepost, phone: platform.phone, hasGyroscope: platform.motion.hasGyroscope)
        uploads = configuration.uploadURL != nil
        uploader = Uploader(
            milepost: milepost, port: platform.uploads, folder: uploadFolder,
            unmeteredOnly: configuration.unmeteredOnly)
    }

    /// Positions are sensed in a way that lets the app run on, and iOS allows it.
    private(set) var isContinuous = false

    /// What the app says. Alone in its call: a word that the core refuses takes nothing along.
    func signal(_ kind: SignalKind, _ value: String) {
        sink.push()
        sink.signal(kind, value)
    }

    /// Says what the phone is doing, as far as it has changed.
    func look() {
        sink.look()
        for (kind, value) in platform.phone.signals.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            sink.say(kind, value)
        }
        sink.say(.permission, platform.locations.locationPermission.signal)
        network(platform.phone.network)
    }

    func receive(_ event: PlatformEvent) {
        switch event {
        case .accelerometer(let readings): sink.accelerometer(readings)
        case .gyroscope(let readings): sink.gyroscope(readings)
        case .fix(let fix): sink.fix(fix, plan: plan)
        case .leftFence, .departed: sink.signal(.wake, "fence")
        case .movedFar: if !isContinuous { sink.signal(.wake, "motion") }
        case .activity(let activity):
            sink.signal(.activity, activity.word, wallMs: activity.wallMs, confidence: activity.confidenceValue)
        case .steps(let count, let wallMs):
            if let all = steps.add(count) { sink.signal(.steps, String(all), wallMs: wallMs) }
        case .signalsChanged: look()
        case .permissionChanged:
            follower.renew()
            look()
        case .clockChanged: sink.zoneChanged()
        case .foreground: look()
        case .network(let network): self.network(network)
        case .uploadFinished(let id, let outcome):
            if uploader.finished(id, outcome) { onTokenWanted() }
            send()
        case .uploadsTold: break
        case .woken: woken()
        }
    }

    /// A time has come that somebody waited for.
    func woken() {
        sink.tick()
        if let sendAtMs, platform.phone.clocks.wallMs >= sendAtMs { send() }
        wakeLater()
    }

    /// Hands over what waits, and follows when all of it is decided.
    func settle() {
        sink.push()
        attempt("flush") { try milepost.flush() }
    }

    /// Reads what the core is doing and obeys; `nil` where it cannot be read now.
    func follow() -> TrackingState? {
        guard let json = attempt("plan", { try milepost.plan() }),
            let diagnostics = attempt("diagnostics", { try milepost.diagnostics() })
        else { return nil }
        let state = TrackingState(plan: json, diagnostics: diagnostics)
        plan = state.plan
        for order in follower.follow(SensingPlan(json: json)) { obey(order) }
        if state.unsent > unsent { send() }
        unsent = state.unsent
        return state
    }

    func send(flush: Bool = false) {
        guard uploads else { return }
        sendAtMs = nil
        switch uploader.send(flush: flush) {
        case .whenSomethingHappens: break
        case .at(let wallMs): sendAtMs = wallMs
        case .withToken: onTokenWanted()
        }
        wakeLater()
    }

    func setToken(_ token: String?) {
        attempt("token") { try milepost.setToken(token) }
        if token != nil { send() }
    }

    /// Bodies on their way hold what was erased.
    func eraseUploads() {
        uploader.erase()
    }

    /// Everything off: nobody may look.
    func stop() {
        for order in follower.follow(.nothing) { obey(order) }
        settle()
    }

    private func obey(_ order: Order) {
        switch order {
        case .locations(let mode):
            platform.locations.set(mode)
            let may = platform.locations.locationPermission != .denied && platform.locations.locationPermission != .notAsked
            isContinuous = mode.isContinuous && may
        case .imu(let hz):
            platform.motion.set(hz: hz)
            if hz == 0 { sink.imuEnded() }
        case .fence(let fence): platform.locations.setFence(fence)
        case .activities(let on): platform.activities.set(on)
        case .tick(let ns):
            tickNs = ns
            wakeLater()
        }
    }

    /// One alarm for all that is waited for; and iOS is asked for a wake-up in case the app sleeps by then.
    private func wakeLater() {
        let now = platform.phone.clocks
        let tickInS = tickNs.map { Double($0 - now.continuousNs) / 1e9 }
        let sendInS = sendAtMs.map { Double($0 - now.wallMs) / 1e3 }
        let inS = [tickInS, sendInS].compactMap { $0 }.min().map { max($0, 0) }
        platform.background.alarm(afterS: inS, onTime)
        platform.background.wake(at: inS.map { Date(timeIntervalSince1970: Double(now.wallMs) / 1e3 + $0) })
    }

    private func network(_ network: Network) {
        let charging = platform.phone.signals[.charging] == "on"
        attempt("network") { try milepost.setNetwork(network, charging: charging) }
        if network != .none { send() }
    }

    @discardableResult
    private func attempt<Value>(_ what: String, _ work: () throws -> Value) -> Value? {
        do {
            return try work()
        } catch MilepostError.Closed {
            return nil
        } catch {
            Log.note("\(what): \(error)")
            return nil
        }
    }
}
