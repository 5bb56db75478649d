package io.milepost.android.internal

import android.app.Service
import android.content.Intent
import android.content.pm.ServiceInfo
import android.os.Build
import android.os.IBinder
import io.milepost.android.MilepostTracker

/**
 * Runs from the beginning of a shift to its end, so that the OS gives positions and sensors with the app off the
 * screen. It senses nothing by itself: the tracker does, whether the service runs or not.
 */
public class TrackingService : Service() {
    override fun onBind(intent: Intent?): IBinder? = null

    override fun onStartCommand(intent: Intent?, flags: Int, startId: Int): Int {
        val tracker = MilepostTracker.get(this)
        // Once started it must show itself within seconds, or the OS kills the app: also where it is to stop at once.
        val refused = refusal { show(tracker) }
        tracker.serviceAnswered(refused)
        if (refused != null || !tracker.isWanted) {
            stopForeground(STOP_FOREGROUND_REMOVE)
            stopSelf()
            return START_NOT_STICKY
        }
        // Killed for memory it comes back with no intent, before the app has said anything: the tracker knows all.
        return START_STICKY
    }

    override fun onDestroy() {
        MilepostTracker.get(this).serviceEnded()
        super.onDestroy()
    }

    private fun show(tracker: MilepostTracker) {
        val notice = Notice.build(this, tracker.config)
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.Q) {
            startForeground(Notice.ID, notice, ServiceInfo.FOREGROUND_SERVICE_TYPE_LOCATION)
        } else {
            startForeground(Notice.ID, notice)
        }
    }
}
