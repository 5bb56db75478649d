import MilepostKit

/// Everything that a screen has to show about tracking.
public struct TrackerState: Sendable, Hashable {
    /// The person is at work; nothing is sensed otherwise.
    public var onDuty: Bool
    /// The person has agreed to be tracked at work.
    public var consent: Bool
    /// What the person has allowed, and what to ask for next.
    public var permissions: Permissions
    /// What was read of the core last; `nil` while it is not open.
    public var tracking: TrackingState?
    /// Everything that is sensed is recorded for `milepost replay`.
    public var recording: Bool
    /// Why the core could not be opened, for a log; `nil` when all is well.
    public var error: String?

    /// Any state, for previews and tests of screens.
    public static func preview(
        _ tracking: TrackingState?, onDuty: Bool = true, consent: Bool = true,
        permissions: Permissions = Permissions(location: .always(precise: true), motion: .allowed)
    ) -> TrackerState {
        TrackerState(
            onDuty: onDuty, consent: consent, permissions: permissions, tracking: tracking, recording: false, error: nil)
    }
}
