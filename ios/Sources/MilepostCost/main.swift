// What the way from Swift to Rust costs: `SWIFT_DO="run -c release" scripts/swift-on-linux.sh ios target/release
// MilepostCost`. Processor time of the calling thread, so that what the core does on its own thread is not in it; the
// least of many rounds, because a busy machine only ever adds.
import Foundation
import MilepostKit
import MilepostTesting

/// At 100 Hz a batch a second.
let batch = 100
/// So long that a call's own cost vanishes: what is left of a push is the core's reading of each sample.
let long = 20_000
let rounds = 200
let goalNs = 50.0

func threadNs() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
}

func least(_ rounds: Int, _ work: () throws -> Double) rethrows -> Double {
    try (0..<rounds).map { _ in try work() }.min() ?? .nan
}

/// Fills a buffer, pushes it, and says what both took of the calling thread.
struct Meter {
    let milepost: Milepost
    private var tNs: Int64 = 0
    private var buffer = FrameBuffer()

    init(_ milepost: Milepost) {
        self.milepost = milepost
    }

    mutating func cost(of samples: Int) throws -> (packing: Double, pushing: Double) {
        buffer.clear()
        let start = threadNs()
        for _ in 0..<samples {
            tNs += 10_000_000
            let shake = Float(tNs % 7) * 0.001
            buffer.imu(tNs: tNs, ax: shake, ay: 0.02, az: 9.81, gx: 0.001, gy: shake, gz: 0.002)
        }
        let packed = threadNs()
        try milepost.push(&buffer)
        let pushed = threadNs()
        try milepost.flush()
        return ((packed - start) / Double(samples), (pushed - packed) / Double(samples))
    }
}

let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
defer { try? FileManager.default.removeItem(at: folder) }
let milepost = try Milepost(Configuration(directory: folder.appendingPathComponent("cost")))
var meter = Meter(milepost)
let packing = try least(rounds) { try meter.cost(of: batch).packing }
let pushing = try least(rounds) { try meter.cost(of: batch).pushing }
let reading = try least(rounds / 10) { try meter.cost(of: long).pushing }
let above = packing + max(0, pushing - reading)
try milepost.close()

// The core's own cost, for the ratio: a drive that is packed already, on all threads.
let drive = try Replay.named("rear_end")
let samples = drive.frames.filter { $0.kind == 1 }.reduce(0) { $0 + $1.body.count / 32 }
let replayed = try Milepost(drive.configuration(folder.appendingPathComponent("drive")))
let before = clock()
try drive.play(replayed)
let own = Double(clock() - before) / Double(CLOCKS_PER_SEC) * 1e9 / Double(samples)
try replayed.close()

func line(_ what: String, _ ns: Double) {
    print(what.padding(toLength: 58, withPad: " ", startingAt: 0) + String(format: "%8.1f ns", ns))
}
print("100 samples a call, each with accelerometer and gyroscope")
line("packing a sample (FrameBuffer)", packing)
line("a sample's part of a push", pushing)
line("  of which the core's own reading of it", reading)
line("above the core's own, a sample; goal: 50.0 ns or less", above)
line("the core's own, deciding and storing included", own)
print(String(format: "the boundary adds %.1f %%; %@", above / own * 100, above <= goalNs ? "reached" : "MISSED"))
