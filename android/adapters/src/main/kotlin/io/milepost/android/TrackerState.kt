package io.milepost.android

import io.milepost.TrackingState

/** Everything that a screen has to show about tracking. */
public data class TrackerState(
    /** The person is at work; nothing is sensed otherwise. */
    public val onDuty: Boolean,
    /** The person has agreed to be tracked at work. */
    public val consent: Boolean,
    /** The foreground service, without which the OS gives an app in the background neither positions nor sensors. */
    public val service: Service,
    /** What was read of the core last; `null` while it is not open. */
    public val tracking: TrackingState?,
    /** Everything that is sensed is recorded for `milepost replay`. */
    public val recording: Boolean,
    /** Why the core could not be opened, for a log; `null` when all is well. */
    public val error: String?,
) {
    /** How the foreground service is. */
    public sealed interface Service {
        /** Not wanted: off duty or without consent. */
        public data object Stopped : Service

        /** Wanted, and the OS has not answered. */
        public data object Starting : Service

        /** It runs, and its notification is there. */
        public data object Running : Service

        /** The OS does not let it run. It is tried again whenever that may have changed. */
        public data class Refused(
            /** What kind of refusal. */
            public val why: Why,
            /** In the OS's words, for a log. */
            public val reason: String,
        ) : Service
    }

    /** Why the OS refuses a foreground service. */
    public enum class Why {
        /** From the background: the app must come to the screen once, or be exempt from battery optimisation. */
        IN_BACKGROUND,

        /** The permission to locate is missing. */
        NO_PERMISSION,

        /** The manifest of the app lacks the service, its type or a permission. */
        MANIFEST,
    }
}
