/// A word of `docs/records.md` in a set that grows: one that this version does not know is kept as it is, not refused.
public protocol Word: RawRepresentable<String>, Codable, Hashable, Sendable, CustomStringConvertible {
    init(rawValue: String)
}

extension Word {
    public var description: String { rawValue }

    public init(from decoder: any Decoder) throws {
        self.init(rawValue: try decoder.singleValueContainer().decode(String.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}

/// A means of transport.
public struct Mode: Word {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Not moving.
    public static let still = Mode(rawValue: "still")
    /// On foot.
    public static let walking = Mode(rawValue: "walking")
    /// On foot, in a hurry.
    public static let running = Mode(rawValue: "running")
    /// A bicycle or an e-scooter.
    public static let cycling = Mode(rawValue: "cycling")
    /// A car, a van, a lorry, a motorcycle, a moped.
    public static let automotive = Mode(rawValue: "automotive")
    /// A passenger on the road.
    public static let bus = Mode(rawValue: "bus")
    /// A passenger on rails.
    public static let rail = Mode(rawValue: "rail")
    /// Not told.
    public static let unknown = Mode(rawValue: "unknown")

    static let known: [Mode] = [.still, .walking, .running, .cycling, .automotive, .bus, .rail, .unknown]
}

/// Why a trip ended.
public struct EndReason: Word {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Nothing moved for long enough.
    public static let stopTimeout = EndReason(rawValue: "stop_timeout")
    /// Nothing was heard for so long that it must be over.
    public static let noInput = EndReason(rawValue: "no_input")
    /// The driver or the app said so.
    public static let command = EndReason(rawValue: "command")
    /// Consent was revoked, or duty ended.
    public static let notAllowed = EndReason(rawValue: "not_allowed")
    /// The phone was restarted.
    public static let reboot = EndReason(rawValue: "reboot")
    /// The recording ended.
    public static let inputEnded = EndReason(rawValue: "input_ended")
    /// What the app remembered of it was lost.
    public static let stateLost = EndReason(rawValue: "state_lost")

    static let known: [EndReason] = [
        .stopTimeout, .noInput, .command, .notAllowed, .reboot, .inputEnded, .stateLost,
    ]
}

/// Why what looked like a trip was none.
public struct DiscardReason: Word {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Too few metres.
    public static let tooShort = DiscardReason(rawValue: "too_short")
    /// Too few seconds.
    public static let tooBrief = DiscardReason(rawValue: "too_brief")
    /// It never got away from where it began.
    public static let noDisplacement = DiscardReason(rawValue: "no_displacement")
    /// No ride in it.
    public static let onFoot = DiscardReason(rawValue: "on_foot")
    /// By a means of transport that the preset leaves out.
    public static let modeExcluded = DiscardReason(rawValue: "mode_excluded")
    /// Faster than anything on the ground.
    public static let tooFast = DiscardReason(rawValue: "too_fast")

    static let known: [DiscardReason] = [
        .tooShort, .tooBrief, .noDisplacement, .onFoot, .modeExcluded, .tooFast,
    ]
}

/// What a stop was for.
public struct StopClass: Word {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    /// A traffic light or a junction.
    public static let light = StopClass(rawValue: "light")
    /// A jam.
    public static let jam = StopClass(rawValue: "jam")
    /// A hand-over at a door.
    public static let delivery = StopClass(rawValue: "delivery")
    /// A rest.
    public static let `break` = StopClass(rawValue: "break")
    /// Not told.
    public static let unknown = StopClass(rawValue: "unknown")

    static let known: [StopClass] = [.light, .jam, .delivery, .break, .unknown]
}

/// What happened on the way.
public struct EventType: Word {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Slowed down hard.
    public static let harshBraking = EventType(rawValue: "driving.harsh_braking")
    /// Sped up hard.
    public static let harshAcceleration = EventType(rawValue: "driving.harsh_acceleration")
    /// Turned hard.
    public static let harshCornering = EventType(rawValue: "driving.harsh_cornering")
    /// To one side and back.
    public static let swerve = EventType(rawValue: "driving.swerve")
    /// A crash.
    public static let impact = EventType(rawValue: "driving.impact")
    /// Faster than allowed.
    public static let speeding = EventType(rawValue: "driving.speeding")
    /// The phone in a hand while moving.
    public static let phoneHandling = EventType(rawValue: "driving.phone_handling")
    /// Engine on and not moving.
    public static let idling = EventType(rawValue: "driving.idling")

    static let known: [EventType] = [
        .harshBraking, .harshAcceleration, .harshCornering, .swerve, .impact, .speeding, .phoneHandling, .idling,
    ]
}

/// How bad an event was.
public struct Severity: Word {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    /// At the threshold.
    public static let low = Severity(rawValue: "low")
    /// Well above it.
    public static let medium = Severity(rawValue: "medium")
    /// Far above it.
    public static let high = Severity(rawValue: "high")

    static let known: [Severity] = [.low, .medium, .high]
}

/// Why there is no number in a score.
public struct ScoreReason: Word {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Too little road.
    public static let tooShort = ScoreReason(rawValue: "too_short")
    /// Nobody drove.
    public static let onFoot = ScoreReason(rawValue: "on_foot")
    /// By bus or rail.
    public static let passenger = ScoreReason(rawValue: "passenger")
    /// No IMU with a known mount, and no fixes with a speed.
    public static let noMotionSensorNorSpeed = ScoreReason(rawValue: "no_motion_sensor_nor_speed")
    /// No IMU with a known mount.
    public static let noMotionSensor = ScoreReason(rawValue: "no_motion_sensor")
    /// Limits were not known.
    public static let noSpeedLimits = ScoreReason(rawValue: "no_speed_limits")
    /// Handling of the phone could not have been seen.
    public static let noGyroscopeOrMount = ScoreReason(rawValue: "no_gyroscope_or_mount")
    /// The rules do not rate it.
    public static let notInRuleset = ScoreReason(rawValue: "not_in_ruleset")
    /// No category has a number.
    public static let nothingCouldBeSeen = ScoreReason(rawValue: "nothing_could_be_seen")

    static let known: [ScoreReason] = [
        .tooShort, .onFoot, .passenger, .noMotionSensorNorSpeed, .noMotionSensor, .noSpeedLimits,
        .noGyroscopeOrMount, .notInRuleset, .nothingCouldBeSeen,
    ]
}

/// Why there was no fix.
public struct GapCause: Word {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The phone was awake, positions were missing.
    public static let noFix = GapCause(rawValue: "no_fix")
    /// Nothing was heard at all.
    public static let noInput = GapCause(rawValue: "no_input")
    /// Location was switched off.
    public static let providerOff = GapCause(rawValue: "provider_off")
    /// The permission was taken away.
    public static let permission = GapCause(rawValue: "permission")
    /// The phone was restarted.
    public static let reboot = GapCause(rawValue: "reboot")
    /// The plan had asked for nothing.
    public static let planned = GapCause(rawValue: "planned")

    static let known: [GapCause] = [.noFix, .noInput, .providerOff, .permission, .reboot, .planned]
}
