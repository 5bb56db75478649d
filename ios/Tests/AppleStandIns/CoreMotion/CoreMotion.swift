@_exported import AppleFoundation

public struct CMAcceleration: Sendable {
    public var x, y, z: Double
    public init(x: Double, y: Double, z: Double) { (self.x, self.y, self.z) = (x, y, z) }
}

public struct CMRotationRate: Sendable {
    public var x, y, z: Double
    public init(x: Double, y: Double, z: Double) { (self.x, self.y, self.z) = (x, y, z) }
}

open class CMLogItem: NSObject {
    public let timestamp: TimeInterval
    init(timestamp: TimeInterval) { self.timestamp = timestamp }
}

open class CMAccelerometerData: CMLogItem {
    public let acceleration: CMAcceleration
    public init(_ timestamp: TimeInterval, _ acceleration: CMAcceleration) {
        self.acceleration = acceleration
        super.init(timestamp: timestamp)
    }
}

open class CMGyroData: CMLogItem {
    public let rotationRate: CMRotationRate
    public init(_ timestamp: TimeInterval, _ rotationRate: CMRotationRate) {
        self.rotationRate = rotationRate
        super.init(timestamp: timestamp)
    }
}

public typealias CMAccelerometerHandler = (CMAccelerometerData?, (any Error)?) -> Void
public typealias CMGyroHandler = (CMGyroData?, (any Error)?) -> Void
public typealias CMMotionActivityHandler = (CMMotionActivity?) -> Void
public typealias CMMotionActivityQueryHandler = ([CMMotionActivity]?, (any Error)?) -> Void
public typealias CMPedometerHandler = (CMPedometerData?, (any Error)?) -> Void

open class CMMotionManager: NSObject {
    public var isAccelerometerAvailable: Bool { true }
    public var isGyroAvailable: Bool { StandInMotion.state.now.hasGyroscope }
    public var accelerometerUpdateInterval: TimeInterval = 0.01
    public var gyroUpdateInterval: TimeInterval = 0.01

    open func startAccelerometerUpdates(to queue: OperationQueue, withHandler handler: @escaping CMAccelerometerHandler) {
        let hz = Int((1 / accelerometerUpdateInterval).rounded())
        StandInMotion.state.change {
            $0.hz = hz
            $0.accelerometer = (queue, handler)
        }
    }

    open func stopAccelerometerUpdates() {
        StandInMotion.state.change {
            $0.hz = 0
            $0.accelerometer = nil
        }
    }

    open func startGyroUpdates(to queue: OperationQueue, withHandler handler: @escaping CMGyroHandler) {
        StandInMotion.state.change { $0.gyroscope = (queue, handler) }
    }

    open func stopGyroUpdates() {
        StandInMotion.state.change { $0.gyroscope = nil }
    }
}

public enum CMAuthorizationStatus: Int, Sendable {
    case notDetermined, restricted, denied, authorized
}

public enum CMMotionActivityConfidence: Int, Sendable {
    case low, medium, high
}

open class CMMotionActivity: CMLogItem {
    public var confidence = CMMotionActivityConfidence.high
    public var startDate = Date()
    public var unknown = false
    public var stationary = false
    public var walking = false
    public var running = false
    public var automotive = false
    public var cycling = false
    public init() { super.init(timestamp: 0) }
}

open class CMMotionActivityManager: NSObject {
    open class func isActivityAvailable() -> Bool { true }
    open class func authorizationStatus() -> CMAuthorizationStatus { StandInMotion.state.now.authorization }

    open func queryActivityStarting(
        from start: Date, to end: Date, to queue: OperationQueue, withHandler handler: @escaping CMMotionActivityQueryHandler
    ) {
        let past = StandInMotion.state.change {
            $0.queries += 1
            return $0.past.filter { (start...end).contains($0.startDate) }
        }
        StandInMotion.deliver(on: queue) { handler(past, nil) }
    }

    open func startActivityUpdates(to queue: OperationQueue, withHandler handler: @escaping CMMotionActivityHandler) {
        StandInMotion.state.change { $0.activity = (queue, handler) }
    }

    open func stopActivityUpdates() {
        StandInMotion.state.change { $0.activity = nil }
    }
}

open class CMPedometerData: NSObject {
    public let endDate: Date
    public let numberOfSteps: NSNumber
    public init(endDate: Date, numberOfSteps: Int) {
        self.endDate = endDate
        self.numberOfSteps = NSNumber(value: numberOfSteps)
    }
}

open class CMPedometer: NSObject {
    open class func isStepCountingAvailable() -> Bool { StandInMotion.state.now.countsSteps }

    open func startUpdates(from start: Date, withHandler handler: @escaping CMPedometerHandler) {
        StandInMotion.state.change { $0.steps = handler }
    }

    open func stopUpdates() {
        StandInMotion.state.change { $0.steps = nil }
    }
}
