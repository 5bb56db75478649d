package io.milepost.play

import android.content.Context
import android.util.Log
import com.google.android.gms.location.FusedLocationProviderClient
import com.google.android.gms.location.LocationListener
import com.google.android.gms.location.LocationRequest
import com.google.android.gms.location.LocationServices
import com.google.android.gms.location.Priority
import io.milepost.android.LocationSource
import java.util.concurrent.Executor

/** Positions of Play Services' fused provider. */
public class FusedLocations(private val client: FusedLocationProviderClient) : LocationSource {
    private var listener: LocationListener? = null

    public constructor(context: Context) : this(LocationServices.getFusedLocationProviderClient(context))

    override fun start(intervalMs: Long, lowPower: Boolean, sink: LocationSource.Sink) {
        stop()
        val priority = if (lowPower) Priority.PRIORITY_LOW_POWER else Priority.PRIORITY_HIGH_ACCURACY
        // The first positions may be off by a street: the engine weighs them by their accuracy, and waiting costs a start.
        val request = LocationRequest.Builder(priority, intervalMs).setMinUpdateIntervalMillis(intervalMs / 2)
            .setWaitForAccurateLocation(false).build()
        val told = LocationListener(sink::location)
        listener = told
        client.requestLocationUpdates(request, HERE, told)
            .addOnFailureListener(HERE) { Log.w(PlayServices.TAG, "no fused positions: $it") }
    }

    override fun stop() {
        listener?.let(client::removeLocationUpdates)
        listener = null
    }

    private companion object {
        /** The sink takes what comes from any thread, and at once. */
        val HERE = Executor(Runnable::run)
    }
}
