import MilepostKit
import MilepostTracking

/// What the app says about the words of `docs/records.md`. One it does not know it shows as it is.
public enum Words {
    /// What is going on.
    public static func doing(_ state: TrackerState) -> String {
        if state.error != nil { return "Milepost could not be opened" }
        if !state.onDuty { return "Off duty. Nothing is recorded." }
        return switch state.tracking?.plan.reason {
        case nil, .notAllowed?: "Waiting for what is missing below"
        case .idle?: "Parked. Trips are found by themselves."
        case .stirring?, .candidate?: "Something moves…"
        case .driving?: "On a trip"
        case .standing?, .stopTimeout?: "Standing"
        case .powerSaving?: "Saving power"
        default: "Working"
        }
    }

    /// What stands in the way, and the button that helps.
    public static func blocker(_ name: String) -> (words: String, help: String?) {
        switch name {
        case "no_consent": ("You have not agreed to your trips being recorded at work.", "I agree")
        case "provider_off": ("Location is switched off.", "Switch it on")
        case "permission_denied": ("This app may not locate.", "Allow")
        case "permission_while_in_use": ("Only with the app open are trips found.", "Allow always")
        case "reduced_accuracy": ("Only rough positions are allowed: a kilometre is not enough.", "Allow precise")
        case "power_saving": ("The phone saves power, and positions are fewer.", nil)
        case "no_sensors": ("No motion sensor answers: harsh braking cannot be seen.", nil)
        case "mock_location": ("Another app fakes the location.", nil)
        case "clock_not_set": ("The phone does not know what time it is.", "Set the clock")
        case "storage_full": ("The phone's storage is full.", "Free some")
        default: (name, nil)
        }
    }

    /// Why the next permission is asked for, before the phone asks.
    public static func step(_ step: Permissions.Step) -> String {
        switch step {
        case .location: "To find your trips this app must know where you are, while you are on duty and never else."
        case .precise: "A rough position is off by a kilometre. Please allow the precise one."
        case .motion:
            "Your steps tell when you leave the van, so that a trip ends at the right door. They also let GPS sleep."
        case .always: "The phone is in your pocket when you drive off. Choose “Change to Always Allow” in the next screen."
        }
    }

    public static func event(_ type: EventType) -> String {
        switch type {
        case .harshBraking: "Harsh braking"
        case .harshAcceleration: "Harsh acceleration"
        case .harshCornering: "Fast corner"
        case .swerve: "Swerve"
        case .impact: "Impact"
        case .speeding: "Speeding"
        case .phoneHandling: "Phone in hand"
        case .idling: "Engine idling"
        default: type.rawValue
        }
    }

    public static func noScore(_ reason: ScoreReason?) -> String {
        switch reason {
        case .tooShort?: "too short to say"
        case .onFoot?: "nobody drove"
        case .passenger?: "by bus or train"
        case .noSpeedLimits?: "limits are not known"
        case .noGyroscopeOrMount?: "could not be seen"
        case .noMotionSensor?, .noMotionSensorNorSpeed?: "no motion sensor"
        case .notInRuleset?: "not rated"
        case .nothingCouldBeSeen?: "nothing could be seen"
        default: reason?.rawValue ?? "not known"
        }
    }
}
