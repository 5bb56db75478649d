#if canImport(SwiftUI) && (os(iOS) || MILEPOST_STANDINS)
    import DriverModel
    import MilepostKit
    import MilepostTracking
    import SwiftUI

    /// All that it takes to track: the rest of this app shows it.
    final class AppDelegate: NSObject, UIApplicationDelegate {
        private(set) var tracker: MilepostTracker?

        func application(
            _ application: UIApplication,
            didFinishLaunchingWithOptions options: [UIApplication.LaunchOptionsKey: Any]? = nil
        ) -> Bool {
            tracker = MilepostTracker(TrackerConfiguration(preset: .courier))
            return true
        }

        func application(
            _ application: UIApplication, handleEventsForBackgroundURLSession identifier: String,
            completionHandler: @escaping () -> Void
        ) {
            tracker?.handleBackgroundUploads(completionHandler)
        }
    }

    @main
    struct DriverApp: App {
        @UIApplicationDelegateAdaptor private var delegate: AppDelegate

        var body: some Scene {
            WindowGroup { if let tracker = delegate.tracker { DutyView(tracker: tracker) } }
        }
    }
#endif
