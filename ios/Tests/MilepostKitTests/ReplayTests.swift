import Foundation
import XCTest

import MilepostTesting

@testable import MilepostKit

/// A recorded drive through the real library says what the `milepost` command says, byte for byte.
final class ReplayTests: FolderTestCase {
    func testPushedInBatchesTheRecordsAreTheCommands() throws {
        for replay in try Replay.all() {
            let milepost = try Milepost(replay.configuration(fresh(replay.name)))
            try replay.play(milepost)
            XCTAssertEqual(try milepost.jsonLines(), replay.records, replay.name)
            try milepost.close()
        }
    }

    func testPackedByTheFrameBufferTheRecordsAreTheCommands() throws {
        for replay in try Replay.all() {
            let milepost = try Milepost(replay.configuration(fresh(replay.name)))
            var buffer = FrameBuffer()
            for frame in replay.frames {
                XCTAssertTrue(repack(frame, into: &buffer))
                if buffer.sizeBytes > 16 * 1024 { try milepost.push(&buffer) }
            }
            try milepost.push(&buffer)
            try milepost.endInput()
            try milepost.flush()
            XCTAssertEqual(try milepost.jsonLines(), replay.records, replay.name)
            try milepost.close()
        }
    }

    func testPackedByTheFrameBufferTheBytesAreRusts() throws {
        for replay in try Replay.all() {
            var buffer = FrameBuffer()
            for frame in replay.frames {
                buffer.clear()
                XCTAssertTrue(repack(frame, into: &buffer))
                // An empty batch has no bytes here: there was nothing to say.
                if !buffer.isEmpty { XCTAssertEqual(buffer.bytes.dropFirst(), frame.whole) }
            }
        }
    }

    func testOpenedAgainHalfWayTheRestGivesTheCommandsRecords() throws {
        for replay in try Replay.all() {
            let configuration = try replay.configuration(fresh(replay.name))
            let half = replay.frames.count / 2
            let first = try Milepost(configuration)
            try replay.batches(to: half).forEach(first.push)
            try first.close()
            let second = try Milepost(configuration)
            try replay.batches(from: half).forEach(second.push)
            try second.endInput()
            try second.flush()
            XCTAssertEqual(try second.jsonLines(), replay.records, replay.name)
            try second.close()
        }
    }

    private func repack(_ frame: Replay.Frame, into buffer: inout FrameBuffer) -> Bool {
        var body = Reader(frame.body)
        func known(_ value: Int64) -> Int64? { value == .min ? nil : value }
        switch frame.kind {
        case 1:
            var all = true
            while !body.rest.isEmpty {
                all = buffer.imu(
                    tNs: body.integer(Int64.self), ax: body.float(), ay: body.float(), az: body.float(),
                    gx: body.float(), gy: body.float(), gz: body.float()) && all
            }
            return all
        case 2:
            return buffer.fix(
                tNs: body.integer(Int64.self), latDeg: body.double(), lonDeg: body.double(), altM: body.float(),
                speedMps: body.float(), bearingDeg: body.float(), hAccM: body.float(),
                arrivedNs: known(body.integer(Int64.self)), wallMs: known(body.integer(Int64.self)),
                mock: body.integer(UInt8.self) != 0)
        case 3:
            let t = body.integer(Int64.self)
            guard let kind = SignalKind(rawValue: body.integer(UInt8.self)) else { return false }
            let confidence = body.float()
            return buffer.signal(kind, body.text(), tNs: t, confidence: confidence)
        case 4:
            let t = body.integer(Int64.self)
            let wall = known(body.integer(Int64.self))
            let offset = body.integer(Int32.self)
            return buffer.clock(tNs: t, wallMs: wall, bootID: body.text(), utcOffsetMin: offset == .min ? nil : offset)
        case 5:
            return buffer.tick(tNs: body.integer(Int64.self))
        default:
            return false
        }
    }
}
