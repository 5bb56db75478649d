import Foundation

/// Packed frames as they cross to Rust.
public typealias FrameBytes = Data

/// Packs what a phone senses into frames (`docs/ffi.md`).
///
/// Times are nanoseconds on one axis that runs through sleep. A function returns `false`, and takes nothing, when the
/// buffer is full: push it first.
public struct FrameBuffer: Sendable {
    private var packed: [UInt8] = []
    /// Where the length of the IMU frame at the end stands; `nil` when the last frame is none.
    private var imuHead: Int?

    public init() {
        packed.reserveCapacity(Self.initialBytes)
        clear()
    }

    /// Whether there is nothing to push.
    public var isEmpty: Bool { packed.count <= 1 }

    /// What is to be pushed.
    public var bytes: FrameBytes { Data(packed) }

    /// Bytes to push.
    public var sizeBytes: Int { packed.count }

    /// Forgets everything, and keeps the memory.
    public mutating func clear() {
        packed.removeAll(keepingCapacity: true)
        packed.append(Self.version)
        imuHead = nil
    }

    /// One reading of the accelerometer and the gyroscope, in Android's phone frame: x right, y up the screen, z out of
    /// it, specific force in m/s² (lying face up at rest: z = +9.81), rates in rad/s. NaN: no gyroscope.
    ///
    /// CoreMotion measures in g with the opposite sign: multiply its acceleration by −9.80665.
    @discardableResult
    public mutating func imu(
        tNs: Int64, ax: Float, ay: Float, az: Float, gx: Float = .nan, gy: Float = .nan, gz: Float = .nan
    ) -> Bool {
        guard hasRoom(for: Self.headBytes + Self.sampleBytes) else { return false }
        let head: Int
        if let open = imuHead, packed.count - open - Self.headBytes < Self.maxSamples * Self.sampleBytes {
            head = open
        } else {
            head = packed.count
            imuHead = head
            put(UInt32(0))
            packed.append(Self.kindIMU)
        }
        // One sample in one piece, as it lies in memory: this is called a hundred times a second.
        let sample = (
            tNs.littleEndian, ax.bitPattern.littleEndian, ay.bitPattern.littleEndian, az.bitPattern.littleEndian,
            gx.bitPattern.littleEndian, gy.bitPattern.littleEndian, gz.bitPattern.littleEndian
        )
        withUnsafeBytes(of: sample) { packed.append(contentsOf: $0) }
        let length = UInt32(packed.count - head - Self.headBytes)
        packed.withUnsafeMutableBytes { $0.storeBytes(of: length.littleEndian, toByteOffset: head, as: UInt32.self) }
        return true
    }

    /// One position, WGS84; NaN and `nil` are "not known". `hAccM` is the radius of 68 %, `wallMs` the provider's own
    /// clock in epoch milliseconds.
    @discardableResult
    public mutating func fix(
        tNs: Int64, latDeg: Double, lonDeg: Double, altM: Float = .nan, speedMps: Float = .nan,
        bearingDeg: Float = .nan, hAccM: Float = .nan, arrivedNs: Int64? = nil, wallMs: Int64? = nil,
        mock: Bool = false
    ) -> Bool {
        guard begin(Self.kindFix, Self.fixBytes) else { return false }
        put(tNs)
        put(latDeg.bitPattern)
        put(lonDeg.bitPattern)
        put(altM)
        put(speedMps)
        put(bearingDeg)
        put(hAccM)
        put(arrivedNs ?? .min)
        put(wallMs ?? .min)
        packed.append(mock ? 1 : 0)
        return true
    }

    /// A fact about the phone or a wish of the app; the confidence is 0–1 or NaN.
    @discardableResult
    public mutating func signal(_ kind: SignalKind, _ value: String, tNs: Int64, confidence: Float = .nan) -> Bool {
        guard begin(Self.kindSignal, Self.signalBytes + value.utf8.count) else { return false }
        put(tNs)
        packed.append(kind.rawValue)
        put(confidence)
        packed.append(contentsOf: value.utf8)
        return true
    }

    /// How the axis relates to the wall clock: at start, and at every jump. A new `bootID` is a restart of the phone.
    @discardableResult
    public mutating func clock(tNs: Int64, wallMs: Int64?, bootID: String, utcOffsetMin: Int32? = nil) -> Bool {
        guard begin(Self.kindClock, Self.clockBytes + bootID.utf8.count) else { return false }
        put(tNs)
        put(wallMs ?? .min)
        put(utcOffsetMin ?? .min)
        packed.append(contentsOf: bootID.utf8)
        return true
    }

    /// Time passes.
    @discardableResult
    public mutating func tick(tNs: Int64) -> Bool {
        guard begin(Self.kindTick, 8) else { return false }
        put(tNs)
        return true
    }

    private func hasRoom(for count: Int) -> Bool {
        packed.count + count <= Self.maxBytes
    }

    private mutating func begin(_ kind: UInt8, _ bodyBytes: Int) -> Bool {
        guard hasRoom(for: Self.headBytes + bodyBytes) else { return false }
        imuHead = nil
        put(UInt32(bodyBytes))
        packed.append(kind)
        return true
    }

    private mutating func put<T: FixedWidthInteger>(_ value: T) {
        withUnsafeBytes(of: value.littleEndian) { packed.append(contentsOf: $0) }
    }

    private mutating func put(_ value: Float) {
        put(value.bitPattern)
    }

    /// Two seconds at 100 Hz.
    private static let initialBytes = 8 * 1024
    /// More than five minutes at 100 Hz: an app that has not pushed for so long has lost its thread.
    private static let maxBytes = 1024 * 1024

    private static let version: UInt8 = 1
    private static let kindIMU: UInt8 = 1
    private static let kindFix: UInt8 = 2
    private static let kindSignal: UInt8 = 3
    private static let kindClock: UInt8 = 4
    private static let kindTick: UInt8 = 5

    private static let headBytes = 5
    private static let sampleBytes = 32
    private static let maxSamples = 2048
    private static let fixBytes = 57
    private static let signalBytes = 13
    private static let clockBytes = 20
}
