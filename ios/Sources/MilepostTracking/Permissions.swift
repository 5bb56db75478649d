/// When the app may locate.
public enum LocationPermission: Sendable, Hashable {
    /// Nobody has asked, or "Allow Once" is over.
    case notAsked
    case denied
    case whileInUse(precise: Bool)
    case always(precise: Bool)

    /// In the words of `signals.csv`.
    var signal: String {
        switch self {
        case .notAsked, .denied: "denied"
        case .whileInUse(let precise): precise ? "while_in_use" : "while_in_use:reduced"
        case .always(let precise): precise ? "always" : "always:reduced"
        }
    }

    /// Positions to the metre, not to the kilometre.
    var isPrecise: Bool {
        switch self {
        case .notAsked, .denied: false
        case .whileInUse(let precise), .always(let precise): precise
        }
    }
}

/// Whether the app may know activities and steps.
public enum MotionPermission: Sendable, Hashable {
    case notAsked
    case denied
    case allowed
    /// This phone counts no steps.
    case unavailable
}

/// What the person has allowed, as it is at this moment, and what to ask for next.
public struct Permissions: Sendable, Hashable {
    /// One question to the person. An app shows why before it asks.
    public enum Step: String, Codable, CaseIterable, Sendable {
        /// Locate while the app is used.
        case location
        /// Not the rough position but the precise one.
        case precise
        /// Steps and activities.
        case motion
        /// Locate always: the second step, which iOS takes after `location` only.
        case always
    }

    /// How the person can answer.
    public enum Way: Sendable {
        /// iOS shows its question.
        case ask
        /// iOS shows nothing any more: only its settings can change it.
        case settings
    }

    public let location: LocationPermission
    public let motion: MotionPermission
    /// What was asked for before, in any process: iOS shows most of its questions once only.
    let asked: Set<Step>

    public init(location: LocationPermission, motion: MotionPermission, asked: Set<Step> = []) {
        self.location = location
        self.motion = motion
        self.asked = asked
    }

    /// What to ask for next, in the order in which iOS grants it; `nil`: nothing is missing that can be had.
    public var next: Step? {
        switch location {
        case .notAsked, .denied: return .location
        case .whileInUse(precise: false), .always(precise: false): return .precise
        case .whileInUse(precise: true), .always(precise: true): break
        }
        if motion == .notAsked || motion == .denied { return .motion }
        if case .whileInUse = location { return .always }
        return nil
    }

    /// How ``next`` can be answered.
    public var way: Way {
        switch next {
        case .location: location == .denied ? .settings : .ask
        // There is no question for it that lasts.
        case .precise: .settings
        case .motion: motion == .denied ? .settings : .ask
        // After "Allow Once", or once asked, iOS never answers: not even with a no.
        case .always: asked.contains(.always) ? .settings : .ask
        case nil: .ask
        }
    }
}
