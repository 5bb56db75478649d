/// The phone's motion sensors and its motion coprocessor.
public enum StandInMotion {
    public struct State {
        public var hasGyroscope = true
        public var countsSteps = true
        public var authorization = CMAuthorizationStatus.authorized
        /// What the coprocessor has seen while the app slept.
        public var past: [CMMotionActivity] = []
        public var queries = 0
        /// What the accelerometer was asked for; 0 is off.
        public var hz = 0
        public var isWatchingActivities: Bool { activity != nil }
        public var isCountingSteps: Bool { steps != nil }
        var accelerometer: (OperationQueue, CMAccelerometerHandler)?
        var gyroscope: (OperationQueue, CMGyroHandler)?
        var activity: (OperationQueue, CMMotionActivityHandler)?
        var steps: CMPedometerHandler?
        public init() {}
    }

    public static let state = Locked(State())

    public static func tell(_ data: CMAccelerometerData) {
        guard let (queue, handler) = state.now.accelerometer else { return }
        deliver(on: queue) { handler(data, nil) }
    }

    public static func tell(_ data: CMGyroData) {
        guard let (queue, handler) = state.now.gyroscope else { return }
        deliver(on: queue) { handler(data, nil) }
    }

    public static func tell(_ activity: CMMotionActivity) {
        guard let (queue, handler) = state.now.activity else { return }
        deliver(on: queue) { handler(activity) }
    }

    /// On a thread of its own choice, as a pedometer does.
    public static func tell(_ data: CMPedometerData) {
        guard let handler = state.now.steps else { return }
        deliver(on: OperationQueue()) { handler(data, nil) }
    }

    /// Returns when it is delivered.
    static func deliver(on queue: OperationQueue, _ work: @escaping () -> Void) {
        let work = Carried(work)
        queue.addOperations([BlockOperation { work.value() }], waitUntilFinished: true)
    }
}
