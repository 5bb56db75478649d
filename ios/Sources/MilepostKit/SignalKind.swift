/// A fact about the phone, or a wish of the app; `docs/records.md` has the values. The raw values are the codes in
/// packed frames: append only.
public enum SignalKind: UInt8, CaseIterable, Sendable {
    /// `still walking running cycling automotive unknown`, with a confidence.
    case activity
    /// Cumulative count since boot.
    case steps
    /// `on off`
    case screen
    /// `on off`
    case charging
    /// `on off`
    case powerSave
    /// `on off`: the location provider.
    case provider
    /// `locked unlocked`
    case lock
    /// `none ringing handheld hands_free`
    case call
    /// `connected:<name>` or `disconnected`
    case vehicleAudio
    /// A number; empty is unknown.
    case speedLimit
    /// `always while_in_use denied`, with `:reduced` when accuracy is.
    case permission
    /// `granted revoked`
    case consent
    /// `on off`
    case duty
    /// `start_trip stop_trip`
    case command
    /// Text.
    case tag
    /// Text; empty is none.
    case vehicleID
    /// Text; empty is nobody.
    case driverID
    /// `fence motion`: what woke the app.
    case wake
    /// Text: the host's own id for the open trip, else for the next; empty is none.
    case externalID

    /// Its name in `signals.csv`.
    public var wireName: String {
        switch self {
        case .activity: "activity"
        case .steps: "steps"
        case .screen: "screen"
        case .charging: "charging"
        case .powerSave: "power_save"
        case .provider: "provider"
        case .lock: "lock"
        case .call: "call"
        case .vehicleAudio: "vehicle_audio"
        case .speedLimit: "speed_limit_mps"
        case .permission: "permission"
        case .consent: "consent"
        case .duty: "duty"
        case .command: "command"
        case .tag: "tag"
        case .vehicleID: "vehicle_id"
        case .driverID: "driver_id"
        case .wake: "wake"
        case .externalID: "external_id"
        }
    }
}
