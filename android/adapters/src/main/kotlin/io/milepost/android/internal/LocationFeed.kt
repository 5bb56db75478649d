package io.milepost.android.internal

import android.location.Location
import android.os.Build
import android.util.Log
import io.milepost.SensingPlan
import io.milepost.SensingPlan.Gnss
import io.milepost.android.LocationSource

/** Asks the source of positions for what the plan wants, and packs what comes. */
internal class LocationFeed(private val source: LocationSource, private val sink: Sink) {
    private var asked: Pair<Gnss, Long>? = null

    fun set(plan: SensingPlan) {
        val intervalMs = plan.gnssIntervalS?.let { (it * MILLIS).toLong() } ?: LOW_POWER_MS
        val wanted = (plan.gnss to intervalMs).takeIf { plan.gnss != Gnss.OFF }
        if (wanted == asked) return
        renew()
        if (wanted == null) return
        try {
            source.start(intervalMs, lowPower = plan.gnss == Gnss.LOW_POWER, ::take)
            asked = wanted
        } catch (e: SecurityException) {
            // The person has just taken it away; the engine hears of it as a signal, and the next plan tries again.
            Log.i(Sink.TAG, "no positions: ${e.message}")
            renew()
        }
    }

    /** Forgets what was asked, so that the next [set] asks anew: a permission or a provider has changed. */
    fun renew() {
        source.stop()
        asked = null
    }

    private fun take(location: Location) = sink.fix(
        tNs = location.elapsedRealtimeNanos,
        latDeg = location.latitude,
        lonDeg = location.longitude,
        altM = if (location.hasAltitude()) location.altitude.toFloat() else Float.NaN,
        speedMps = if (location.hasSpeed()) location.speed else Float.NaN,
        bearingDeg = if (location.hasBearing()) location.bearing else Float.NaN,
        hAccM = if (location.hasAccuracy()) location.accuracy else Float.NaN,
        wallMs = location.time.takeIf { it > 0 },
        mock = isMock(location),
    )

    @Suppress("DEPRECATION") // its successor is of Android 12
    private fun isMock(location: Location): Boolean =
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) location.isMock else location.isFromMockProvider

    private companion object {
        const val MILLIS = 1000.0

        /** A position by the network every quarter of an hour, as the battery model has it. */
        const val LOW_POWER_MS = 15 * 60_000L
    }
}
