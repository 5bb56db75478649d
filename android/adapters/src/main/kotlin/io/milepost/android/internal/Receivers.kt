package io.milepost.android.internal

import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import android.location.LocationManager
import io.milepost.SignalKind
import io.milepost.android.MilepostTracker

/** The phone was restarted, or the app updated: whoever was on duty still is. */
public class StartReceiver : BroadcastReceiver() {
    override fun onReceive(context: Context, intent: Intent) {
        if (intent.action !in ACTIONS) return
        MilepostTracker.get(context).resume()
    }

    private companion object {
        val ACTIONS = setOf(Intent.ACTION_BOOT_COMPLETED, Intent.ACTION_MY_PACKAGE_REPLACED)
    }
}

/** The OS wakes the app as the plan had asked: its fence was left, or its tick is due. */
public class WakeReceiver : BroadcastReceiver() {
    override fun onReceive(context: Context, intent: Intent) {
        val tracker = MilepostTracker.get(context)
        val left = !intent.getBooleanExtra(LocationManager.KEY_PROXIMITY_ENTERING, false)
        // The process may have been started for this: nothing is left behind until it is handled.
        val pending = goAsync()
        tracker.sense({ sensing ->
            if (intent.action == FENCE && left) sensing.sink.signal(SignalKind.WAKE, "fence")
            sensing.look()
        }, then = { pending?.finish() })
        tracker.resume()
    }

    internal companion object {
        const val FENCE = "io.milepost.FENCE"
        const val TICK = "io.milepost.TICK"
    }
}
