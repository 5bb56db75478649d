import MilepostKit
import MilepostTracking
import SwiftUI

final class AppDelegate: NSObject, UIApplicationDelegate {
    private(set) var tracker: MilepostTracker?

    func application(
        _ application: UIApplication, didFinishLaunchingWithOptions options: [UIApplication.LaunchOptionsKey: Any]? = nil
    ) -> Bool {
        tracker = MilepostTracker(TrackerConfiguration(preset: .courier, uploadURL: nil))
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
struct StarterApp: App {
    @UIApplicationDelegateAdaptor private var delegate: AppDelegate

    var body: some Scene {
        WindowGroup { if let tracker = delegate.tracker { TripsView(tracker: tracker, state: tracker.state) } }
    }
}

struct TripsView: View {
    let tracker: MilepostTracker
    @State var state: TrackerState
    @State private var trips: [TripAccount] = []

    var body: some View {
        List {
            Toggle("Record my trips at work", isOn: Binding(get: { state.consent }, set: { tracker.setConsent($0) }))
            Toggle("On duty", isOn: Binding(get: { state.onDuty }, set: { tracker.setDuty($0) }))
            if let step = state.permissions.next {
                Button("Allow: \(step.rawValue)") {
                    if state.permissions.way == .ask { tracker.request() } else { tracker.openSettings() }
                }
            }
            ForEach(trips) { account in
                Text("\(Int(account.trip.distanceM)) m in \(Int(account.trip.durationS)) s, \(account.events.count) events")
            }
        }
        .task { for await now in tracker.states { state = now } }
        .task { for await now in tracker.trips() { trips = now } }
    }
}
