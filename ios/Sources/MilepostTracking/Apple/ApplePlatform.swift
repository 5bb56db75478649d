#if canImport(UIKit) && canImport(CoreLocation) && canImport(CoreMotion) && canImport(BackgroundTasks) && os(iOS)
    import Foundation

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
                uploads: AppleUploads(tell.event))
        }
    }

    extension MilepostTracker {
        /// On the phone.
        @MainActor
        public convenience init(_ configuration: TrackerConfiguration) {
            self.init(configuration, platform: .apple())
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
