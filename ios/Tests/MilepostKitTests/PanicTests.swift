import Foundation
import MilepostBindings
import MilepostFFI
import MilepostTesting
import XCTest

@testable import MilepostKit

/// Rust panics, in a call and in the engine, and the app goes on. Against a library that can be made to
/// (`cargo build -p milepost-ffi --features faults`); the one that ships cannot, and with it these are skipped.
final class PanicTests: FolderTestCase {
    override func setUpWithError() throws {
        try super.setUpWithError()
        if Self.symbol("panic_now") != nil { return }
        throw XCTSkip("this library cannot be made to panic")
    }

    func testAPanicInACallIsAnInternalErrorAndEverythingGoesOn() throws {
        let replay = try Replay.made()
        let milepost = try Milepost(replay.configuration(fresh("db")))
        let half = replay.frames.count / 2
        try replay.batches(to: half).forEach(milepost.push)
        for _ in 0..<10 {
            XCTAssertThrowsError(try panicNow(milepost)) {
                XCTAssertEqual($0 as? MilepostError, .Internal(reason: "as a test asked for"))
            }
        }
        try replay.batches(from: half).forEach(milepost.push)
        try milepost.endInput()
        try milepost.flush()
        XCTAssertEqual(try milepost.jsonLines(), replay.records)
        try milepost.close()
    }

    func testAPanicOfTheEngineCostsNoTripAndIsCounted() throws {
        let replay = try Replay.made()
        let milepost = try Milepost(replay.configuration(fresh("db")))
        let half = replay.frames.count / 2
        try replay.batches(to: half).forEach(milepost.push)
        try milepost.flush()
        try panic(milepost, in: 1)
        try replay.batches(from: half).forEach(milepost.push)
        try milepost.endInput()
        try milepost.flush()
        let diagnostics = try milepost.diagnostics()
        XCTAssertTrue(diagnostics.contains(#""faults":1"#), diagnostics)
        let trips = try milepost.trips().map { try $0.revision(of: Trip.self) }
        XCTAssertEqual(trips.map(\.status), [.ended])
        XCTAssertGreaterThan(trips.first?.distanceM ?? 0, 1500)
        try milepost.close()
    }

    func testAnEngineThatPanicsAgainAndAgainGivesItselfUpAndItsRecordsCanStillBeRead() throws {
        let replay = try Replay.made()
        let milepost = try Milepost(replay.configuration(fresh("db")))
        try replay.play(milepost)
        let records = try milepost.drain()
        var refusal: (any Error)?
        var tNs: Int64 = 1_000_000_000_000
        for _ in 0..<100 where refusal == nil {
            tNs += 1_000_000_000
            do {
                try panic(milepost, in: 1)
                try milepost.signal(.tag, "x", tNs: tNs)
                try milepost.flush()
            } catch {
                refusal = error
            }
        }
        guard case MilepostError.Disabled(let reason)? = refusal else {
            return XCTFail("\(String(describing: refusal))")
        }
        XCTAssertFalse(reason.isEmpty)
        XCTAssertEqual(try TrackingState(of: milepost).disabled, reason)
        XCTAssertEqual(try milepost.drain(), records)
        try milepost.close()
    }

    private typealias PanicNow = @convention(c) (UInt64, UnsafeMutablePointer<RustCallStatus>) -> Void
    private typealias PanicIn = @convention(c) (UInt64, Int64, UnsafeMutablePointer<RustCallStatus>) -> Void

    private func panicNow(_ milepost: Milepost) throws {
        let symbol = try XCTUnwrap(Self.symbol("panic_now"))
        try call { unsafeBitCast(symbol, to: PanicNow.self)(milepost.object.uniffiCloneHandle(), $0) }
    }

    private func panic(_ milepost: Milepost, in inputs: Int64) throws {
        let symbol = try XCTUnwrap(Self.symbol("panic_in"))
        try call { unsafeBitCast(symbol, to: PanicIn.self)(milepost.object.uniffiCloneHandle(), inputs, $0) }
    }

    /// As the generated code calls; these two functions are not in it.
    private func call(_ function: (UnsafeMutablePointer<RustCallStatus>) -> Void) throws {
        var status = RustCallStatus()
        function(&status)
        switch status.code {
        case 0: return
        case 1: throw try FfiConverterTypeMilepostError_lift(status.errorBuf)
        default: XCTFail("a panic got through: \(status.code)")
        }
    }

    private static func symbol(_ name: String) -> UnsafeMutableRawPointer? {
        dlsym(dlopen(nil, RTLD_NOW), "uniffi_milepost_ffi_fn_method_milepostcore_\(name)")
    }
}
