package io.milepost.example

import io.milepost.android.Permissions.Step
import io.milepost.android.TrackerState
import io.milepost.android.TrackerState.Service
import io.milepost.android.TrackerState.Why

/** What the app says about the words of `docs/records.md`. One it does not know it shows as it is. */
object Words {
    fun doing(state: TrackerState): String = when {
        state.error != null -> "Milepost could not be opened"
        !state.onDuty -> "Off duty. Nothing is recorded."
        else -> when (state.tracking?.plan?.reason) {
            null, "not_allowed" -> "Waiting for what is missing below"
            "idle" -> "Parked. Trips are found by themselves."
            "stirring", "candidate" -> "Something moves…"
            "driving" -> "On a trip"
            "standing", "stop_timeout" -> "Standing"
            "power_saving" -> "Saving power"
            else -> "Working"
        }
    }

    fun service(service: Service): String? = when (service) {
        Service.Stopped, Service.Starting, Service.Running -> null
        is Service.Refused -> when (service.why) {
            Why.IN_BACKGROUND -> "Android did not let it start in the background. It starts now that the app is open."
            Why.NO_PERMISSION -> "Tracking needs the permission to locate."
            Why.MANIFEST -> "This app was built without something that Android asks for: ${service.reason}"
        }
    }

    /** What stands in the way, and the button that helps. */
    fun blocker(name: String): Pair<String, String?> = when (name) {
        "no_consent" -> "You have not agreed to your trips being recorded at work." to "I agree"
        "provider_off" -> "Location is switched off." to "Switch it on"
        "permission_denied" -> "This app may not locate." to "Allow"
        "permission_while_in_use" -> "Only with the app open are trips found." to "Allow always"
        "reduced_accuracy" -> "Only rough positions are allowed: a kilometre is not enough." to "Allow precise"
        "power_saving" -> "The phone saves power, and positions are fewer." to null
        "no_sensors" -> "No motion sensor answers: harsh braking cannot be seen." to null
        "mock_location" -> "Another app fakes the location." to null
        "clock_not_set" -> "The phone does not know what time it is." to "Set the clock"
        "storage_full" -> "The phone's storage is full." to "Free some"
        else -> name to null
    }

    /** Why the next permission is asked for, before the phone asks. */
    fun step(step: Step): String = when (step) {
        Step.LOCATION -> "To find your trips this app must know where you are, while you are on duty and never else."
        Step.PRECISE -> "A rough position is off by a kilometre. Please allow the precise one."
        Step.ACTIVITY -> "Your steps tell when you leave the van, so that a trip ends at the right door. " +
            "They also let GPS sleep."
        Step.NOTIFICATIONS -> "While you are on duty a notification shows that trips are being recorded."
        Step.ALWAYS -> "The phone is in your pocket when you drive off. Choose “Allow all the time” in the next screen."
    }

    fun event(type: String): String = when (type) {
        "driving.harsh_braking" -> "Harsh braking"
        "driving.harsh_acceleration" -> "Harsh acceleration"
        "driving.harsh_cornering" -> "Fast corner"
        "driving.swerve" -> "Swerve"
        "driving.impact" -> "Impact"
        "driving.speeding" -> "Speeding"
        "driving.phone_handling" -> "Phone in hand"
        "driving.idling" -> "Engine idling"
        else -> type
    }

    fun noScore(reason: String?): String = when (reason) {
        "too_short" -> "too short to say"
        "on_foot" -> "nobody drove"
        "passenger" -> "by bus or train"
        "no_speed_limits" -> "limits are not known"
        "no_gyroscope_or_mount" -> "could not be seen"
        else -> "no motion sensor"
    }
}
