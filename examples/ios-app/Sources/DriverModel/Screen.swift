import Foundation
import MilepostKit
import MilepostTracking

/// Everything on the one screen, as values: what a view shows and nothing else.
public struct Screen: Sendable, Equatable {
    /// Something that stands in the way, and what helps.
    public struct Obstacle: Identifiable, Sendable, Equatable {
        public var id: String { name }
        public let name: String
        public let words: String
        public let help: String?
        public let remedy: Remedy
    }

    /// What a button of an obstacle does.
    public enum Remedy: Sendable, Equatable {
        case agree
        case settings
    }

    /// The next permission, with its reason before the phone asks.
    public struct Question: Sendable, Equatable {
        public let words: String
        /// iOS shows nothing any more: the button leads to its settings.
        public let inSettings: Bool
    }

    public let onDuty: Bool
    public let doing: String
    public let question: Question?
    public let obstacles: [Obstacle]
    public let upload: String
    public let canSend: Bool
    public let recording: Bool

    /// Said by the switch and the question already.
    private static let elsewhere: Set<String> = [
        "off_duty", "permission_denied", "permission_while_in_use", "reduced_accuracy",
    ]

    public init(_ state: TrackerState, hasServer: Bool) {
        onDuty = state.onDuty
        doing = Words.doing(state)
        question = state.permissions.next.map {
            Question(words: Words.step($0), inSettings: state.permissions.way == .settings)
        }
        obstacles = (state.tracking?.blockers ?? []).filter { !Self.elsewhere.contains($0.name) }.map {
            let said = Words.blocker($0.name)
            return Obstacle(
                name: $0.name, words: said.words, help: said.help,
                remedy: $0.remedy == "ask_for_consent" ? .agree : .settings)
        }
        let waiting = state.tracking?.unsent ?? 0
        let parked = state.tracking?.parked ?? 0
        let queue = waiting == 0 ? "Everything is uploaded." : "\(waiting) records wait for upload."
        upload = [
            hasServer || waiting == 0 ? queue : "\(waiting) records are kept here. No server is set.",
            parked == 0 ? nil : "\(parked) were refused by the server.",
        ].compactMap { $0 }.joined(separator: " ")
        canSend = hasServer && waiting > 0
        recording = state.recording
    }
}
