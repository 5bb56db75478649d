import Foundation
import MilepostKit

/// Milepost in an iOS app: opens the core, senses what its plan asks for, keeps the database closed while iOS suspends the
/// app, and uploads. Make one in the app delegate's `didFinishLaunching`, in the background too, and keep it.
///
/// Every function returns at once and may be called from any thread; the work is done on a queue of its own. Nothing is
/// sensed without ``setConsent(_:)`` and ``setDuty(_:)``.
///
/// ```swift
/// let tracker = MilepostTracker(TrackerConfiguration(uploadURL: server))
/// tracker.setConsent(true)   // the person has agreed
/// tracker.setDuty(true)      // the shift begins
/// ```
public final class MilepostTracker: @unchecked Sendable {
    /// As the app gave it.
    public let configuration: TrackerConfiguration
    let platform: Platform
    private let queue = DispatchQueue(label: "io.milepost.sensing", qos: .utility)
    private let now: Watched<TrackerState>
    let opened = Watched<Opened>(.opening)

    private let lock = NSLock()
    // Under the lock.
    private var kept: Kept
    private var agenda: [@Sendable (MilepostTracker) -> Void] = []
    private var awake: Awake
    private var lookIsDue = false
    private var tokenSource: (@Sendable () async -> String?)?
    private var uploadsTold: (@Sendable () -> Void)?

    // Belongs to the queue.
    private(set) var sensing: Sensing?
    private var waiting: [PlatformEvent] = []
    private var unsaid: [(kind: SignalKind, value: String)] = []
    /// Something was done that is not yet decided and obeyed.
    private var isUnsettled = false
    /// Who gave time, and waits for its end.
    private var timeGivers: [@Sendable () -> Void] = []

    enum Opened: Sendable, Equatable {
        case opening
        case open(MilepostClient)
        case failed

        static func == (a: Opened, b: Opened) -> Bool {
            switch (a, b) {
            case (.opening, .opening), (.failed, .failed): true
            case (.open(let one), .open(let other)): one === other
            case (.opening, _), (.open, _), (.failed, _): false
            }
        }
    }

    /// What was told and said before the core was open; more than this is a phone that cannot open it.
    private static let maxWaiting = 1000
    /// A session that does not answer must not keep the core closed.
    private static let inFlightS = 10.0

    /// Begins at once. `platform`: ``Platform/apple(_:)`` on a phone, a fake in a test.
    public init(_ configuration: TrackerConfiguration, platform: Platform) {
        self.configuration = configuration
        self.platform = platform
        let kept = Kept.read(Self.keptFile(configuration))
        self.kept = kept
        awake = Awake(isForeground: platform.phone.isForeground)
        now = Watched(
            TrackerState(
                onDuty: kept.onDuty, consent: kept.consent, permissions: Self.permissions(platform, kept),
                tracking: nil, recording: kept.recording, error: nil))
        platform.phone.start { [weak self] event in self?.deliver(event) }
        open()
    }

    /// Everything that a screen has to show, now.
    public var state: TrackerState { now.value }

    /// Everything that a screen has to show, now and at every change.
    public var states: AsyncStream<TrackerState> { now.values }

    /// The records and trips: waits until the core is open; `nil` if it cannot be opened (``TrackerState/error``).
    public func client() async -> MilepostClient? {
        for await opened in opened.values {
            switch opened {
            case .opening: continue
            case .open(let client): return client
            case .failed: return nil
            }
        }
        return nil
    }

    /// Records everything that is sensed from now on, or stops; the core is opened anew for it.
    public func setRecording(_ on: Bool) {
        keep { $0.recording = on }
        run("recording") { $0.close() }
        open()
    }

    /// Who knows the upload token; asked at once, and when the server has refused the last one.
    public func setTokenSource(_ source: @escaping @Sendable () async -> String?) {
        lock.withLock { tokenSource = source }
        askForToken()
    }

    /// Pass on the app delegate's `handleEventsForBackgroundURLSession` for ``Platform/uploadSessionID``; called back on the
    /// main thread.
    @MainActor
    public func handleBackgroundUploads(_ completion: @escaping () -> Void) {
        let completion = OnMain(call: completion)
        lock.withLock { uploadsTold = { DispatchQueue.main.async { completion.call() } } }
    }

    /// Writes everything down and stops sensing: a test's end. An app needs none: it may be killed at any time.
    public func shutdown() {
        let done = DispatchSemaphore(value: 0)
        run("shutdown") {
            $0.sensing?.stop()
            $0.close()
            done.signal()
        }
        done.wait()
    }

    /// Waits until all that was sensed is decided and the plan that follows is obeyed: a test's time runs faster.
    func settle() {
        queue.sync {
            sensing?.settle()
            look()
        }
    }

    /// Waits until all that was told is done, and until the core has rung and was looked at.
    func wait() {
        // The core answers when it has done what was pushed, and has rung by then.
        queue.sync { sensing?.milepost.waitForCore() }
        queue.sync {}
    }

    /// Everything that the phone tells comes in here.
    func deliver(_ event: PlatformEvent) {
        if case .foreground(let isForeground) = event { lock.withLock { awake.isForeground = isForeground } }
        if case .uploadsTold = event {
            let told = lock.withLock { defer { uploadsTold = nil }; return uploadsTold }
            run("uploads") { _ in told?() }
            return
        }
        run("event") { $0.receive(event) }
    }

    /// Belongs to the queue. What is said before the core is open is said when it is.
    func say(_ kind: SignalKind, _ value: String) {
        if let sensing {
            sensing.signal(kind, value)
        } else if unsaid.count < Self.maxWaiting {
            unsaid.append((kind, value))
        }
    }

    private func receive(_ event: PlatformEvent) {
        if case .woken(let done) = event { timeGivers.append(done) }
        guard let sensing else {
            if waiting.count < Self.maxWaiting { waiting.append(event) }
            // Storage may be free again, or unlocked. Not from the queue, for which an opening waits.
            if opened.value == .failed {
                opened.update { $0 = .opening }
                DispatchQueue.global(qos: .utility).async { self.open() }
            }
            return
        }
        sensing.receive(event)
        switch event {
        case .permissionChanged, .foreground:
            keep { _ in }
            look()
        case .accelerometer, .gyroscope, .fix, .leftFence, .departed, .movedFar, .activity, .steps, .signalsChanged,
            .clockChanged, .network, .uploadFinished, .uploadsTold, .woken:
            break
        }
    }

    /// Does something on the queue: at once while the process runs on by itself, else within an activity that ends with
    /// everything decided, obeyed and the database closed again. In the order in which it was asked for: iOS begins
    /// several activities at once.
    func run(_ reason: String, _ work: @escaping @Sendable (MilepostTracker) -> Void) {
        let isHeld = lock.withLock {
            agenda.append(work)
            return awake.isHeld
        }
        if isHeld {
            queue.async {
                self.move()
                self.workOff()
                self.giveTimeBack()
            }
            return
        }
        platform.background.perform("io.milepost.\(reason)") { [weak self] expired in
            guard let self else { return }
            if expired {
                self.expire()
                // No time was given at all: what is pushed waits for the next one.
                self.queue.sync { self.workOff() }
                return
            }
            self.queue.sync {
                // An activity before has done it all.
                if !self.isUnsettled, self.lock.withLock({ self.agenda.isEmpty }) { return }
                self.stayAwake { self.workOff() }
            }
        }
    }

    /// With the database open: does something, and all that follows from it.
    private func stayAwake(_ work: () -> Void) {
        lock.withLock { awake.begin() }
        move()
        work()
        sensing?.settle()
        look()
        isUnsettled = false
        giveTimeBack()
        lock.withLock { awake.end() }
        move()
    }

    /// Does all that was asked for.
    private func workOff() {
        let agenda = lock.withLock {
            defer { self.agenda = [] }
            return self.agenda
        }
        if !agenda.isEmpty { isUnsettled = true }
        for work in agenda { work(self) }
    }

    /// Not while the core is being opened: what the time was given for comes after it.
    private func giveTimeBack() {
        if opened.value == .opening { return }
        let all = timeGivers
        timeGivers = []
        for done in all { done() }
    }

    private func expire() {
        queue.sync {
            lock.withLock { awake.expire() }
            move()
        }
    }

    /// Opens or closes the database as the account of being awake says.
    private func move() {
        guard let sensing, let move = lock.withLock({ awake.move() }) else { return }
        do {
            switch move {
            case .resume: try sensing.milepost.resume()
            case .suspend: try sensing.milepost.suspend()
            }
        } catch {
            Log.note("\(move): \(error)")
        }
    }

    /// The core has rung: what it wants may be another thing now. Several rings are one look.
    private func rung() {
        let isNews = lock.withLock { defer { lookIsDue = true }; return !lookIsDue }
        guard isNews else { return }
        queue.async {
            // Within an activity, it ends with a look; suspended, there is nothing to see.
            let isHeld = self.lock.withLock { self.lookIsDue = false; return self.awake.isHeld }
            if isHeld { self.look() }
        }
    }

    private func look() {
        guard let sensing, let tracking = sensing.follow() else { return }
        lock.withLock { awake.isContinuous = sensing.isContinuous }
        now.update { $0.tracking = tracking }
        move()
    }

    /// Opens the core within an activity of its own, after the session has said what it still carries.
    private func open() {
        platform.background.perform("io.milepost.open") { [weak self] expired in
            guard let self else { return }
            if expired { return self.expire() }
            let folder = Self.uploadFolder(self.configuration)
            let carried = InFlight()
            self.platform.uploads.inFlight(carried.set)
            let inFlight = carried.wait(Self.inFlightS)
            self.queue.sync {
                // A core that is to be closed is closed before.
                self.stayAwake {
                    self.workOff()
                    Uploader.reconcile(folder: folder, inFlight: inFlight)
                    self.openCore(folder, inFlight)
                }
            }
        }
    }

    private func openCore(_ folder: URL, _ inFlight: [String]) {
        if sensing != nil { return }
        let kept = lock.withLock { self.kept }
        do {
            let milepost = try Milepost(
                configuration.core(device: platform.phone.device, record: kept.recording, inFlight: inFlight))
            let sensing = Sensing(
                milepost: milepost, platform: platform, configuration: configuration, uploadFolder: folder,
                onTime: { [weak self] in self?.deliver(.woken {}) },
                onTokenWanted: { [weak self] in self?.askForToken() })
            self.sensing = sensing
            // The account begins anew with a core that is open.
            let (foreground, continuous) = lock.withLock { (awake.isForeground, awake.isContinuous) }
            lock.withLock {
                awake = Awake(isForeground: foreground)
                awake.isContinuous = continuous
                awake.begin()
            }
            // A snapshot may be older than what the person has said since.
            sensing.signal(.consent, kept.consent ? "granted" : "revoked")
            sensing.signal(.duty, kept.onDuty ? "on" : "off")
            for (kind, value) in unsaid where kind != .consent && kind != .duty { sensing.signal(kind, value) }
            unsaid = []
            sensing.look()
            milepost.onChange { [weak self] in self?.rung() }
            now.update { $0.error = nil }
            opened.update { $0 = .open(sensing.client) }
            let events = waiting
            waiting = []
            for event in events { receive(event) }
            askForToken()
        } catch {
            Log.note("cannot be opened: \(error)")
            now.update { $0.error = String(describing: error) }
            opened.update { $0 = .failed }
        }
    }

    private func close() {
        guard let sensing else { return }
        sensing.settle()
        self.sensing = nil
        opened.update { $0 = .opening }
        do {
            try sensing.milepost.close()
        } catch {
            Log.note("cannot be closed: \(error)")
        }
    }

    private func askForToken() {
        guard let source = lock.withLock({ tokenSource }) else { return }
        Task { [weak self] in
            let token = await source()
            self?.run("token") { $0.sensing?.setToken(token) }
        }
    }

    /// Changes what the next process must know, and what screens show of it.
    func keep(_ change: (inout Kept) -> Void) {
        let kept = lock.withLock {
            let before = self.kept
            change(&self.kept)
            if self.kept != before { self.kept.write(Self.keptFile(configuration)) }
            return self.kept
        }
        let permissions = Self.permissions(platform, kept)
        now.update {
            $0.onDuty = kept.onDuty
            $0.consent = kept.consent
            $0.recording = kept.recording
            $0.permissions = permissions
        }
    }

    private static func permissions(_ platform: Platform, _ kept: Kept) -> Permissions {
        Permissions(
            location: platform.locations.locationPermission, motion: platform.activities.motionPermission, asked: kept.asked)
    }

    private static func keptFile(_ configuration: TrackerConfiguration) -> URL {
        configuration.directory.appendingPathComponent("tracker.json")
    }

    private static func uploadFolder(_ configuration: TrackerConfiguration) -> URL {
        configuration.directory.appendingPathComponent("uploads", isDirectory: true)
    }
}

/// A closure of the main thread's that others pass on without calling it.
private struct OnMain: @unchecked Sendable {
    let call: () -> Void
}
