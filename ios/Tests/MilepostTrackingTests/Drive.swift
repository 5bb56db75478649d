import Foundation
import MilepostKit
import MilepostTesting
import XCTest

@testable import MilepostTracking

/// A phone that a drive is played to: it senses what was asked of it, and its time is the test's.
protocol DrivenPhone {
    var clocks: Clocks { get }
    var hz: Int { get }
    var mode: LocationMode { get }
    var watchesActivities: Bool { get }
    func pass(toNs ns: Int64)
    func tell(_ event: PlatformEvent)
    /// Returns when what was ordered is done.
    func obey()
    /// The alarm rings when its time has come.
    func ringWhenDue()
}

/// A recorded drive as a phone would live through it: each sensor gives what was asked of it, when it was asked.
struct Drive {
    private let frames: [Replay.Frame]
    private static let settleNs: Int64 = 2_000_000_000
    /// The wall clock at the axis' zero.
    let zeroMs: Int64 = 1_767_600_000_000

    init(_ name: String) throws {
        frames = try Replay.named(name).frames
    }

    /// Plays what lies between two seconds of the recording.
    ///
    /// With `settles: false` it waits without a call that counts until what was told is done.
    func play(
        _ phone: some DrivenPhone, _ tracker: @autoclosure () -> MilepostTracker, fromS: Double = 0, toS: Double = 1e9,
        settles: Bool = true
    ) {
        var settledNs: Int64?
        for frame in frames {
            var body = Reader(frame.body)
            while !body.rest.isEmpty {
                let tNs = body.integer(Int64.self)
                let inside = (fromS..<toS).contains(Double(tNs) / 1e9)
                if inside { phone.pass(toNs: tNs) }
                guard frame.kind == 1 else {
                    if inside { other(frame.kind, tNs, &body, phone) }
                    break
                }
                let a = (body.float(), body.float(), body.float())
                let g = (body.float(), body.float(), body.float())
                if inside { imu(a, g, tNs, phone) }
            }
            let nowNs = phone.clocks.continuousNs
            if settledNs.map({ nowNs - $0 >= Self.settleNs }) ?? true {
                settledNs = nowNs
                // A phone lives in real time: what was decided is obeyed before the next seconds come.
                if settles { tracker().settle() } else { tracker().wait() }
                phone.obey()
                phone.ringWhenDue()
            }
        }
        if settles { tracker().settle() } else { tracker().wait() }
    }

    private func imu(_ a: (Float, Float, Float), _ g: (Float, Float, Float), _ tNs: Int64, _ phone: some DrivenPhone) {
        guard phone.hz > 0 else { return }
        let uptimeS = Double(phone.clocks.uptimeNs) / 1e9
        let perG = -9.80665
        phone.tell(.accelerometer([
            MotionReading(uptimeS: uptimeS, x: Double(a.0) / perG, y: Double(a.1) / perG, z: Double(a.2) / perG)
        ]))
        if g.0.isNaN { return }
        phone.tell(.gyroscope([MotionReading(uptimeS: uptimeS, x: Double(g.0), y: Double(g.1), z: Double(g.2))]))
    }

    private func other(_ kind: UInt8, _ tNs: Int64, _ body: inout Reader, _ phone: some DrivenPhone) {
        switch kind {
        case 2: fix(tNs, &body, phone)
        case 3:
            guard let kind = SignalKind(rawValue: body.integer(UInt8.self)) else { return }
            _ = body.float()
            let value = body.text()
            if kind == .activity, phone.watchesActivities {
                phone.tell(.activity(PhoneActivity(
                    wallMs: zeroMs + tNs / 1_000_000, stationary: value == "still", walking: value == "walking",
                    automotive: value == "automotive", confidence: .high)))
                // A significant change comes with it, as the radio's cells change.
                if value == "automotive" { phone.tell(.leftFence) }
            }
        default: break
        }
    }

    private func fix(_ tNs: Int64, _ body: inout Reader, _ phone: some DrivenPhone) {
        guard phone.mode == .receiver else { return }
        func negative(_ value: Float) -> Double { value.isNaN ? -1 : Double(value) }
        let (lat, lon) = (body.double(), body.double())
        let (alt, speed, bearing, accuracy) = (body.float(), body.float(), body.float(), body.float())
        phone.tell(.fix(PhoneFix(
            wallMs: zeroMs + tNs / 1_000_000, latDeg: lat, lonDeg: lon, altM: Double(alt), vAccM: alt.isNaN ? -1 : 5,
            speedMps: negative(speed), courseDeg: negative(bearing), hAccM: negative(accuracy), isMock: false)))
    }
}

extension FakePhone: DrivenPhone {
    var hz: Int { now.hz }
    var mode: LocationMode { now.mode }
    var watchesActivities: Bool { now.activities }
    func obey() {}
    func ringWhenDue() {
        guard let date = now.wakeAt, date.timeIntervalSince1970 * 1000 <= Double(clocks.wallMs) else { return }
        now.alarm?.work()
    }
}
