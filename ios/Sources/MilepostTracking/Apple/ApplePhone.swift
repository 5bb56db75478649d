#if canImport(UIKit) && canImport(Network) && (os(iOS) || MILEPOST_STANDINS)
    import CoreLocation
    import Foundation
    import MilepostKit
    import Network
    import UIKit

    /// Clocks, charger, power saving, lock, network, and whether the app is on the screen.
    final class ApplePhone: PhonePort, @unchecked Sendable {
        private let lock = NSLock()
        // Under the lock.
        private var foreground: Bool
        private var path: MilepostKit.Network = .none
        private var said: [SignalKind: String]

        private let monitor = NWPathMonitor()
        let device: String
        /// Hears who is told, so that the other shells tell them too.
        var onStart: (@escaping @Sendable (PlatformEvent) -> Void) -> Void = { _ in }

        @MainActor
        init() {
            UIDevice.current.isBatteryMonitoringEnabled = true
            device = UIDevice.current.model + " " + Self.machine
            foreground = UIApplication.shared.applicationState != .background
            said = Self.look()
        }

        var clocks: Clocks {
            Clocks(
                uptimeNs: Int64(clock_gettime_nsec_np(CLOCK_UPTIME_RAW)),
                continuousNs: Int64(clock_gettime_nsec_np(CLOCK_MONOTONIC_RAW)),
                wallMs: Int64(clock_gettime_nsec_np(CLOCK_REALTIME) / 1_000_000))
        }

        var bootID: String { Self.sysctl("kern.bootsessionuuid") }
        var utcOffsetMin: Int32 { Int32(TimeZone.current.secondsFromGMT() / 60) }
        var isForeground: Bool { lock.withLock { foreground } }
        var network: MilepostKit.Network { lock.withLock { path } }

        var signals: [SignalKind: String] {
            var signals = lock.withLock { said }
            signals[.powerSave] = ProcessInfo.processInfo.isLowPowerModeEnabled ? "on" : "off"
            signals[.provider] = CLLocationManager.locationServicesEnabled() ? "on" : "off"
            return signals
        }

        func start(_ tell: @escaping @Sendable (PlatformEvent) -> Void) {
            onStart(tell)
            hear(UIApplication.didBecomeActiveNotification) { $0.set(true); tell(.foreground(true)) }
            hear(UIApplication.didEnterBackgroundNotification) { $0.set(false); tell(.foreground(false)) }
            hear(UIApplication.significantTimeChangeNotification) { _ in tell(.clockChanged) }
            hear(.NSSystemTimeZoneDidChange) { _ in tell(.clockChanged) }
            hear(.NSProcessInfoPowerStateDidChange) { _ in tell(.signalsChanged) }
            hear(UIDevice.batteryStateDidChangeNotification) { $0.renew(); tell(.signalsChanged) }
            hear(UIApplication.protectedDataDidBecomeAvailableNotification) { $0.renew(); tell(.signalsChanged) }
            hear(UIApplication.protectedDataWillBecomeUnavailableNotification) { phone in
                phone.lock.withLock { phone.said[.lock] = "locked" }
                tell(.signalsChanged)
            }
            monitor.pathUpdateHandler = { [weak self] path in
                let network: MilepostKit.Network =
                    path.status != .satisfied ? .none : path.isExpensive || path.isConstrained ? .metered : .unmetered
                guard let self else { return }
                self.lock.withLock { self.path = network }
                tell(.network(network))
            }
            monitor.start(queue: DispatchQueue(label: "io.milepost.network"))
        }

        private func set(_ foreground: Bool) {
            lock.withLock { self.foreground = foreground }
        }

        @MainActor
        private func renew() {
            let now = Self.look()
            lock.withLock { said = now }
        }

        @MainActor
        private static func look() -> [SignalKind: String] {
            let battery = UIDevice.current.batteryState
            return [
                .charging: battery == .charging || battery == .full ? "on" : "off",
                .lock: UIApplication.shared.isProtectedDataAvailable ? "unlocked" : "locked",
            ]
        }

        private func hear(_ name: Notification.Name, _ then: @escaping @MainActor @Sendable (ApplePhone) -> Void) {
            // Heard for as long as the process lives.
            _ = NotificationCenter.default.addObserver(forName: name, object: nil, queue: .main) { [weak self] _ in
                MainActor.assumeIsolated { if let self { then(self) } }
            }
        }

        private static var machine: String { sysctl("hw.machine") }

        private static func sysctl(_ name: String) -> String {
            var size = 0
            sysctlbyname(name, nil, &size, nil, 0)
            var bytes = [UInt8](repeating: 0, count: size)
            guard size > 0, sysctlbyname(name, &bytes, &size, nil, 0) == 0 else { return "" }
            return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
#endif
