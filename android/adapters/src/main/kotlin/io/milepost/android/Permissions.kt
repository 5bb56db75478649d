package io.milepost.android

import android.Manifest.permission.ACCESS_BACKGROUND_LOCATION
import android.Manifest.permission.ACCESS_COARSE_LOCATION
import android.Manifest.permission.ACCESS_FINE_LOCATION
import android.Manifest.permission.ACTIVITY_RECOGNITION
import android.Manifest.permission.POST_NOTIFICATIONS
import android.app.Activity
import android.content.Context
import android.content.Intent
import android.content.pm.PackageManager.PERMISSION_GRANTED
import android.net.Uri
import android.os.Build
import android.provider.Settings

/** What the person has allowed, as it is at this moment. */
public data class Permissions(
    /** When the app may locate. */
    public val location: Location,
    /** Positions to the metre, not to the kilometre. */
    public val precise: Boolean,
    /** Steps; without it the end of a trip is seen later. */
    public val activity: Boolean,
    /** The notification may be seen; the service runs without it too. */
    public val notifications: Boolean,
) {
    /** When the app may locate. */
    public enum class Location { DENIED, WHILE_IN_USE, ALWAYS }

    /** What to ask for next, in the order in which the OS grants it; `null`: nothing is missing. */
    public val next: Step?
        get() = when {
            location == Location.DENIED -> Step.LOCATION
            !precise -> Step.PRECISE
            !activity -> Step.ACTIVITY
            !notifications -> Step.NOTIFICATIONS
            location != Location.ALWAYS -> Step.ALWAYS
            else -> null
        }

    /** In the words of `signals.csv`. */
    internal val signal: String
        get() = location.name.lowercase() + if (location != Location.DENIED && !precise) ":reduced" else ""

    /** One question to the person. An app shows why before it asks. */
    public enum class Step {
        /** Locate while the app is used. */
        LOCATION,

        /** Not the rough position but the precise one. */
        PRECISE,

        /** Steps and activities. */
        ACTIVITY,

        /** The notification while on duty. */
        NOTIFICATIONS,

        /** Locate always: the second step, which the OS takes after [LOCATION] only, since Android 11 in its settings. */
        ALWAYS;

        /** What to request for it. Precise and rough are asked for together: Android 12 refuses the one alone. */
        public val permissions: Array<String>
            get() = when (this) {
                LOCATION, PRECISE -> arrayOf(ACCESS_FINE_LOCATION, ACCESS_COARSE_LOCATION)
                ACTIVITY -> arrayOf(ACTIVITY_RECOGNITION)
                NOTIFICATIONS -> arrayOf(POST_NOTIFICATIONS)
                ALWAYS -> arrayOf(ACCESS_BACKGROUND_LOCATION)
            }
    }

    public companion object {
        /** As it is now. */
        @JvmStatic
        public fun of(context: Context): Permissions {
            val fine = context.has(ACCESS_FINE_LOCATION)
            val any = fine || context.has(ACCESS_COARSE_LOCATION)
            // Before these versions the permission does not exist, and its matter is allowed.
            val always = Build.VERSION.SDK_INT < Build.VERSION_CODES.Q || context.has(ACCESS_BACKGROUND_LOCATION)
            return Permissions(
                location = when {
                    !any -> Location.DENIED
                    always -> Location.ALWAYS
                    else -> Location.WHILE_IN_USE
                },
                precise = fine,
                activity = Build.VERSION.SDK_INT < Build.VERSION_CODES.Q || context.has(ACTIVITY_RECOGNITION),
                notifications = Build.VERSION.SDK_INT < Build.VERSION_CODES.TIRAMISU || context.has(POST_NOTIFICATIONS),
            )
        }

        /**
         * Asks the next question; the answer arrives in `onRequestPermissionsResult` of [activity]. Where the person
         * has said no before, the OS answers by itself and shows nothing: offer [settings] then.
         *
         * @return what was asked for; `null`: nothing is missing
         */
        @JvmStatic
        public fun request(activity: Activity, requestCode: Int): Step? {
            val step = of(activity).next ?: return null
            activity.requestPermissions(step.permissions, requestCode)
            return step
        }

        /** The app's page in the settings, where everything can be allowed. */
        @JvmStatic
        public fun settings(context: Context): Intent =
            Intent(Settings.ACTION_APPLICATION_DETAILS_SETTINGS, Uri.fromParts("package", context.packageName, null))
    }
}

private fun Context.has(permission: String): Boolean = checkSelfPermission(permission) == PERMISSION_GRANTED
