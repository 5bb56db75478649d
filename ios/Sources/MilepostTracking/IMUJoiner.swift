import MilepostKit

/// Makes one sample of two sensors: each reading of the accelerometer gets the gyroscope of its very time, interpolated
/// between its neighbours. The two come apart, in turn or each as a batch of its own; a reading waits until the
/// gyroscope has passed it.
struct IMUJoiner {
    /// One reading on the axis of the frames, in its sensor's units.
    struct Reading {
        let tNs: Int64
        let x, y, z: Double
    }

    private let hasGyroscope: Bool
    private var accelerometer = Line()
    private var gyroscope = Line()

    /// Ten seconds at 100 Hz and then some: longer than any batch that comes.
    private static let capacity = 2048
    /// A batch of one sensor may come before that of the other; the engine waits for ten seconds in all.
    private static let maxWaitNs: Int64 = 5_000_000_000
    /// Over a longer hole nothing is made up. The importers of recordings have the same.
    private static let maxHoleNs: Int64 = 250_000_000
    /// 100 Hz with a tenth of jitter: another part of the app may have asked the sensor for more.
    private static let minStepNs: Int64 = 9_000_000
    /// iOS measures in g, and with the opposite sign: lying face up, z is −1.
    private static let mps2PerG = -9.80665

    init(hasGyroscope: Bool) {
        self.hasGyroscope = hasGyroscope
    }

    /// In g, as iOS has it.
    mutating func accelerometer(_ reading: Reading, into buffer: inout FrameBuffer) {
        if let last = accelerometer.newestNs, reading.tNs - last < Self.minStepNs { return }
        accelerometer.add(reading)
        if !hasGyroscope { return release(into: &buffer) }
        if accelerometer.count > Self.capacity { release(into: &buffer) }
        join(into: &buffer)
        // A gyroscope that is silent for so long does not hold the other up.
        while let first = accelerometer.first, reading.tNs - first.tNs > Self.maxWaitNs { release(into: &buffer) }
    }

    /// In rad/s.
    mutating func gyroscope(_ reading: Reading, into buffer: inout FrameBuffer) {
        if let last = gyroscope.newestNs, reading.tNs <= last { return }
        gyroscope.add(reading)
        if gyroscope.count > Self.capacity { gyroscope.drop() }
        join(into: &buffer)
    }

    /// Lets go of what waits: nothing more comes.
    mutating func finish(into buffer: inout FrameBuffer) {
        while accelerometer.first != nil { release(into: &buffer) }
        self = IMUJoiner(hasGyroscope: hasGyroscope)
    }

    private mutating func join(into buffer: inout FrameBuffer) {
        while let first = accelerometer.first, gyroscope.count > 0, let newest = gyroscope.newestNs, newest >= first.tNs {
            release(into: &buffer)
        }
    }

    /// The oldest reading, with the gyroscope of its time or without one.
    private mutating func release(into buffer: inout FrameBuffer) {
        guard let reading = accelerometer.first else { return }
        accelerometer.drop()
        while let second = gyroscope.second, second.tNs <= reading.tNs { gyroscope.drop() }
        let rate = rate(at: reading.tNs)
        buffer.imu(
            tNs: reading.tNs, ax: Float(reading.x * Self.mps2PerG), ay: Float(reading.y * Self.mps2PerG),
            az: Float(reading.z * Self.mps2PerG), gx: rate.0, gy: rate.1, gz: rate.2)
    }

    private func rate(at tNs: Int64) -> (Float, Float, Float) {
        let unknown = (Float.nan, Float.nan, Float.nan)
        guard let from = gyroscope.first, from.tNs <= tNs else { return unknown }
        if from.tNs == tNs { return (Float(from.x), Float(from.y), Float(from.z)) }
        guard let to = gyroscope.second, to.tNs - from.tNs <= Self.maxHoleNs else { return unknown }
        let part = Double(tNs - from.tNs) / Double(to.tNs - from.tNs)
        func between(_ a: Double, _ b: Double) -> Float { Float(a + part * (b - a)) }
        return (between(from.x, to.x), between(from.y, to.y), between(from.z, to.z))
    }

    /// Readings of one sensor, oldest first. Taken ones are let go in bulk, so that nothing moves per reading.
    private struct Line {
        private var readings: [Reading] = []
        private var taken = 0
        private(set) var newestNs: Int64?

        var count: Int { readings.count - taken }
        var first: Reading? { taken < readings.count ? readings[taken] : nil }
        var second: Reading? { taken + 1 < readings.count ? readings[taken + 1] : nil }

        mutating func add(_ reading: Reading) {
            readings.append(reading)
            newestNs = reading.tNs
        }

        mutating func drop() {
            taken += 1
            if taken * 2 > readings.count, taken > 64 {
                readings.removeFirst(taken)
                taken = 0
            }
        }
    }
}
