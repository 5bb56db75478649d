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
import io.milepost.android.LocationSource

/** Positions from the platform's own manager: nothing here needs Play Services. */
internal class PlatformLocations(private val manager: LocationManager, private val handler: Handler) :
    LocationSource, LocationListener {
    @Volatile
    private var sink: LocationSource.Sink? = null

    override fun start(intervalMs: Long, lowPower: Boolean, sink: LocationSource.Sink) {
        stop()
        this.sink = sink
        if (!lowPower) return request(receiver(), intervalMs, lowPower)
        for (provider in listOf(NETWORK_PROVIDER, PASSIVE_PROVIDER)) {
            if (has(provider)) request(provider, intervalMs, lowPower)
        }
    }

    override fun stop() {
        manager.removeUpdates(this)
        sink = null
    }

    /** The OS's fusion where it has one: it goes on through a tunnel. Then the receiver, then whatever there is. */
    private fun receiver(): String {
        val fused = FUSED_PROVIDER.takeIf { Build.VERSION.SDK_INT >= Build.VERSION_CODES.S && has(it) }
        return fused ?: if (has(GPS_PROVIDER)) GPS_PROVIDER else NETWORK_PROVIDER
    }

    private fun has(provider: String): Boolean = provider in manager.allProviders

    private fun request(provider: String, intervalMs: Long, lowPower: Boolean) {
        if (Build.VERSION.SDK_INT < Build.VERSION_CODES.S) {
            return manager.requestLocationUpdates(provider, intervalMs, 0f, this, handler.looper)
        }
        val quality = if (lowPower) LocationRequest.QUALITY_LOW_POWER else LocationRequest.QUALITY_HIGH_ACCURACY
        val request = LocationRequest.Builder(intervalMs).setQuality(quality).setMinUpdateIntervalMillis(intervalMs / 2)
        manager.requestLocationUpdates(provider, request.build(), { handler.post(it) }, this)
    }

    override fun onLocationChanged(location: Location) {
        sink?.location(location)
    }

    // Called by Android 10 and older, where the interface has no default for them.
    override fun onProviderEnabled(provider: String) = Unit
    override fun onProviderDisabled(provider: String) = Unit

    @Deprecated("Android 10 and older call it, and die without it")
    override fun onStatusChanged(provider: String?, status: Int, extras: Bundle?) = Unit
}
