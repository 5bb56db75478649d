package io.milepost.play

import android.content.Context
import com.google.android.gms.common.ConnectionResult
import com.google.android.gms.common.GoogleApiAvailabilityLight
import io.milepost.android.MilepostTracker

/** Play Services for a [MilepostTracker], on the phones that have them. */
public object PlayServices {
    /**
     * Lets [tracker] take positions and activities from Play Services, right after `MilepostTracker.init`.
     *
     * @return whether this phone has them; else the tracker goes on with what the OS gives
     */
    @JvmStatic
    public fun install(context: Context, tracker: MilepostTracker): Boolean {
        val answer = GoogleApiAvailabilityLight.getInstance().isGooglePlayServicesAvailable(context)
        if (answer != ConnectionResult.SUCCESS) return false
        tracker.setLocationSource(FusedLocations(context))
        tracker.setActivitySource(Transitions(context))
        return true
    }

    internal const val TAG = "Milepost"
}
