/// `milepost.event/1`: something happened on the way. Fields are `nil` where they do not apply.
public struct Event: RecordBody {
    public static let schema = "milepost.event/1"

    /// Whether GNSS agreed.
    public struct Status: Word {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }

        public static let confirmed = Status(rawValue: "confirmed")
        /// It passed every threshold, but GNSS did not agree or was absent. It never enters a score.
        public static let unconfirmed = Status(rawValue: "unconfirmed")

        static let known: [Status] = [.confirmed, .unconfirmed]
    }

    /// Why an event is none after all.
    public struct Cancelled: Word {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }

        /// A speed limit came late.
        public static let limitChanged = Cancelled(rawValue: "limit_changed")
        /// The driver said so.
        public static let denied = Cancelled(rawValue: "denied")
        /// The vehicle went on as if nothing had happened.
        public static let droveOn = Cancelled(rawValue: "drove_on")

        /// It turned out to lie outside its trip.
        public static let outsideTrip = Cancelled(rawValue: "outside_trip")

        static let known: [Cancelled] = [.limitChanged, .denied, .droveOn, .outsideTrip]
    }

    /// What was looked at to tell a crash, and how it weighed in log odds.
    public struct Weighed: Codable, Sendable, Equatable {
        public let what: String
        public let value: Double
        public let weight: Double
    }

    /// The waveform around it in the vehicle frame, in cm/s².
    public struct Evidence: Codable, Sendable, Equatable {
        public let rateHz: Double
        public let t0S: Double
        public let aLongCmps2: [Int]
        public let aLatCmps2: [Int]
        public let aVertCmps2: [Int]

        private enum CodingKeys: String, CodingKey {
            case rateHz = "rate_hz"
            case t0S = "t0_s"
            case aLongCmps2 = "a_long_cmps2"
            case aLatCmps2 = "a_lat_cmps2"
            case aVertCmps2 = "a_vert_cmps2"
        }
    }

    public let tripID: String?
    public let type: EventType
    public let startTS: Double
    /// At its worst.
    public let peakTS: Double
    public let endTS: Double
    /// The largest acceleration along the event's axis, without sign.
    public let peakMps2: Double?
    /// What it had to reach.
    public let thresholdMps2: Double?
    public let speedInMps: Double?
    public let speedOutMps: Double?
    /// Turned by, positive clockwise.
    public let headingChangeDeg: Double?
    public let severity: Severity?
    /// 0–1, that it happened.
    public let confidence: Double
    public let status: Status
    public let position: Position?
    /// Of speeding: the limit.
    public let limitMps: Double?
    /// Of speeding: the highest speed less the limit.
    public let overMps: Double?
    /// Of speeding: how far it went on.
    public let distanceM: Double?
    /// Of phone handling: seconds below 40, 40–55, 55–105 and from 105 km/h.
    public let bandS: [Double]?
    /// Of speeding: seconds in each of three bands over the limit.
    public let overBandS: [Double]?
    /// Of speeding: metres in each of them.
    public let overBandM: [Double]?
    /// Why it is none after all.
    public let cancelled: Cancelled?
    /// Of an impact.
    public let weighed: [Weighed]?
    public let evidence: Evidence?

    private enum CodingKeys: String, CodingKey {
        case type, severity, confidence, status, position, cancelled, weighed, evidence
        case tripID = "trip_id"
        case startTS = "start_t_s"
        case peakTS = "peak_t_s"
        case endTS = "end_t_s"
        case peakMps2 = "peak_mps2"
        case thresholdMps2 = "threshold_mps2"
        case speedInMps = "speed_in_mps"
        case speedOutMps = "speed_out_mps"
        case headingChangeDeg = "heading_change_deg"
        case limitMps = "limit_mps"
        case overMps = "over_mps"
        case distanceM = "distance_m"
        case bandS = "band_s"
        case overBandS = "over_band_s"
        case overBandM = "over_band_m"
    }
}

/// `milepost.window/1`: what the sensors gave in the seconds around an impact, in the phone's frame.
public struct Window: RecordBody {
    public static let schema = "milepost.window/1"

    public let tripID: String?
    public let eventID: String
    /// Time of the first sample.
    public let t0S: Double
    /// How many samples.
    public let samples: Int
    /// How `data` is packed: docs/protocol.md.
    public let encoding: String
    public let data: String

    private enum CodingKeys: String, CodingKey {
        case tripID = "trip_id"
        case eventID = "event_id"
        case t0S = "t0_s"
        case samples, encoding, data
    }
}
