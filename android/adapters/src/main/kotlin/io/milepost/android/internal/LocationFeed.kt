package io.milepost.android.internal

import android.location.Location
import android.location.LocationListener
import android.location.LocationManager
import android.location.LocationManager.FUSED_PROVIDER
import android.location.LocationManager.GPS_PROVIDER
import android.location.LocationManager.NETWORK_PROVIDER
import android.location.LocationManager.PASSIVE_PROVIDER
import android.location.LocationRequest
import android.os.Build
import android.os.Bundle
import android.os.Handler
import android.util.Log
import io.milepost.SensingPlan
import io.milepost.SensingPlan.Gnss

/** Positions as the plan wants them, from the platform's own manager: nothing here needs Play Services. */
internal class LocationFeed(
    private val manager: LocationManager,
    private val handler: Handler,
    private val sink: Sink,
) : LocationListener {
    private var asked: Pair<Gnss, Long>? = null

    fun set(plan: SensingPlan) {
        val intervalMs = plan.gnssIntervalS?.let { (it * MILLIS).toLong() } ?: LOW_POWER_MS
        val wanted = plan.gnss to intervalMs
        if (wanted == asked) return
        stop()
        if (plan.gnss == Gnss.OFF) return
        try {
            if (plan.gnss == Gnss.ON) request(receiver(), intervalMs, power = false) else lowPower(intervalMs)
            asked = wanted
        } catch (e: SecurityException) {
            // The person took it away; the engine hears of it as a signal, and the next plan tries again.
            Log.i(Sink.TAG, "no positions: ${e.message}")
            stop()
        }
    }

    /** Forgets what was asked, so that the next [set] asks anew: a permission or a provider has changed. */
    fun renew() {
        stop()
    }

    private fun stop() {
        manager.removeUpdates(this)
        asked = null
    }

    private fun lowPower(intervalMs: Long) {
        if (has(NETWORK_PROVIDER)) request(NETWORK_PROVIDER, intervalMs, power = true)
        if (has(PASSIVE_PROVIDER)) request(PASSIVE_PROVIDER, intervalMs, power = true)
    }

    /** The OS's fusion where it has one: it goes on through a tunnel. Then the receiver, then whatever there is. */
    private fun receiver(): String {
        val fused = FUSED_PROVIDER.takeIf { Build.VERSION.SDK_INT >= Build.VERSION_CODES.S && has(it) }
        return fused ?: if (has(GPS_PROVIDER)) GPS_PROVIDER else NETWORK_PROVIDER
    }

    private fun has(provider: String): Boolean = provider in manager.allProviders

    private fun request(provider: String, intervalMs: Long, power: Boolean) {
        if (Build.VERSION.SDK_INT < Build.VERSION_CODES.S) {
            return manager.requestLocationUpdates(provider, intervalMs, 0f, this, handler.looper)
        }
        val quality = if (power) LocationRequest.QUALITY_LOW_POWER else LocationRequest.QUALITY_HIGH_ACCURACY
        val request = LocationRequest.Builder(intervalMs).setQuality(quality).setMinUpdateIntervalMillis(intervalMs / 2)
        manager.requestLocationUpdates(provider, request.build(), { handler.post(it) }, this)
    }

    override fun onLocationChanged(location: Location) = sink.fix(
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

    // Called by Android 10 and older, where the interface has no default for them.
    override fun onProviderEnabled(provider: String) = Unit
    override fun onProviderDisabled(provider: String) = Unit

    @Deprecated("Android 10 and older call it, and die without it")
    override fun onStatusChanged(provider: String?, status: Int, extras: Bundle?) = Unit

    @Suppress("DEPRECATION") // its successor is of Android 12
    private fun isMock(location: Location): Boolean =
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) location.isMock else location.isFromMockProvider

    private companion object {
        const val MILLIS = 1000.0

        /** A position by the network every quarter of an hour, as the battery model has it. */
        const val LOW_POWER_MS = 15 * 60_000L
    }
}
