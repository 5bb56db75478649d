package io.milepost.android

import io.milepost.Preset
import org.json.JSONObject

/**
 * How a driver app tracks. Kept on the phone, because the OS may start the service before the app has said anything.
 *
 * ```
 * MilepostTracker.init(this, TrackerConfig.build { preset = Preset.COURIER; uploadUrl = "https://…" })
 * ```
 */
public class TrackerConfig private constructor(builder: Builder) {
    /** Whose day it is. */
    public val preset: Preset = builder.preset

    /** Thresholds that differ from the preset's, as flat JSON. */
    public val overridesJson: String = builder.overridesJson

    /** Where records go; `null`: nowhere, they wait. */
    public val uploadUrl: String? = builder.uploadUrl

    /** Uploads wait for a network that costs nothing by the byte. */
    public val unmeteredOnly: Boolean = builder.unmeteredOnly

    /** The 64 bits that ids are made from; `null`: drawn once and kept. */
    public val seed: Long? = builder.seed

    /** First line of the notification while on duty. */
    public val notificationTitle: String = builder.notificationTitle

    /** Its second line. */
    public val notificationText: String = builder.notificationText

    /** A drawable of the app; 0 is one of the OS. */
    public val notificationIcon: Int = builder.notificationIcon

    /** What [MilepostTracker.init] keeps for a process that the OS starts by itself. */
    internal fun toJson(): String = JSONObject()
        .put("preset", preset.name).put("overrides", overridesJson)
        .put("upload_url", uploadUrl ?: JSONObject.NULL).put("unmetered_only", unmeteredOnly)
        .put("seed", seed ?: JSONObject.NULL)
        .put("title", notificationTitle).put("text", notificationText).put("icon", notificationIcon)
        .toString()

    /** The same config, field by field; every setter has a getter, and Java may chain them. */
    public class Builder {
        /** Whose day it is. */
        public var preset: Preset = Preset.COURIER

        /** Thresholds that differ from the preset's: flat JSON with the keys of `docs/records.md`. */
        public var overridesJson: String = "{}"

        /** Where records go, https or on this very machine; `null`: nowhere, they wait. */
        public var uploadUrl: String? = null

        /** Uploads wait for a network that costs nothing by the byte. */
        public var unmeteredOnly: Boolean = false

        /** The 64 bits that ids are made from; `null`: drawn once and kept. */
        public var seed: Long? = null

        /** First line of the notification while on duty. */
        public var notificationTitle: String = "On duty"

        /** Its second line. */
        public var notificationText: String = "Trips are found by themselves."

        /** A drawable of the app; 0 is one of the OS. */
        public var notificationIcon: Int = 0

        /** For Java: sets [preset]. */
        public fun preset(value: Preset): Builder = apply { preset = value }

        /** For Java: sets [overridesJson]. */
        public fun overridesJson(value: String): Builder = apply { overridesJson = value }

        /** For Java: sets [uploadUrl]. */
        public fun uploadUrl(value: String?): Builder = apply { uploadUrl = value }

        /** For Java: sets [unmeteredOnly]. */
        public fun unmeteredOnly(value: Boolean): Builder = apply { unmeteredOnly = value }

        /** For Java: sets the notification's two lines and its drawable. */
        public fun notification(title: String, text: String, icon: Int): Builder = apply {
            notificationTitle = title
            notificationText = text
            notificationIcon = icon
        }

        /** The config. */
        public fun build(): TrackerConfig = TrackerConfig(this)
    }

    public companion object {
        /** The defaults with what [change] sets. */
        @JvmSynthetic
        public fun build(change: Builder.() -> Unit): TrackerConfig = Builder().apply(change).build()

        internal fun fromJson(json: String): TrackerConfig = JSONObject(json).let { kept ->
            build {
                preset = Preset.entries.firstOrNull { it.name == kept.optString("preset") } ?: preset
                overridesJson = kept.optString("overrides", overridesJson)
                uploadUrl = if (kept.isNull("upload_url")) null else kept.getString("upload_url")
                unmeteredOnly = kept.optBoolean("unmetered_only")
                seed = if (kept.isNull("seed")) null else kept.getLong("seed")
                notificationTitle = kept.optString("title", notificationTitle)
                notificationText = kept.optString("text", notificationText)
                notificationIcon = kept.optInt("icon")
            }
        }
    }
}
