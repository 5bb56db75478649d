import Foundation
import MilepostKit

/// Everything that the tracker asks of a phone. Behind each protocol stands a thin shell over one of Apple's frameworks
/// (`Apple/`), or a fake in a test: whatever is decided is decided on this side.
public struct Platform: Sendable {
    public let motion: any MotionPort
    public let locations: any LocationPort
    public let activities: any ActivityPort
    public let phone: any PhonePort
    public let background: any BackgroundPort
    public let uploads: any UploadPort

    /// Must stand under `BGTaskSchedulerPermittedIdentifiers` in the app's Info.plist.
    public static let wakeTaskID = "io.milepost.wake"
    /// By which the app delegate knows the session's events.
    public static let uploadSessionID = "io.milepost.uploads"

    public init(
        motion: any MotionPort, locations: any LocationPort, activities: any ActivityPort, phone: any PhonePort,
        background: any BackgroundPort, uploads: any UploadPort
    ) {
        self.motion = motion
        self.locations = locations
        self.activities = activities
        self.phone = phone
        self.background = background
        self.uploads = uploads
    }
}

/// Accelerometer and gyroscope.
public protocol MotionPort: Sendable {
    var hasGyroscope: Bool { get }
    /// Readings a second of both from now on, as ``PlatformEvent/accelerometer(_:)`` and ``PlatformEvent/gyroscope(_:)``;
    /// 0 is off.
    func set(hz: Int)
}

/// Positions, fences and the permission for them.
public protocol LocationPort: Sendable {
    var locationPermission: LocationPermission { get }
    func set(_ mode: LocationMode)
    /// The one fence that wakes the app; `nil` takes it away.
    func setFence(_ fence: SensingPlan.WakeFence?)
    /// Puts the question to the person; the answer comes as ``PlatformEvent/permissionChanged``, or never.
    func ask(_ step: Permissions.Step)
}

/// Activities and steps.
public protocol ActivityPort: Sendable {
    var motionPermission: MotionPermission { get }
    func set(_ on: Bool)
    /// Puts the question to the person.
    func ask()
}

/// What the phone itself is doing, and what time it is.
public protocol PhonePort: Sendable {
    /// The three clocks at one moment.
    var clocks: Clocks { get }
    /// Another after each restart of the phone.
    var bootID: String { get }
    var utcOffsetMin: Int32 { get }
    /// The model, for recordings.
    var device: String { get }
    /// The app is on the screen.
    var isForeground: Bool { get }
    var network: Network { get }
    /// What can be asked for now, by kind.
    var signals: [SignalKind: String] { get }
    /// Begins to tell what changes.
    func start(_ tell: @escaping @Sendable (PlatformEvent) -> Void)
}

/// Time to work in while the app is off the screen.
public protocol BackgroundPort: Sendable {
    /// Keeps the process running during `work(false)`; calls `work(true)` when time is up, or at once where there is none.
    func perform(_ reason: String, _ work: @escaping @Sendable (_ expired: Bool) -> Void)
    /// Asks to be woken at that time or later; `nil`: not at all.
    func wake(at date: Date?)
    /// Calls back once after so many seconds, if the process runs by then; the one before is let go.
    func alarm(afterS: Double?, _ work: @escaping @Sendable () -> Void)
}

/// HTTP that goes on when the process has ended.
public protocol UploadPort: Sendable {
    /// The ids of what is still on its way, also from an earlier process.
    func inFlight(_ answer: @escaping @Sendable ([String]) -> Void)
    /// POSTs a file; the answer comes as ``PlatformEvent/uploadFinished(id:outcome:)``, perhaps in another process.
    func upload(_ upload: Upload)
    /// Forgets all that is on its way.
    func cancelAll()
}

/// One batch on its way to the server.
public struct Upload: Sendable, Equatable {
    public let id: String
    public let url: URL
    public let headers: [Header]
    /// What is sent: a background session takes bodies from files only.
    public let body: URL
    /// Not over a network that costs by the byte.
    public let unmeteredOnly: Bool
}

/// What a phone tells the tracker; from any thread.
public enum PlatformEvent: Sendable {
    case accelerometer([MotionReading])
    case gyroscope([MotionReading])
    case fix(PhoneFix)
    /// The phone has left the fence.
    case leftFence
    /// The phone has left a place where it had been for a while.
    case departed
    /// The phone has moved by some hundred metres: a position may come with it.
    case movedFar
    /// When it became true, by the wall clock.
    case activity(PhoneActivity)
    /// Counted since the app has begun to ask.
    case steps(count: Int, wallMs: Int64)
    /// One of ``PhonePort/signals`` may have changed.
    case signalsChanged
    case permissionChanged
    case clockChanged
    case foreground(Bool)
    case network(Network)
    case uploadFinished(id: String, outcome: UploadOutcome)
    /// All that a background session had to tell is told.
    case uploadsTold
    /// A time has come, or the OS gives some seconds, as was asked for by ``BackgroundPort``. To be called when what is
    /// to be done in them is done.
    case woken(_ done: @Sendable () -> Void)
}

/// One reading as CoreMotion gives it: on the clock that stops while the phone sleeps.
public struct MotionReading: Sendable, Equatable {
    /// Seconds since the phone was started, without sleep.
    public let uptimeS: Double
    /// Of the accelerometer in g, as iOS has it (lying face up: z = −1); of the gyroscope in rad/s.
    public let x, y, z: Double

    public init(uptimeS: Double, x: Double, y: Double, z: Double) {
        self.uptimeS = uptimeS
        self.x = x
        self.y = y
        self.z = z
    }
}

/// One position as CoreLocation gives it: negative values are not known.
public struct PhoneFix: Sendable, Equatable {
    public let wallMs: Int64
    public let latDeg, lonDeg: Double
    public let altM: Double
    public let vAccM: Double
    public let speedMps: Double
    public let courseDeg: Double
    public let hAccM: Double
    /// Made up by software.
    public let isMock: Bool

    public init(
        wallMs: Int64, latDeg: Double, lonDeg: Double, altM: Double, vAccM: Double, speedMps: Double,
        courseDeg: Double, hAccM: Double, isMock: Bool
    ) {
        self.wallMs = wallMs
        self.latDeg = latDeg
        self.lonDeg = lonDeg
        self.altM = altM
        self.vAccM = vAccM
        self.speedMps = speedMps
        self.courseDeg = courseDeg
        self.hAccM = hAccM
        self.isMock = isMock
    }
}

/// One judgement of the phone's activity recognition, which may say several things at once.
public struct PhoneActivity: Sendable, Equatable {
    public enum Confidence: Sendable { case low, medium, high }
    public let wallMs: Int64
    public let stationary, walking, running, cycling, automotive: Bool
    public let confidence: Confidence

    public init(
        wallMs: Int64, stationary: Bool = false, walking: Bool = false, running: Bool = false, cycling: Bool = false,
        automotive: Bool = false, confidence: Confidence
    ) {
        self.wallMs = wallMs
        self.stationary = stationary
        self.walking = walking
        self.running = running
        self.cycling = cycling
        self.automotive = automotive
        self.confidence = confidence
    }
}
