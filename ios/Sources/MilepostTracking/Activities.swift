import MilepostKit

extension PhoneActivity {
    /// Its one word of `signals.csv`. iOS may say several at once: at a light it is stationary and automotive, and the
    /// vehicle is what matters.
    var word: String {
        if automotive { return "automotive" }
        if cycling { return "cycling" }
        if running { return "running" }
        if walking { return "walking" }
        if stationary { return "still" }
        return "unknown"
    }

    /// 0–1. iOS tells three grades and no numbers: the middles of three equal parts.
    var confidenceValue: Float {
        switch confidence {
        case .low: 1 / 6
        case .medium: 1 / 2
        case .high: 5 / 6
        }
    }
}

/// Makes one count that only grows of counts that begin anew with each process: the engine counts between two.
struct StepCount {
    private var base = 0
    private var last = 0

    /// Returns the count to say, or `nil` where nothing was walked.
    mutating func add(_ count: Int) -> Int? {
        if count < last { base += last }
        let before = base + (count < last ? 0 : last)
        last = count
        return base + count == before ? nil : base + count
    }
}
