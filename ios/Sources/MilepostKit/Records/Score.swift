/// `milepost.score/1`: how a trip was driven; `docs/scoring.md` says how the numbers come about.
public struct Score: RecordBody {
    public static let schema = "milepost.score/1"

    /// One number, or the reason why there is none.
    public struct Rating: Codable, Sendable, Equatable {
        /// 0–100, 100 is best.
        public let value: Double?
        /// Why there is no number.
        public let reason: ScoreReason?
        /// 0–1, how much it rests on.
        public let confidence: Double?
        /// The road on which it could be seen.
        public let exposureKm: Double
        /// Name and version of the rules.
        public let ruleset: String

        private enum CodingKeys: String, CodingKey {
            case value, reason, confidence, ruleset
            case exposureKm = "exposure_km"
        }
    }

    /// A rating for each kind of behaviour.
    public struct Categories: Codable, Sendable, Equatable {
        public let braking: Rating
        public let acceleration: Rating
        public let cornering: Rating
        public let speeding: Rating
        public let phone: Rating

        /// All of them by name, in the order of the record.
        public var all: [(name: String, rating: Rating)] {
            [
                ("braking", braking), ("acceleration", acceleration), ("cornering", cornering),
                ("speeding", speeding), ("phone", phone),
            ]
        }
    }

    /// The same over this and earlier trips of who drives.
    public struct Driver: Codable, Sendable, Equatable {
        public let overall: Rating
        public let categories: Categories
    }

    public let tripID: String
    public let overall: Rating
    public let categories: Categories
    public let driver: Driver?

    private enum CodingKeys: String, CodingKey {
        case overall, categories, driver
        case tripID = "trip_id"
    }
}
