package io.milepost.android.internal

import android.app.AlarmManager
import android.app.PendingIntent
import android.content.Context
import android.content.Intent
import android.location.LocationManager
import android.os.Build
import android.util.Log
import io.milepost.SensingPlan

/** What the OS wakes the app by, even a process that has died: the plan's fence and its next tick. */
internal class WakeUps(private val context: Context) {
    private val alarms = context.system<AlarmManager>()
    private val locations = context.system<LocationManager>()
    private var tickNs: Long? = null
    private var fence: SensingPlan.WakeFence? = null

    fun set(plan: SensingPlan) {
        if (plan.nextTickNs != tickNs) setTick(plan.nextTickNs)
        if (plan.wakeFence != fence) setFence(plan.wakeFence)
    }

    /** Asks anew for the fence with the next plan: it is lost with a permission, a provider or a reboot. */
    fun renew() {
        fence = null
    }

    private fun setTick(atNs: Long?) {
        tickNs = atNs
        val wake = pending(WakeReceiver.TICK)
        if (atNs == null) return alarms.cancel(wake)
        // Inexact: no permission is needed for it, and a tick may be late.
        alarms.setAndAllowWhileIdle(AlarmManager.ELAPSED_REALTIME_WAKEUP, atNs / NANOS_PER_MS + 1, wake)
    }

    private fun setFence(wanted: SensingPlan.WakeFence?) {
        val left = pending(WakeReceiver.FENCE)
        try {
            locations.removeProximityAlert(left)
            if (wanted != null) {
                locations.addProximityAlert(wanted.latDeg, wanted.lonDeg, wanted.radiusM.toFloat(), NEVER, left)
            }
            fence = wanted
        } catch (e: SecurityException) {
            Log.i(Sink.TAG, "no wake fence: ${e.message}")
        }
    }

    private fun pending(action: String): PendingIntent {
        val intent = Intent(context, WakeReceiver::class.java).setAction(action)
        // The location manager writes into the fence's whether it was entered or left.
        val mutable = if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) PendingIntent.FLAG_MUTABLE else 0
        val flag = if (action == WakeReceiver.FENCE) mutable else PendingIntent.FLAG_IMMUTABLE
        return PendingIntent.getBroadcast(context, 0, intent, PendingIntent.FLAG_UPDATE_CURRENT or flag)
    }

    private companion object {
        const val NANOS_PER_MS = 1_000_000L
        const val NEVER = -1L
    }
}
