/// `milepost.trip/1`. Times ending in `TS` are seconds on the axis of the input.
public struct Trip: RecordBody {
    public static let schema = "milepost.trip/1"

    /// How a trip stands.
    public struct Status: Word {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Going on.
        public static let open = Status(rawValue: "open")
        /// Over, and it counts.
        public static let ended = Status(rawValue: "ended")
        /// It was none.
        public static let discarded = Status(rawValue: "discarded")

        static let known: [Status] = [.open, .ended, .discarded]
    }

    /// One stretch by one means of transport.
    public struct Leg: Codable, Sendable, Equatable {
        public let mode: Mode
        public let startTS: Double
        public let endTS: Double
        public let distanceM: Double

        private enum CodingKeys: String, CodingKey {
            case mode
            case startTS = "start_t_s"
            case endTS = "end_t_s"
            case distanceM = "distance_m"
        }
    }

    public let status: Status
    /// Why it was none; `nil` unless discarded.
    public let discardReason: DiscardReason?
    /// Why it ended; `nil` unless ended.
    public let endReason: EndReason?
    /// Back-dated to the first ride.
    public let startTS: Double
    /// Back-dated to the last ride; `nil` while open.
    public let endTS: Double?
    /// The start was not seen but worked out.
    public let startInferred: Bool
    /// Driven before the first fix, as far as can be told.
    public let missedStartM: Double?
    /// Of the longest leg.
    public let mode: Mode
    /// Walks between rides included.
    public let distanceM: Double
    public let durationS: Double
    public let maxSpeedMps: Double?
    public let start: Position?
    public let end: Position?
    public let legs: [Leg]
    /// Engine on and not moving; `nil` where that cannot be heard.
    public let idlingS: Double?
    /// Between 23:00 and 05:00 local time.
    public let nightS: Double?
    /// From 7 to 9 and from 16 to 19 local time on workdays.
    public let rushHourS: Double?
    /// At the wheel since the last break of fifteen minutes.
    public let atWheelS: Double?
    /// What the app called it, in order.
    public let tags: [String]
    /// The host's own id for it.
    public let externalID: String?

    private enum CodingKeys: String, CodingKey {
        case status, mode, start, end, legs, tags
        case externalID = "external_id"
        case discardReason = "discard_reason"
        case endReason = "end_reason"
        case startTS = "start_t_s"
        case endTS = "end_t_s"
        case startInferred = "start_inferred"
        case missedStartM = "missed_start_m"
        case distanceM = "distance_m"
        case durationS = "duration_s"
        case maxSpeedMps = "max_speed_mps"
        case idlingS = "idling_s"
        case nightS = "night_s"
        case rushHourS = "rush_hour_s"
        case atWheelS = "at_wheel_s"
    }
}

/// `milepost.stop/1`: the vehicle stood for at least ten seconds inside a trip.
public struct Stop: RecordBody {
    public static let schema = "milepost.stop/1"

    public let tripID: String?
    public let startTS: Double
    public let endTS: Double
    public let `class`: StopClass
    public let position: Position?
    /// 0–1, in the class.
    public let confidence: Double

    private enum CodingKeys: String, CodingKey {
        case `class`, position, confidence
        case tripID = "trip_id"
        case startTS = "start_t_s"
        case endTS = "end_t_s"
    }
}

/// `milepost.gap/1`: a time inside a trip without a fix.
public struct Gap: RecordBody {
    public static let schema = "milepost.gap/1"

    /// The last fix before it.
    public let startTS: Double
    /// The first fix after it.
    public let endTS: Double
    public let cause: GapCause

    private enum CodingKeys: String, CodingKey {
        case cause
        case startTS = "start_t_s"
        case endTS = "end_t_s"
    }
}
