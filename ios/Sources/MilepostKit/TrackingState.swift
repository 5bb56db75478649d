import Foundation

/// What Milepost is doing, and what stands in its way.
public struct TrackingState: Sendable, Hashable {
    /// What it wants to be sensed, and why; ``SensingPlan/nothing`` before the first input.
    public var plan: SensingPlan
    /// Empty when all is well; each with what the user can do about it.
    public var blockers: [Blocker]
    /// Records that no server has yet.
    public var unsent: Int64
    /// Records that the server refused.
    public var parked: Int64
    /// Why capture gave itself up so as not to take the app down; `nil`: it did not.
    public var disabled: String?

    public init(plan: SensingPlan, blockers: [Blocker], unsent: Int64, parked: Int64, disabled: String? = nil) {
        self.plan = plan
        self.blockers = blockers
        self.unsent = unsent
        self.parked = parked
        self.disabled = disabled
    }

    /// Whether a trip is going on or about to.
    public var isMoving: Bool {
        [.candidate, .driving, .standing, .stopTimeout].contains(plan.reason)
    }

    /// From what ``Milepost/plan()`` and ``Milepost/diagnostics()`` say.
    public init(plan: String, diagnostics: String) {
        let all = try? JSONDecoder().decode(Diagnostics.self, from: Data(diagnostics.utf8))
        self.init(
            plan: SensingPlan(json: plan) ?? .nothing,
            blockers: (all?.blockers ?? []).map { Blocker(name: $0, remedy: all?.remedies?[$0] ?? "") },
            unsent: all?.outbox?.unsent ?? 0,
            parked: all?.outbox?.parked ?? 0,
            disabled: all?.disabled
        )
    }

    /// As it is now: two calls that wait for the database.
    public init(of milepost: Milepost) throws {
        self.init(plan: try milepost.plan(), diagnostics: try milepost.diagnostics())
    }

    private struct Diagnostics: Decodable {
        struct Outbox: Decodable {
            let unsent: Int64
            let parked: Int64
        }
        let blockers: [String]?
        let remedies: [String: String]?
        let outbox: Outbox?
        let disabled: String?
    }
}
