package io.milepost.android.internal

import android.content.Context
import io.milepost.android.TrackerConfig
import org.json.JSONException

/**
 * What the tracker must know in a process that the OS starts by itself. It can be read before the phone is unlocked for
 * the first time, and there is nothing of the person in it.
 */
internal class Kept(context: Context) {
    private val preferences = context.createDeviceProtectedStorageContext()
        .getSharedPreferences("io.milepost", Context.MODE_PRIVATE)

    /** The last config that the app gave. */
    var config: TrackerConfig
        get() = try {
            preferences.getString("config", null)?.let(TrackerConfig::fromJson)
        } catch (_: JSONException) {
            null
        } ?: TrackerConfig.Builder().build()
        set(value) = preferences.edit().putString("config", value.toJson()).apply()

    var onDuty: Boolean
        get() = preferences.getBoolean("on_duty", false)
        set(value) = preferences.edit().putBoolean("on_duty", value).apply()

    var consent: Boolean
        get() = preferences.getBoolean("consent", false)
        set(value) = preferences.edit().putBoolean("consent", value).apply()

    var recording: Boolean
        get() = preferences.getBoolean("recording", false)
        set(value) = preferences.edit().putBoolean("recording", value).apply()
}
