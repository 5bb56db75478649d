import XCTest

@testable import MilepostKit

final class FrameBufferTests: FolderTestCase {
    func testSamplesInARowShareAFrameAndAFixEndsIt() {
        var buffer = FrameBuffer()
        for t in 0..<3 { buffer.imu(tNs: Int64(t), ax: 0, ay: 0, az: 9.81, gx: 0, gy: 0, gz: 0) }
        buffer.fix(tNs: 3, latDeg: 52.5, lonDeg: 13.4)
        buffer.imu(tNs: 4, ax: 0, ay: 0, az: 9.81)
        XCTAssertEqual(buffer.sizeBytes, 1 + (5 + 3 * 32) + (5 + 57) + (5 + 32))
    }

    func testMoreSamplesThanAFrameMayHaveGiveTwoFrames() {
        var buffer = FrameBuffer()
        for t in 0..<2049 { buffer.imu(tNs: Int64(t), ax: 0, ay: 0, az: 9.81) }
        XCTAssertEqual(buffer.sizeBytes, 1 + (5 + 2048 * 32) + (5 + 32))
    }

    func testAFullBufferTakesNothingAndHasRoomAfterAPush() throws {
        var buffer = FrameBuffer()
        var taken: Int64 = 0
        while buffer.imu(tNs: taken * 10_000_000, ax: 0, ay: 0, az: 9.81) { taken += 1 }
        let size = buffer.sizeBytes
        XCTAssertTrue((1024 * 1000...1024 * 1024).contains(size), "\(size)")
        XCTAssertFalse(buffer.signal(.tag, String(repeating: "x", count: 100), tNs: 0))
        XCTAssertEqual(buffer.sizeBytes, size)
        let milepost = try Milepost(Configuration(directory: fresh("db")))
        try milepost.push(&buffer)
        XCTAssertTrue(buffer.isEmpty)
        XCTAssertTrue(buffer.tick(tNs: 0))
        try milepost.close()
    }

    func testEveryKindHasTheCodeThatTheLibraryKnowsItBy() throws {
        let milepost = try Milepost(Configuration(directory: fresh("db")))
        for kind in SignalKind.allCases {
            // No kind can have this text, ids and tags apart: those have no wrong value but a long one.
            let refused = refusal {
                var buffer = FrameBuffer()
                buffer.signal(kind, String(repeating: "?", count: 2000), tNs: 1)
                try milepost.push(&buffer)
            }
            XCTAssertTrue(refused.contains(kind.wireName), "\(kind): \(refused)")
        }
        try milepost.close()
    }
}
