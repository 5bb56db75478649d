#if canImport(UIKit) && canImport(CoreLocation) && canImport(CoreMotion) && (os(iOS) || MILEPOST_STANDINS)
    import Foundation
    import UIKit
    #if canImport(FoundationNetworking)
        import FoundationNetworking
    #endif

    extension Platform {
        /// The phone. Make it in the app delegate's `didFinishLaunching`.
        @MainActor
        public static func apple() -> Platform {
            let phone = ApplePhone()
            let tell = Tell()
            phone.onStart = { tell.set($0) }
            return Platform(
                motion: AppleMotion(tell.event), locations: AppleLocations(tell.event),
                activities: AppleActivities(tell.event), phone: phone, background: AppleBackground(tell.event),
                uploads: AppleUploads(uploading, tell.event))
        }

        /// What goes on when the process has ended.
        private static var uploading: URLSessionConfiguration {
            let configuration = URLSessionConfiguration.background(withIdentifier: uploadSessionID)
            configuration.sessionSendsLaunchEvents = true
            configuration.isDiscretionary = false
            return configuration
        }
    }

    extension MilepostTracker {
        /// On the phone.
        @MainActor
        public convenience init(_ configuration: TrackerConfiguration) {
            self.init(configuration, platform: .apple())
        }

        /// Leads the person to this app's settings: where ``Permissions/way`` is `.settings`.
        @MainActor
        public func openSettings() {
            if let settings = URL(string: UIApplication.openSettingsURLString) { UIApplication.shared.open(settings) }
        }
    }

    /// Who is told: known only when the tracker is made, and told what came before.
    private final class Tell: @unchecked Sendable {
        private let lock = NSLock()
        private var sink: (@Sendable (PlatformEvent) -> Void)?
        private var early: [PlatformEvent] = []

        func set(_ sink: @escaping @Sendable (PlatformEvent) -> Void) {
            let events = lock.withLock {
                self.sink = sink
                defer { early = [] }
                return early
            }
            events.forEach(sink)
        }

        func event(_ event: PlatformEvent) {
            let sink = lock.withLock {
                if self.sink == nil { early.append(event) }
                return self.sink
            }
            sink?(event)
        }
    }
#endif
