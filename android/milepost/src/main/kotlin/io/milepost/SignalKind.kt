package io.milepost

/**
 * A fact about the phone, or a wish of the host, by its name in `signals.csv`; `docs/records.md` has the values.
 * The order is that of the codes in packed frames: append only.
 */
public enum class SignalKind(
    /** Its name in `signals.csv`. */
    public val wireName: String,
) {
    /** `still walking running cycling automotive unknown`, with a confidence. */
    ACTIVITY("activity"),

    /** Cumulative count since boot. */
    STEPS("steps"),

    /** `on off` */
    SCREEN("screen"),

    /** `on off` */
    CHARGING("charging"),

    /** `on off` */
    POWER_SAVE("power_save"),

    /** `on off`: the location provider. */
    PROVIDER("provider"),

    /** `locked unlocked` */
    LOCK("lock"),

    /** `none ringing handheld hands_free` */
    CALL("call"),

    /** `connected:<name>` or `disconnected` */
    VEHICLE_AUDIO("vehicle_audio"),

    /** A number; empty is unknown. */
    SPEED_LIMIT_MPS("speed_limit_mps"),

    /** `always while_in_use denied`, with `:reduced` when accuracy is. */
    PERMISSION("permission"),

    /** `granted revoked` */
    CONSENT("consent"),

    /** `on off` */
    DUTY("duty"),

    /** `start_trip stop_trip deny_impact` */
    COMMAND("command"),

    /** Text. */
    TAG("tag"),

    /** Text; empty is none. */
    VEHICLE_ID("vehicle_id"),

    /** Text; empty is nobody. */
    DRIVER_ID("driver_id"),

    /** `fence motion`: what woke the app. */
    WAKE("wake"),

    /** Text: the host's own id for the open trip, else for the next; empty is none. */
    EXTERNAL_ID("external_id"),
}
