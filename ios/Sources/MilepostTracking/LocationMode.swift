import MilepostKit

/// How positions are asked for: the plan's wish in what iOS has.
public enum LocationMode: Sendable, Hashable {
    /// Nothing, not even a wake-up.
    case off
    /// Visits and significant changes: the radio's cells, no receiver. The app sleeps, and is woken by them.
    case watch
    /// The app is kept awake by positions of three kilometres, so that the motion sensors can be read; no receiver.
    case awake
    /// The receiver. iOS gives a position a second, whatever is asked for.
    case receiver

    /// iOS lets the app run on while it is off the screen.
    public var isContinuous: Bool {
        switch self {
        case .off, .watch: false
        case .awake, .receiver: true
        }
    }

    init(_ plan: SensingPlan) {
        if plan.reason == .notAllowed {
            self = .off
        } else if plan.gnss.isOn {
            self = .receiver
        } else {
            self = plan.imuHz > 0 ? .awake : .watch
        }
    }
}

/// Lets as many fixes through as the plan asks for: on iOS the receiver's rate cannot be chosen, but what is done about
/// each fix can.
struct Thinning {
    private var lastNs: Int64?

    /// Fixes come on the second, give or take.
    static let jitterS = 0.5

    mutating func takes(_ tNs: Int64, _ gnss: SensingPlan.GNSS) -> Bool {
        switch gnss {
        case .off, .lowPower:
            return true
        case .on(let intervalS):
            if let lastNs, tNs > lastNs, Double(tNs - lastNs) / 1e9 < intervalS - Self.jitterS { return false }
            lastNs = tNs
            return true
        }
    }
}
