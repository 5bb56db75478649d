import Foundation
import XCTest

@testable import MilepostKit

/// What goes wrong in Rust arrives as an error of its own case, with a reason in words.
final class ErrorTests: FolderTestCase {
    func testAConfigurationThatIsNoneIsRefusedByKey() {
        for (json, word) in [("[", "JSON"), ("{\"no_such_key\": 1}", "no_such_key")] {
            var configuration = Configuration(directory: fresh("db"))
            configuration.overridesJSON = json
            XCTAssertThrowsError(try Milepost(configuration)) { error in
                guard case MilepostError.InvalidConfig(let reason) = error else { return XCTFail("\(error)") }
                XCTAssertTrue(reason.contains(word), reason)
            }
        }
    }

    func testAFolderThatCannotBeMadeIsAStorageError() throws {
        try Data("in the way".utf8).write(to: fresh("file"))
        XCTAssertThrowsError(try Milepost(Configuration(directory: fresh("file").appendingPathComponent("db")))) { error in
            guard case MilepostError.Storage(let reason) = error else { return XCTFail("\(error)") }
            XCTAssertFalse(reason.isEmpty)
        }
    }

    func testFramesThatCannotBeReadAreRefusedAndNothingOfThemIsTaken() throws {
        let milepost = try Milepost(Configuration(directory: fresh("db")))
        let before = try milepost.diagnostics()
        let tick = Data([8, 0, 0, 0, 5, 1, 0, 0, 0, 0, 0, 0, 0])
        let damaged: [(String, Data)] = [
            ("empty", Data()),
            ("another version", Data([9]) + tick),
            ("torn in the head", Data([1]) + tick + Data([8, 0])),
            ("torn in the body", Data([1]) + tick + tick.dropLast()),
            ("a length of 4 GB", Data([1]) + tick + Data([255, 255, 255, 255, 1])),
            ("an unknown kind", Data([1]) + tick + Data([0, 0, 0, 0, 77])),
            ("an IMU batch of 31 bytes", Data([1]) + tick + Data([31, 0, 0, 0, 1]) + Data(count: 31)),
        ]
        for (what, bytes) in damaged {
            XCTAssertFalse(refusal { try milepost.push(bytes) }.isEmpty, what)
        }
        try milepost.flush()
        XCTAssertEqual(try milepost.diagnostics(), before)
        try milepost.close()
    }

    func testAFrameBufferIsEmptyAfterARefusalToo() throws {
        let milepost = try Milepost(Configuration(directory: fresh("db")))
        var buffer = FrameBuffer()
        buffer.signal(.lock, "on", tNs: 1)
        XCTAssertTrue(refusal { try milepost.push(&buffer) }.contains("lock"))
        XCTAssertTrue(buffer.isEmpty)
        try milepost.close()
    }

    func testArgumentsOutOfRangeAreRefusedByName() throws {
        let milepost = try Milepost(Configuration(directory: fresh("db")))
        XCTAssertTrue(refusal { _ = try milepost.drain(after: -1) }.contains("after_seq"))
        XCTAssertTrue(refusal { _ = try milepost.drain(max: -1) }.contains("max"))
        XCTAssertTrue(refusal { try milepost.ack(-1) }.contains("seq"))
        XCTAssertTrue(refusal { _ = try milepost.trips(limit: -1) }.contains("limit"))
        XCTAssertTrue(refusal { _ = try milepost.findTrips(TripFilter(limit: -1)) }.contains("limit"))
        let nowhere = TripFilter(near: Near(latDeg: 91, lonDeg: 0, radiusM: 1))
        XCTAssertTrue(refusal { _ = try milepost.findTrips(nowhere) }.contains("lat"))
        XCTAssertTrue(refusal { try milepost.signal(.call, "maybe", tNs: 1) }.contains("call"))
        let outcome = UploadOutcome.answer(status: 70_000, retryAfter: nil, body: Data())
        XCTAssertTrue(refusal { try milepost.uploadFinished("x", outcome) }.contains("status"))
        try milepost.close()
    }
}
