import Foundation
import MilepostKit
import XCTest

@testable import MilepostTracking

/// How often the boundary is crossed: each call costs, and a phone that crosses it all night wakes all night.
final class CallTests: TrackingTestCase {
    func testOnADriveThereAreTwoCallsASecondOrFewer() async throws {
        let tracker = onDuty()
        let drive = try Drive("made")
        drive.play(phone, tracker, toS: 200, settles: false)
        let client = await tracker.client()
        let milepost = try XCTUnwrap(client).milepost
        let before = milepost.calls.count
        // A minute of driving at the receiver's and the sensors' full rate.
        drive.play(phone, tracker, fromS: 200, toS: 340, settles: false)
        let aSecond = Double(milepost.calls.count - before) / 140
        print("calls a second on a drive: \(aSecond)")
        XCTAssertLessThanOrEqual(aSecond, 2)
        XCTAssertGreaterThan(aSecond, 0.3, "nothing was sensed")
        tracker.shutdown()
    }

    func testAtRestThereIsACallAMinuteOrFewer() async throws {
        let tracker = onDuty()
        try Drive("made").play(phone, tracker)
        settleDown(tracker, minutes: 30)
        XCTAssertEqual(phone.now.hz, 0)
        let client = await tracker.client()
        let milepost = try XCTUnwrap(client).milepost
        let before = milepost.calls.count
        settleDown(tracker, minutes: 120)
        let aMinute = Double(milepost.calls.count - before) / 120
        print("calls a minute at rest: \(aMinute)")
        XCTAssertLessThanOrEqual(aMinute, 1)
        // It sleeps, and is not dead.
        phone.tell(.leftFence)
        tracker.wait()
        XCTAssertGreaterThan(milepost.calls.count, before)
        tracker.shutdown()
    }

    /// Time passes, and only the alarm that was asked for rings.
    private func settleDown(_ tracker: MilepostTracker, minutes: Int) {
        for _ in 0..<minutes {
            phone.pass(toNs: phone.clocks.continuousNs + 60_000_000_000)
            if let date = phone.now.wakeAt, date.timeIntervalSince1970 * 1000 <= Double(phone.clocks.wallMs) {
                phone.now.alarm?.work()
            }
            tracker.wait()
        }
    }
}
