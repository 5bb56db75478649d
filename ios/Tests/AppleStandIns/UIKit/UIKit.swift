@_exported import AppleFoundation

@MainActor
open class UIResponder: NSObject {}

@MainActor
open class UIDevice: NSObject {
    public enum BatteryState: Int, Sendable { case unknown, unplugged, charging, full }

    open class var current: UIDevice { standIn }
    private static let standIn = UIDevice()

    open var model: String { "iPhone" }
    open var isBatteryMonitoringEnabled = false
    /// Unknown where nobody monitors it.
    open var batteryState: BatteryState { isBatteryMonitoringEnabled ? StandInScreen.battery : .unknown }

    nonisolated public class var batteryStateDidChangeNotification: NSNotification.Name { .init("UIDeviceBatteryStateDidChange") }
}

@MainActor
open class UIApplication: UIResponder {
    public enum State: Int, Sendable { case active, inactive, background }

    public struct LaunchOptionsKey: Hashable, RawRepresentable, Sendable {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }
    }

    public struct OpenExternalURLOptionsKey: Hashable, RawRepresentable, Sendable {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }
    }

    open class var shared: UIApplication { standIn }
    private static let standIn = UIApplication()

    open var applicationState: State { StandInScreen.isOn ? .active : .background }
    open var isProtectedDataAvailable: Bool { !StandInScreen.isLocked }

    open func open(
        _ url: URL, options: [OpenExternalURLOptionsKey: Any] = [:],
        completionHandler completion: (@MainActor @Sendable (Bool) -> Void)? = nil
    ) {
        StandInScreen.opened.append(url)
    }

    nonisolated public class var openSettingsURLString: String { "app-settings:" }
    nonisolated public class var didBecomeActiveNotification: NSNotification.Name { .init("UIApplicationDidBecomeActive") }
    nonisolated public class var didEnterBackgroundNotification: NSNotification.Name { .init("UIApplicationDidEnterBackground") }
    nonisolated public class var significantTimeChangeNotification: NSNotification.Name { .init("UIApplicationSignificantTimeChange") }
    nonisolated public class var protectedDataDidBecomeAvailableNotification: NSNotification.Name {
        .init("UIApplicationProtectedDataDidBecomeAvailable")
    }
    nonisolated public class var protectedDataWillBecomeUnavailableNotification: NSNotification.Name {
        .init("UIApplicationProtectedDataWillBecomeUnavailable")
    }
}

/// All of them optional, as Objective-C has it.
@MainActor
public protocol UIApplicationDelegate: NSObjectProtocol {
    func application(
        _ application: UIApplication, didFinishLaunchingWithOptions launchOptions: [UIApplication.LaunchOptionsKey: Any]?
    ) -> Bool
    func application(
        _ application: UIApplication, handleEventsForBackgroundURLSession identifier: String,
        completionHandler: @escaping () -> Void)
}

extension UIApplicationDelegate {
    public func application(
        _ application: UIApplication, didFinishLaunchingWithOptions launchOptions: [UIApplication.LaunchOptionsKey: Any]?
    ) -> Bool { true }
    public func application(
        _ application: UIApplication, handleEventsForBackgroundURLSession identifier: String,
        completionHandler: @escaping () -> Void
    ) {}
}

/// What a person sees of the phone.
@MainActor
public enum StandInScreen {
    /// The app is on it.
    public static var isOn = true
    public static var isLocked = false
    public static var battery = UIDevice.BatteryState.unplugged

    /// What the app has led to.
    public static var opened: [URL] = []

    public static func tell(_ name: Notification.Name) {
        NotificationCenter.default.post(name: name, object: nil)
    }
}
