import Foundation

/// What the engine asks an app to sense now, until the next one. Who senses more spends battery for nothing, who senses
/// less misses starts; `docs/battery.md` has the prices.
public struct SensingPlan: Sendable, Hashable {
    /// Where positions come from.
    public enum GNSS: Sendable, Hashable {
        /// None at all.
        case off
        /// The network and what others have asked for; the receiver stays off.
        case lowPower
        /// The receiver, with so many seconds between two fixes.
        case on(intervalS: Double)

        /// Whether the receiver runs.
        public var isOn: Bool {
            switch self {
            case .on: true
            case .off, .lowPower: false
            }
        }
    }

    /// A circle around where the phone rests; leaving it wakes the app.
    public struct WakeFence: Sendable, Hashable {
        /// Of the centre, degrees north.
        public let latDeg: Double
        /// Of the centre, degrees east.
        public let lonDeg: Double
        /// Metres.
        public let radiusM: Double

        public init(latDeg: Double, lonDeg: Double, radiusM: Double) {
            self.latDeg = latDeg
            self.lonDeg = lonDeg
            self.radiusM = radiusM
        }
    }

    /// Why, in a word of `docs/records.md`.
    public struct Reason: Word {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }

        /// No consent or off duty.
        public static let notAllowed = Reason(rawValue: "not_allowed")
        public static let idle = Reason(rawValue: "idle")
        /// Something moves, and the IMU looks whether it is a ride.
        public static let stirring = Reason(rawValue: "stirring")
        /// It may be a trip.
        public static let candidate = Reason(rawValue: "candidate")
        public static let driving = Reason(rawValue: "driving")
        public static let standing = Reason(rawValue: "standing")
        /// A stop that may be the end.
        public static let stopTimeout = Reason(rawValue: "stop_timeout")
        /// Inputs are held.
        public static let lateness = Reason(rawValue: "lateness")
        /// A record waits for more.
        public static let evidence = Reason(rawValue: "evidence")
        public static let powerSaving = Reason(rawValue: "power_saving")

        static let known: [Reason] = [
            .notAllowed, .idle, .stirring, .candidate, .driving, .standing, .stopTimeout, .lateness, .evidence,
            .powerSaving,
        ]
    }

    /// Where positions come from.
    public var gnss: GNSS
    /// Readings of accelerometer and gyroscope a second; 0 is off.
    public var imuHz: Int
    /// Whether activities and steps are wanted.
    public var activity: Bool
    /// Where the phone wants to be woken when it leaves.
    public var wakeFence: WakeFence?
    /// When Milepost wants a tick at the latest, on the axis of the frames.
    public var nextTickNs: Int64?
    /// Why.
    public var reason: Reason

    public init(
        gnss: GNSS, imuHz: Int, activity: Bool, wakeFence: WakeFence? = nil, nextTickNs: Int64? = nil, reason: Reason
    ) {
        self.gnss = gnss
        self.imuHz = imuHz
        self.activity = activity
        self.wakeFence = wakeFence
        self.nextTickNs = nextTickNs
        self.reason = reason
    }

    /// Nothing: before the first plan, and when nobody may look.
    public static let nothing = SensingPlan(gnss: .off, imuHz: 0, activity: false, reason: .notAllowed)

    /// What ``Milepost/plan()`` says; `nil` before the first input.
    public init?(json: String) {
        guard let plan = try? JSONDecoder().decode(Self?.self, from: Data(json.utf8)) else { return nil }
        self = plan
    }
}

extension SensingPlan: Decodable {
    private enum CodingKeys: String, CodingKey {
        case gnss, activity, reason
        case imuHz = "imu_hz"
        case wakeFence = "wake_fence"
        case nextTickNs = "next_tick"
    }

    public init(from decoder: any Decoder) throws {
        let plan = try decoder.container(keyedBy: CodingKeys.self)
        gnss = try plan.decode(GNSS.self, forKey: .gnss)
        imuHz = try plan.decode(Int.self, forKey: .imuHz)
        activity = try plan.decode(Bool.self, forKey: .activity)
        wakeFence = try plan.decodeIfPresent(WakeFence.self, forKey: .wakeFence)
        nextTickNs = try plan.decodeIfPresent(Int64.self, forKey: .nextTickNs)
        reason = try plan.decode(Reason.self, forKey: .reason)
    }
}

extension SensingPlan.GNSS: Decodable {
    private enum CodingKeys: String, CodingKey { case every = "Every" }

    public init(from decoder: any Decoder) throws {
        if let word = try? decoder.singleValueContainer().decode(String.self) {
            // What this version does not know costs nothing.
            self = word == "LowPower" ? .lowPower : .off
        } else {
            let every = try decoder.container(keyedBy: CodingKeys.self)
            self = .on(intervalS: try every.decode(Double.self, forKey: .every))
        }
    }
}

extension SensingPlan.WakeFence: Decodable {
    private enum CodingKeys: String, CodingKey { case centre, radiusM = "radius_m" }
    private enum CentreKeys: String, CodingKey { case latDeg = "lat_deg", lonDeg = "lon_deg" }

    public init(from decoder: any Decoder) throws {
        let fence = try decoder.container(keyedBy: CodingKeys.self)
        let centre = try fence.nestedContainer(keyedBy: CentreKeys.self, forKey: .centre)
        latDeg = try centre.decode(Double.self, forKey: .latDeg)
        lonDeg = try centre.decode(Double.self, forKey: .lonDeg)
        radiusM = try fence.decode(Double.self, forKey: .radiusM)
    }
}
