/// The phone's receiver, fences and visits, and what the person allows.
public enum StandInLocations {
    public struct State {
        public var isEnabled = true
        public var authorization = CLAuthorizationStatus.authorizedAlways
        public var accuracy = CLAccuracyAuthorization.fullAccuracy
        public var desiredAccuracy: CLLocationAccuracy = -1
        public var isUpdating = false
        public var watchesChanges = false
        public var watchesVisits = false
        public var regions: Set<CLRegion> = []
        public var asked: [String] = []
        /// Background activity sessions that are held.
        public var sessions = 0
        weak var manager: CLLocationManager?
        public init() {}
    }

    public static let state = Locked(State())

    /// Calls the delegate on the main thread, as CoreLocation does where its manager was made there. Returns when it is
    /// told. Not from the main thread.
    public static func tell(
        _ tell: @escaping (any CLLocationManagerDelegate, CLLocationManager) -> Void
    ) {
        let tell = Carried(tell)
        DispatchQueue.main.sync {
            guard let manager = state.now.manager, let delegate = manager.delegate else { return }
            tell.value(delegate, manager)
        }
    }
}
