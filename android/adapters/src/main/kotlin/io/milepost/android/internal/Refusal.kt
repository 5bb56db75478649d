package io.milepost.android.internal

import android.app.ForegroundServiceStartNotAllowedException
import android.os.Build
import io.milepost.android.TrackerState.Service.Refused
import io.milepost.android.TrackerState.Why

/** Runs [start], which asks the OS for a foreground service; what it was refused for, or `null`. */
internal fun refusal(start: () -> Unit): Refused? = try {
    start()
    null
} catch (e: SecurityException) {
    Refused(Why.NO_PERMISSION, e.toString())
} catch (e: IllegalStateException) {
    Refused(if (isBackground(e)) Why.IN_BACKGROUND else Why.MANIFEST, e.toString())
} catch (e: IllegalArgumentException) {
    // A type that the manifest does not name.
    Refused(Why.MANIFEST, e.toString())
}

/** Before Android 12 the one illegal state was a start from the background. */
private fun isBackground(e: IllegalStateException): Boolean =
    Build.VERSION.SDK_INT < Build.VERSION_CODES.S || e is ForegroundServiceStartNotAllowedException
