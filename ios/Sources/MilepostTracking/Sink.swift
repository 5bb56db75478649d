import Foundation
import MilepostKit

/// Where everything that is sensed is packed and handed over, with its time on the axis. IMU samples wait for a batch; a
/// fix, a signal goes at once and takes along what waits. Belongs to the tracker's queue.
final class Sink {
    private let milepost: Milepost
    private let phone: any PhonePort
    private var buffer = FrameBuffer()
    private var joiner: IMUJoiner
    private let hasGyroscope: Bool
    private var axis = AxisClock()
    private var thinning = Thinning()
    private var pushedNs = Int64.min
    private var said: [SignalKind: String] = [:]
    private var lookedNs = Int64.min

    /// One call a second: cheaper than the rest of the second, and nobody waits for it.
    private static let batchNs: Int64 = 1_000_000_000
    /// A relation of clocks is not read at every sample.
    private static let lookNs: Int64 = 1_000_000_000

    init(milepost: Milepost, phone: any PhonePort, hasGyroscope: Bool) {
        self.milepost = milepost
        self.phone = phone
        self.hasGyroscope = hasGyroscope
        joiner = IMUJoiner(hasGyroscope: hasGyroscope)
        look()
    }

    /// Now, on the axis.
    var nowNs: Int64 { phone.clocks.continuousNs }

    func accelerometer(_ readings: [MotionReading]) {
        lookSometimes()
        for reading in readings {
            guard let tNs = axis.motionNs(uptimeS: reading.uptimeS) else { continue }
            joiner.accelerometer(.init(tNs: tNs, x: reading.x, y: reading.y, z: reading.z), into: &buffer)
        }
        pushWhenDue()
    }

    func gyroscope(_ readings: [MotionReading]) {
        for reading in readings {
            guard let tNs = axis.motionNs(uptimeS: reading.uptimeS) else { continue }
            joiner.gyroscope(.init(tNs: tNs, x: reading.x, y: reading.y, z: reading.z), into: &buffer)
        }
        pushWhenDue()
    }

    /// The sensors are off: what waits for its neighbour goes.
    func imuEnded() {
        joiner.finish(into: &buffer)
        push()
    }

    func fix(_ fix: PhoneFix, plan: SensingPlan) {
        look()
        let now = nowNs
        guard let tNs = axis.wallNs(fix.wallMs, nowNs: now), thinning.takes(tNs, plan.gnss) else { return }
        func known(_ value: Double) -> Float { value < 0 ? .nan : Float(value) }
        put {
            $0.fix(
                tNs: tNs, latDeg: fix.latDeg, lonDeg: fix.lonDeg,
                altM: fix.vAccM > 0 ? Float(fix.altM) : .nan, speedMps: known(fix.speedMps),
                bearingDeg: known(fix.courseDeg),
                // Here less than nothing is no unknown: it is how iOS says that there is no position.
                hAccM: Float(fix.hAccM), arrivedNs: now, wallMs: fix.wallMs, mock: fix.isMock)
        }
    }

    func signal(_ kind: SignalKind, _ value: String, wallMs: Int64? = nil, confidence: Float = .nan) {
        let now = nowNs
        let tNs = wallMs.flatMap { axis.wallNs($0, nowNs: now) } ?? now
        put { $0.signal(kind, value, tNs: tNs, confidence: confidence) }
    }

    /// Says a fact about the phone if it has changed.
    func say(_ kind: SignalKind, _ value: String) {
        if said.updateValue(value, forKey: kind) != value { signal(kind, value) }
    }

    func tick() {
        look()
        let now = nowNs
        put { $0.tick(tNs: now) }
    }

    /// Relates the clocks, and tells the engine of a jump.
    func look() {
        let now = phone.clocks
        lookedNs = now.continuousNs
        guard axis.look(now) else { return }
        put {
            $0.clock(
                tNs: now.continuousNs, wallMs: now.wallMs, bootID: phone.bootID, utcOffsetMin: phone.utcOffsetMin)
        }
    }

    /// Another time zone: the same clocks, said anew.
    func zoneChanged() {
        let now = phone.clocks
        put {
            $0.clock(
                tNs: now.continuousNs, wallMs: now.wallMs, bootID: phone.bootID, utcOffsetMin: phone.utcOffsetMin)
        }
    }

    /// Hands over what waits.
    func push() {
        pushedNs = nowNs
        do {
            try milepost.push(&buffer)
        } catch MilepostError.Closed {
            // The tracker is about to close or to open again.
        } catch {
            // No positions in it: what cannot be read is named by its number.
            Log.note("not taken: \(error)")
        }
    }

    private func put(_ pack: (inout FrameBuffer) -> Bool) {
        if !pack(&buffer) {
            push()
            _ = pack(&buffer)
        }
        push()
    }

    private func pushWhenDue() {
        if buffer.isEmpty { return }
        let now = nowNs
        if pushedNs == .min { pushedNs = now }
        if now - pushedNs >= Self.batchNs { push() }
    }

    private func lookSometimes() {
        if lookedNs == .min || nowNs - lookedNs >= Self.lookNs { look() }
    }
}

/// Lines for the developer. Never a place, never a name.
enum Log {
    static func note(_ line: String) {
        FileHandle.standardError.write(Data("Milepost: \(line)\n".utf8))
    }
}
