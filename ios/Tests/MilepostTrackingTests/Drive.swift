import Foundation
import MilepostKit
import MilepostTesting
import XCTest

@testable import MilepostTracking

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
    /// With `settles: false` it waits without a call of its own until what was told is done.
    func play(
        _ phone: FakePhone, _ tracker: @autoclosure () -> MilepostTracker, fromS: Double = 0, toS: Double = 1e9,
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
                wake(phone)
            }
        }
        if settles { tracker().settle() } else { tracker().wait() }
    }

    /// The alarm rings when its time has come.
    private func wake(_ phone: FakePhone) {
        guard let date = phone.now.wakeAt, date.timeIntervalSince1970 * 1000 <= Double(phone.clocks.wallMs) else { return }
        phone.now.alarm?.work()
    }

    private func imu(_ a: (Float, Float, Float), _ g: (Float, Float, Float), _ tNs: Int64, _ phone: FakePhone) {
        guard phone.now.hz > 0 else { return }
        let uptimeS = Double(phone.clocks.uptimeNs) / 1e9
        let perG = -9.80665
        phone.tell(.accelerometer([
            MotionReading(uptimeS: uptimeS, x: Double(a.0) / perG, y: Double(a.1) / perG, z: Double(a.2) / perG)
        ]))
        if g.0.isNaN { return }
        phone.tell(.gyroscope([MotionReading(uptimeS: uptimeS, x: Double(g.0), y: Double(g.1), z: Double(g.2))]))
    }

    private func other(_ kind: UInt8, _ tNs: Int64, _ body: inout Reader, _ phone: FakePhone) {
        switch kind {
        case 2: fix(tNs, &body, phone)
        case 3:
            guard let kind = SignalKind(rawValue: body.integer(UInt8.self)) else { return }
            _ = body.float()
            let value = body.text()
            if kind == .activity, phone.now.activities {
                phone.tell(.activity(PhoneActivity(
                    wallMs: zeroMs + tNs / 1_000_000, stationary: value == "still", walking: value == "walking",
                    automotive: value == "automotive", confidence: .high)))
                // A significant change comes with it, as the radio's cells change.
                if value == "automotive" { phone.tell(.leftFence) }
            }
        default: break
        }
    }

    private func fix(_ tNs: Int64, _ body: inout Reader, _ phone: FakePhone) {
        guard phone.now.mode == .receiver else { return }
        func negative(_ value: Float) -> Double { value.isNaN ? -1 : Double(value) }
        let (lat, lon) = (body.double(), body.double())
        let (alt, speed, bearing, accuracy) = (body.float(), body.float(), body.float(), body.float())
        phone.tell(.fix(PhoneFix(
            wallMs: zeroMs + tNs / 1_000_000, latDeg: lat, lonDeg: lon, altM: Double(alt), vAccM: alt.isNaN ? -1 : 5,
            speedMps: negative(speed), courseDeg: negative(bearing), hAccM: negative(accuracy), isMock: false)))
    }
}

/// A test with a folder, a phone, and a tracker on duty.
class TrackingTestCase: XCTestCase {
    let phone = FakePhone()
    private(set) var directory = FileManager.default.temporaryDirectory

    override func setUpWithError() throws {
        directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    }

    override func tearDownWithError() throws {
        try FileManager.default.removeItem(at: directory)
    }

    func configuration(_ change: (inout TrackerConfiguration) -> Void = { _ in }) -> TrackerConfiguration {
        var configuration = TrackerConfiguration()
        configuration.directory = directory
        // The summary of a replay says that it gives out states.
        configuration.overridesJSON = #"{"states": true}"#
        change(&configuration)
        return configuration
    }

    func tracker(_ change: (inout TrackerConfiguration) -> Void = { _ in }) -> MilepostTracker {
        MilepostTracker(configuration(change), platform: phone.platform)
    }

    func onDuty(_ change: (inout TrackerConfiguration) -> Void = { _ in }) -> MilepostTracker {
        let tracker = tracker(change)
        tracker.setConsent(true)
        tracker.setDuty(true)
        tracker.settle()
        return tracker
    }

    /// Ends the input, and gives every record there is.
    func finish(_ tracker: MilepostTracker) async throws -> [StoredRecord] {
        let client = await tracker.client()
        return try await XCTUnwrap(client).call { milepost in
            try milepost.endInput()
            try milepost.flush()
            var all: [StoredRecord] = []
            try milepost.forEachRecord { all.append($0) }
            return all
        }
    }

    func trips(_ records: [StoredRecord]) throws -> [Revision<Trip>] {
        try records.compactMap { if case .trip(let trip) = try $0.decoded() { trip } else { nil } }
    }
}
