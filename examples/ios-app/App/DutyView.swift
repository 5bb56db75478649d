#if canImport(SwiftUI) && (os(iOS) || MILEPOST_STANDINS)
    import DriverModel
    import MilepostTracking
    import SwiftUI

    /// The one screen: the shift, what stands in its way, today's trips, what waits for upload, and recordings. System colours
    /// and text styles throughout, so that dark mode and large text come by themselves.
    struct DutyView: View {
        let tracker: MilepostTracker
        @State private var state: TrackerState

        init(tracker: MilepostTracker) {
            self.tracker = tracker
            _state = State(initialValue: tracker.state)
        }

        private var screen: Screen { Screen(state, hasServer: tracker.configuration.uploadURL != nil) }

        var body: some View {
            NavigationStack {
                List {
                    duty
                    if let question = screen.question { permission(question) }
                    ForEach(screen.obstacles) { obstacle in blocker(obstacle) }
                    TripsView(tracker: tracker)
                    uploads
                    recordings
                }
                .navigationTitle("Milepost")
            }
            .task { for await now in tracker.states { state = now } }
        }

        private var duty: some View {
            Section {
                Toggle("On duty", isOn: Binding(get: { screen.onDuty }, set: { tracker.setDuty($0) }))
                    .font(.headline)
                    .accessibilityHint("Your trips are recorded while it is on")
                Text(screen.doing)
            }
        }

        private func permission(_ question: Screen.Question) -> some View {
            Section {
                Text(question.words)
                if question.inSettings {
                    Button("Open Settings", action: tracker.openSettings)
                } else {
                    Button("Continue") { tracker.request() }
                }
            }
        }

        private func blocker(_ obstacle: Screen.Obstacle) -> some View {
            Section {
                Label(obstacle.words, systemImage: "exclamationmark.triangle").foregroundStyle(.orange)
                if let help = obstacle.help {
                    Button(help) {
                        switch obstacle.remedy {
                        case .agree: tracker.setConsent(true)
                        case .settings: tracker.openSettings()
                        }
                    }
                }
            }
        }

        private var uploads: some View {
            Section("Upload") {
                Text(screen.upload)
                if screen.canSend { Button("Send now") { tracker.uploadNow() } }
            }
        }

        private var recordings: some View {
            Section {
                Button(screen.recording ? "Stop recording" : "Record") { tracker.setRecording(!screen.recording) }
                if !screen.recording, let newest = tracker.recordings.first {
                    ShareLink("Share \(newest.lastPathComponent)", item: newest)
                }
            } header: {
                Text("Record a drive")
            } footer: {
                Text("Writes down everything that is sensed, for “milepost replay” on a laptop. It holds where you were.")
            }
        }
    }
#endif
