import MilepostKit

/// One thing to change at an adapter.
enum Order: Equatable {
    case imu(hz: Int)
    case locations(LocationMode)
    case fence(SensingPlan.WakeFence?)
    case activities(Bool)
    /// When the engine wants a tick at the latest, on the axis.
    case tick(Int64?)
}

/// Turns plans into orders: what the engine asks for and nothing else, and nothing twice.
struct PlanFollower {
    private var hz: Int?
    private var mode: LocationMode?
    private var fence: SensingPlan.WakeFence??
    private var activities: Bool?
    private var tickNs: Int64??

    /// More takes more battery than it tells; iOS gives no more by itself.
    static let maxHz = 100

    /// What has to be changed for a plan. `nil`, before the engine has said anything, changes nothing: a fence of the
    /// process before stays where it is, or the ride that wakes the app is missed.
    mutating func follow(_ plan: SensingPlan?) -> [Order] {
        guard let plan else { return [] }
        var orders: [Order] = []
        let newMode = LocationMode(plan)
        let newHz = min(max(plan.imuHz, 0), Self.maxHz)
        // Positions first: they are what lets the app run on.
        if newMode != mode { orders.append(.locations(newMode)) }
        if newHz != hz { orders.append(.imu(hz: newHz)) }
        if fence != .some(plan.wakeFence) { orders.append(.fence(plan.wakeFence)) }
        if plan.activity != activities { orders.append(.activities(plan.activity)) }
        if tickNs != .some(plan.nextTickNs) { orders.append(.tick(plan.nextTickNs)) }
        (mode, hz, fence, activities, tickNs) = (newMode, newHz, plan.wakeFence, plan.activity, plan.nextTickNs)
        return orders
    }

    /// Everything that a permission can take away is asked for anew with the next plan.
    mutating func renew() {
        mode = nil
        fence = nil
        activities = nil
    }
}
