import Foundation

/// `milepost.health/1`: what stands in the way of finding trips, whenever that changes, and a heartbeat.
public struct Health: RecordBody {
    public static let schema = "milepost.health/1"

    /// Empty when all is well; the words of ``Blocker/name``.
    public let blockers: [String]
    /// Counts by name since the session began; `docs/records.md` has the names.
    public let counters: [String: Int64]
}

/// `milepost.summary/1`: the last line of a replay.
public struct Summary: RecordBody {
    public static let schema = "milepost.summary/1"

    /// Counts by name since the session began.
    public let counters: [String: Int64]
    /// By which the receiver's speed and course are late.
    public let gnssLagS: Double?
    /// By which its position is late.
    public let gnssPositionLagS: Double?
    /// IMU samples a second, lately.
    public let imuRateHz: Double?
    /// Every threshold in force, by its key.
    public let config: [String: ConfigValue]

    private enum CodingKeys: String, CodingKey {
        case counters, config
        case gnssLagS = "gnss_lag_s"
        case gnssPositionLagS = "gnss_position_lag_s"
        case imuRateHz = "imu_rate_hz"
    }
}

/// A value of the flat configuration.
public enum ConfigValue: Codable, Sendable, Equatable {
    case bool(Bool)
    case number(Double)
    case text(String)
    case list([ConfigValue])
    case null

    public init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let bool = try? value.decode(Bool.self) {
            self = .bool(bool)
        } else if let number = try? value.decode(Double.self) {
            self = .number(number)
        } else if let text = try? value.decode(String.self) {
            self = .text(text)
        } else {
            self = .list(try value.decode([ConfigValue].self))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .bool(let bool): try container.encode(bool)
        case .number(let number): try container.encode(number)
        case .text(let text): try container.encode(text)
        case .list(let list): try container.encode(list)
        case .null: try container.encodeNil()
        }
    }
}
