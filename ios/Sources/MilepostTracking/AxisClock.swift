/// What the phone's three clocks show at one moment.
public struct Clocks: Sendable, Equatable {
    /// Nanoseconds since the phone was started, without sleep: CoreMotion's stamps.
    public var uptimeNs: Int64
    /// Nanoseconds since the phone was started, sleep included: the axis of the frames.
    public var continuousNs: Int64
    /// Milliseconds since 1970, as the phone has it: CoreLocation's stamps.
    public var wallMs: Int64

    public init(uptimeNs: Int64, continuousNs: Int64, wallMs: Int64) {
        self.uptimeNs = uptimeNs
        self.continuousNs = continuousNs
        self.wallMs = wallMs
    }
}

/// Puts every stamp on the one axis that runs through sleep. CoreMotion's clock stops in sleep, CoreLocation's is the
/// wall clock and jumps: both are related to the axis at every look, and a stamp from before the last sleep or jump
/// takes the relation of its own time.
struct AxisClock {
    /// Holds from a stamp of its clock on: axis minus stamp.
    private struct Relation {
        let fromNs: Int64
        let lastNs: Int64
        let offsetNs: Int64
    }

    private var motion: [Relation] = []
    private var wall: [Relation] = []

    /// Sleep and jumps shorter than this are how unevenly three clocks are read.
    static let toleranceNs: Int64 = 5_000_000
    /// A wall clock set by less than this is not worth a word to the engine.
    static let jumpNs: Int64 = 500_000_000
    /// Older relations serve nothing: the engine refuses what comes later than minutes.
    private static let kept = 16

    /// Relates the clocks. Returns whether the wall clock has jumped since the last look, or was never looked at.
    mutating func look(_ now: Clocks) -> Bool {
        _ = Self.add(&motion, stampNs: now.uptimeNs, axisNs: now.continuousNs, toleranceNs: Self.toleranceNs)
        return Self.add(&wall, stampNs: Self.ns(now.wallMs), axisNs: now.continuousNs, toleranceNs: Self.jumpNs)
    }

    /// When a reading of CoreMotion was measured; `nil` before the first look.
    func motionNs(uptimeS: Double) -> Int64? {
        Self.convert(motion, Int64(uptimeS * 1e9))
    }

    /// When a position of CoreLocation was measured. Never after `nowNs`: a clock that was set back meanwhile would put it
    /// into the future.
    func wallNs(_ wallMs: Int64, nowNs: Int64) -> Int64? {
        // A position is seconds old: of two relations that could be, the one that makes it the youngest past.
        let stampNs = Self.ns(wallMs)
        let candidates = wall.suffix(2).map { stampNs + $0.offsetNs }.filter { $0 <= nowNs + Self.jumpNs }
        return candidates.max().map { min($0, nowNs) } ?? (wall.isEmpty ? nil : nowNs)
    }

    private static func ns(_ ms: Int64) -> Int64 {
        ms.multipliedReportingOverflow(by: 1_000_000).partialValue
    }

    /// Returns whether the relation is another than before.
    private static func add(
        _ relations: inout [Relation], stampNs: Int64, axisNs: Int64, toleranceNs: Int64
    ) -> Bool {
        let offset = axisNs &- stampNs
        if let last = relations.last, abs(last.offsetNs &- offset) < toleranceNs {
            // The offset of the first look stays: a new one at each would shake every stamp.
            relations[relations.count - 1] = Relation(
                fromNs: last.fromNs, lastNs: stampNs, offsetNs: last.offsetNs)
            return false
        }
        relations.append(Relation(fromNs: stampNs, lastNs: stampNs, offsetNs: offset))
        if relations.count > kept { relations.removeFirst() }
        return true
    }

    /// By the relation in force at the stamp. Between the last look before a sleep and the first after it, by the nearer.
    private static func convert(_ relations: [Relation], _ stampNs: Int64) -> Int64? {
        guard var best = relations.last else { return nil }
        for relation in relations.dropLast().reversed() where stampNs < best.fromNs {
            if stampNs > relation.lastNs, best.fromNs - stampNs <= stampNs - relation.lastNs { break }
            best = relation
        }
        return stampNs + best.offsetNs
    }
}
