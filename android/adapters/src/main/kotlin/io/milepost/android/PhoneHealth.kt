package io.milepost.android

import android.app.ActivityManager
import android.app.ApplicationExitInfo
import android.app.usage.UsageStatsManager
import android.content.Context
import android.content.Intent
import android.os.Build
import android.os.PowerManager
import android.provider.Settings
import io.milepost.android.internal.system

/** What the phone does to apps in the background: the evidence when trips are missing, and where to mend it. */
public data class PhoneHealth(
    /** Exempt from battery optimisation: Doze does not hold it, and its service starts from the background. */
    public val batteryExempt: Boolean,
    /** The person, or the maker of the phone, has restricted the app in the background. */
    public val backgroundRestricted: Boolean,
    /** The app's standby bucket in the numbers of `UsageStatsManager`; `null` before Android 9. */
    public val standbyBucket: Int?,
    /** How the app's processes ended, newest first; empty before Android 11. */
    public val exits: List<Exit>,
) {
    /** Ends that were none of the app's doing nor of the person's: what a battery manager does to it. */
    public val killed: List<Exit> get() = exits.filter { it.byTheSystem }

    /** The end of a process. */
    public data class Exit(
        /** Epoch milliseconds. */
        public val atMs: Long,
        /** `low_memory`, `excessive_resource_usage`, `user_requested`, `crash`, … */
        public val reason: String,
        /** In the OS's words. Some makers write the name of their battery manager into it. */
        public val description: String?,
        /** The app was serving in the foreground: nothing should have ended it. */
        public val wasServing: Boolean,
        /** Neither the app nor the person did it. */
        public val byTheSystem: Boolean,
    )

    public companion object {
        /** More is history. */
        private const val MAX_EXITS = 16

        /** As it is now. */
        @JvmStatic
        public fun of(context: Context): PhoneHealth {
            val activities = context.system<ActivityManager>()
            val power = context.system<PowerManager>()
            val usage = context.system<UsageStatsManager>()
            val since28 = Build.VERSION.SDK_INT >= Build.VERSION_CODES.P
            return PhoneHealth(
                batteryExempt = power.isIgnoringBatteryOptimizations(context.packageName),
                backgroundRestricted = since28 && activities.isBackgroundRestricted,
                standbyBucket = if (since28) usage.appStandbyBucket else null,
                exits = exits(activities),
            )
        }

        /** The list in which the person can exempt the app. Stores frown upon asking directly. */
        @JvmStatic
        public fun batterySettings(): Intent = Intent(Settings.ACTION_IGNORE_BATTERY_OPTIMIZATION_SETTINGS)

        private fun exits(activities: ActivityManager): List<Exit> {
            if (Build.VERSION.SDK_INT < Build.VERSION_CODES.R) return emptyList()
            return activities.getHistoricalProcessExitReasons(null, 0, MAX_EXITS).map { info ->
                val (word, system) = WORDS[info.reason] ?: ("unknown" to true)
                Exit(
                    atMs = info.timestamp,
                    reason = word,
                    description = info.description,
                    wasServing = info.importance <= ActivityManager.RunningAppProcessInfo.IMPORTANCE_FOREGROUND_SERVICE,
                    byTheSystem = system,
                )
            }
        }

        /** A word for each reason, and whether the system did it by itself. */
        private val WORDS = mapOf(
            ApplicationExitInfo.REASON_EXIT_SELF to ("exit_self" to false),
            ApplicationExitInfo.REASON_SIGNALED to ("signaled" to true),
            ApplicationExitInfo.REASON_LOW_MEMORY to ("low_memory" to true),
            ApplicationExitInfo.REASON_CRASH to ("crash" to false),
            ApplicationExitInfo.REASON_CRASH_NATIVE to ("crash_native" to false),
            ApplicationExitInfo.REASON_ANR to ("anr" to false),
            ApplicationExitInfo.REASON_INITIALIZATION_FAILURE to ("initialization_failure" to false),
            ApplicationExitInfo.REASON_PERMISSION_CHANGE to ("permission_change" to false),
            ApplicationExitInfo.REASON_EXCESSIVE_RESOURCE_USAGE to ("excessive_resource_usage" to true),
            ApplicationExitInfo.REASON_USER_REQUESTED to ("user_requested" to false),
            ApplicationExitInfo.REASON_USER_STOPPED to ("user_stopped" to false),
            ApplicationExitInfo.REASON_DEPENDENCY_DIED to ("dependency_died" to true),
            ApplicationExitInfo.REASON_OTHER to ("other" to true),
            ApplicationExitInfo.REASON_FREEZER to ("freezer" to true),
            ApplicationExitInfo.REASON_PACKAGE_STATE_CHANGE to ("package_state_change" to false),
            ApplicationExitInfo.REASON_PACKAGE_UPDATED to ("package_updated" to false),
        )
    }
}
