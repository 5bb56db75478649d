package io.milepost.android

import android.location.Location

/**
 * Tells where the phone is: the OS's own location manager is built in; an app with Play Services can plug its fused
 * provider in, by [MilepostTracker.setLocationSource].
 */
public interface LocationSource {
    /**
     * Positions every [intervalMs] from now on, in place of what was asked for before. With [lowPower] the receiver stays
     * off. Called only while the app may locate; a [SecurityException] is understood all the same.
     */
    public fun start(intervalMs: Long, lowPower: Boolean, sink: Sink)

    /** No more positions. */
    public fun stop()

    /** Who is told; from any thread. */
    public fun interface Sink {
        /** As the OS gave it: its time is `elapsedRealtimeNanos`. */
        public fun location(location: Location)
    }
}
