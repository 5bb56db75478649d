import MilepostKit
import MilepostTesting
import XCTest

@testable import MilepostTracking

final class JoinerTests: XCTestCase {
    private var buffer = FrameBuffer()
    private var joiner = IMUJoiner(hasGyroscope: true)
    private let ms: Int64 = 1_000_000

    func testAGyroscopeBetweenTwoReadingsIsInterpolatedAtTheAccelerometersTime() {
        gyro(0, 0)
        accel(5)
        gyro(10, 2)
        XCTAssertEqual(samples().map(\.tNs), [5 * ms])
        XCTAssertEqual(samples().map(\.gx), [1])
    }

    func testWholeBatchesOneAfterTheOtherGiveTheSameAsInTurn() {
        for i in 0..<100 { accel(Int64(i) * 10) }
        XCTAssertEqual(samples().count, 0)
        for i in 0...100 { gyro(Int64(i) * 10, Double(i)) }
        XCTAssertEqual(samples().map(\.gx), (0..<100).map(Float.init))
    }

    func testLyingFaceUpAtRestZIsPlusOneG() {
        joiner = IMUJoiner(hasGyroscope: false)
        joiner.accelerometer(.init(tNs: 1, x: 0, y: 0.5, z: -1), into: &buffer)
        XCTAssertEqual(samples().map(\.az), [9.80665])
        XCTAssertEqual(samples().map(\.ay), [-4.903325 as Float])
    }

    func testWithoutAGyroscopeSamplesGoOnAtOnceWithoutRates() {
        joiner = IMUJoiner(hasGyroscope: false)
        accel(1)
        XCTAssertEqual(samples().map(\.gx.isNaN), [true])
    }

    func testAGyroscopeThatFallsSilentDoesNotHoldTheOtherUp() {
        gyro(0, 1)
        for i in 1...600 { accel(Int64(i) * 10) }
        XCTAssertTrue((90...110).contains(samples().count), "\(samples().count)")
        joiner.finish(into: &buffer)
        XCTAssertEqual(samples().count, 600)
        XCTAssertTrue(samples().allSatisfy { $0.gx.isNaN })
    }

    func testInAHoleOfTheGyroscopeNothingIsMadeUp() {
        gyro(0, 1)
        accel(150)
        gyro(300, 1)
        XCTAssertEqual(samples().map(\.gx.isNaN), [true])
    }

    func testTimeThatRunsBackAndMoreThanAHundredASecondAreDropped() {
        joiner = IMUJoiner(hasGyroscope: false)
        for i in 0..<400 { joiner.accelerometer(.init(tNs: Int64(i) * 5 * ms, x: 0, y: 0, z: -1), into: &buffer) }
        accel(3)
        XCTAssertEqual(samples().count, 200)
    }

    func testHoursOfReadingsStayInTheirOrder() {
        for i in 0..<20_000 {
            gyro(Int64(i) * 10, 1)
            accel(Int64(i) * 10)
        }
        let times = samples().map(\.tNs)
        XCTAssertEqual(times, (0..<20_000).map { Int64($0) * 10 * ms })
    }

    private func accel(_ atMs: Int64) {
        joiner.accelerometer(.init(tNs: atMs * ms, x: 0, y: 0, z: -1), into: &buffer)
    }

    private func gyro(_ atMs: Int64, _ x: Double) {
        joiner.gyroscope(.init(tNs: atMs * ms, x: x, y: 0, z: 0), into: &buffer)
    }

    private struct Sample { let tNs: Int64; let ay, az, gx: Float }

    private func samples() -> [Sample] {
        var all: [Sample] = []
        var rest = Reader(buffer.bytes.dropFirst())
        while !rest.rest.isEmpty {
            var left = Int(rest.integer(UInt32.self)) / 32
            _ = rest.integer(UInt8.self)
            while left > 0 {
                let tNs = rest.integer(Int64.self)
                let (_, ay, az) = (rest.float(), rest.float(), rest.float())
                let (gx, _, _) = (rest.float(), rest.float(), rest.float())
                all.append(Sample(tNs: tNs, ay: ay, az: az, gx: gx))
                left -= 1
            }
        }
        return all
    }
}
