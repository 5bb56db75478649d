package io.milepost.play

import android.app.PendingIntent
import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import android.os.Build
import android.util.Log
import com.google.android.gms.location.ActivityRecognition
import com.google.android.gms.location.ActivityRecognitionClient
import com.google.android.gms.location.ActivityTransition
import com.google.android.gms.location.ActivityTransitionEvent
import com.google.android.gms.location.ActivityTransitionRequest
import com.google.android.gms.location.ActivityTransitionResult
import com.google.android.gms.location.DetectedActivity
import io.milepost.android.ActivitySource
import io.milepost.android.MilepostTracker
import java.util.concurrent.Executor

/** What the person does, as Play Services tell it: each activity when it begins. They wake an app that has died. */
public class Transitions(private val context: Context, private val client: ActivityRecognitionClient) : ActivitySource {
    public constructor(context: Context) : this(context, ActivityRecognition.getClient(context))

    override fun start(sink: ActivitySource.Sink) {
        Told.to(sink)
        val begins = WORDS.keys.map { type ->
            ActivityTransition.Builder().setActivityType(type)
                .setActivityTransition(ActivityTransition.ACTIVITY_TRANSITION_ENTER).build()
        }
        try {
            client.requestActivityTransitionUpdates(ActivityTransitionRequest(begins), toReceiver())
                .addOnFailureListener(Executor(Runnable::run)) { Log.i(PlayServices.TAG, "no activities: $it") }
        } catch (e: SecurityException) {
            // The person does not allow it; steps may be told all the same.
            Log.i(PlayServices.TAG, "no activities: ${e.message}")
        }
    }

    override fun stop() {
        client.removeActivityTransitionUpdates(toReceiver())
        Told.to(null)
    }

    private fun toReceiver(): PendingIntent {
        // Play Services write the transitions into it.
        val mutable = if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) PendingIntent.FLAG_MUTABLE else 0
        val intent = Intent(context, TransitionReceiver::class.java)
        return PendingIntent.getBroadcast(context, 0, intent, PendingIntent.FLAG_UPDATE_CURRENT or mutable)
    }

    internal companion object {
        /** In the words of [ActivitySource.Sink]. */
        val WORDS = mapOf(
            DetectedActivity.STILL to "still",
            DetectedActivity.WALKING to "walking",
            DetectedActivity.RUNNING to "running",
            DetectedActivity.ON_BICYCLE to "cycling",
            DetectedActivity.IN_VEHICLE to "automotive",
        )
    }
}

/** Called by Play Services, also in a process that was started for it. */
public class TransitionReceiver : BroadcastReceiver() {
    override fun onReceive(context: Context, intent: Intent) {
        ActivityTransitionResult.extractResult(intent)?.transitionEvents?.forEach(Told::say)
        MilepostTracker.get(context).resume()
    }
}

/** Between the receiver, which the OS makes, and the source, which may not be started yet in a new process. */
private object Told {
    private var sink: ActivitySource.Sink? = null
    private val waiting = ArrayDeque<ActivityTransitionEvent>()

    @Synchronized
    fun to(sink: ActivitySource.Sink?) {
        this.sink = sink
        if (sink == null) waiting.clear()
        while (sink != null) say(waiting.removeFirstOrNull() ?: break)
    }

    @Synchronized
    fun say(event: ActivityTransitionEvent) {
        val word = Transitions.WORDS[event.activityType] ?: return
        if (event.transitionType != ActivityTransition.ACTIVITY_TRANSITION_ENTER) return
        // A transition has no confidence: it is told when Play Services are sure.
        sink?.activity(event.elapsedRealTimeNanos, word, Float.NaN) ?: wait(event)
    }

    private fun wait(event: ActivityTransitionEvent) {
        waiting.addLast(event)
        if (waiting.size > MOST) waiting.removeFirst()
    }

    /** More than happens between a wake-up and the start of the source. */
    private const val MOST = 8
}
