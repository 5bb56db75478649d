package io.milepost.play

import android.app.Application
import android.app.PendingIntent
import android.content.Intent
import android.location.Location
import android.location.LocationManager
import android.os.Bundle
import com.google.android.gms.common.internal.safeparcel.SafeParcelableSerializer
import com.google.android.gms.location.ActivityRecognitionClient
import com.google.android.gms.location.ActivityTransition
import com.google.android.gms.location.ActivityTransitionEvent
import com.google.android.gms.location.ActivityTransitionResult
import com.google.android.gms.location.DetectedActivity
import com.google.android.gms.location.FusedLocationProviderClient
import com.google.android.gms.location.LocationListener
import com.google.android.gms.location.LocationRequest
import com.google.android.gms.location.Priority
import com.google.android.gms.tasks.Tasks
import io.milepost.android.ActivitySource
import io.milepost.android.MilepostTracker
import kotlinx.coroutines.runBlocking
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import java.lang.reflect.Proxy

/** Both sources over Play Services' own classes, with clients that only write down what they are asked. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [28, 34], manifest = Config.NONE)
class PlayServicesTest {
    private val app: Application = RuntimeEnvironment.getApplication()
    private val asked = mutableListOf<Pair<String, List<Any?>>>()
    private var refusal: Exception? = null

    @Test
    fun `given what is asked of positions when started then the fused provider has it, and what comes is handed on`() {
        val source = FusedLocations(client<FusedLocationProviderClient>())
        val got = mutableListOf<Location>()
        source.start(1_000, lowPower = false, got::add)
        val (name, arguments) = asked.single()
        assertEquals("requestLocationUpdates", name)
        val request = arguments[0] as LocationRequest
        assertEquals(Priority.PRIORITY_HIGH_ACCURACY to 1_000L, request.priority to request.intervalMillis)
        val listener = arguments[2] as LocationListener
        val here = Location(LocationManager.GPS_PROVIDER)
        listener.onLocationChanged(here)
        assertEquals(listOf(here), got)

        source.start(900_000, lowPower = true, got::add)
        assertEquals(listOf("removeLocationUpdates", "requestLocationUpdates"), asked.drop(1).map { it.first })
        assertEquals(listOf<Any?>(listener), asked[1].second)
        assertEquals(Priority.PRIORITY_LOW_POWER, (asked[2].second[0] as LocationRequest).priority)
        source.stop()
        source.stop()
        assertEquals(listOf(asked[2].second[2]), asked.drop(3).single().second)
    }

    @Test
    fun `given Play Services that refuse when started then nothing breaks`() {
        refusal = IllegalStateException("no Play Services here")
        FusedLocations(client<FusedLocationProviderClient>()).start(1_000, lowPower = false) { }
        val activities = Transitions(app, client<ActivityRecognitionClient>())
        activities.start(Heard())
        activities.stop()
        assertEquals(3, asked.size)
    }

    @Test
    fun `given transitions when they come then each is told in our words, those before the start too, and none after the end`() {
        val source = Transitions(app, client<ActivityRecognitionClient>())
        val heard = Heard()
        // The OS has started the process for it.
        receive(enter(DetectedActivity.IN_VEHICLE, 1))
        source.start(heard)
        receive(enter(DetectedActivity.WALKING, 2), enter(DetectedActivity.TILTING, 3), leave(DetectedActivity.WALKING, 4))
        receive(enter(DetectedActivity.ON_BICYCLE, 5))
        assertEquals(listOf(1L to "automotive", 2L to "walking", 5L to "cycling"), heard.activities)

        val intents = asked.map { it.second.last() as PendingIntent }
        assertEquals(TransitionReceiver::class.java.name, shadowOf(intents.single()).savedIntent.component?.className)
        source.stop()
        receive(enter(DetectedActivity.RUNNING, 6))
        assertEquals(3, heard.activities.size)
    }

    @Test
    fun `given a phone without Play Services when installed then it is said, and the tracker goes on`() {
        // Of every app that depends on Play Services, by their manifest.
        val info = shadowOf(app.packageManager).getInternalMutablePackageInfo(app.packageName)
        info.applicationInfo?.metaData = Bundle().apply { putInt("com.google.android.gms.version", ANY) }
        val tracker = MilepostTracker.get(app)
        assertFalse(PlayServices.install(app, tracker))
        assertTrue(tracker.state.value.error == null)
    }

    @After
    fun end() {
        runBlocking { MilepostTracker.get(app).client()?.milepost?.close() }
        // The next test's process has a tracker of its own.
        MilepostTracker::class.java.getDeclaredField("instance").apply { isAccessible = true }.set(null, null)
    }

    private class Heard : ActivitySource.Sink {
        val activities = mutableListOf<Pair<Long, String>>()

        override fun activity(tNs: Long, activity: String, confidence: Float) {
            assertTrue(confidence.isNaN())
            activities += tNs to activity
        }

        override fun steps(tNs: Long, sinceBoot: Long) = error("transitions know no steps")
    }

    private fun enter(type: Int, tNs: Long) =
        ActivityTransitionEvent(type, ActivityTransition.ACTIVITY_TRANSITION_ENTER, tNs)

    private fun leave(type: Int, tNs: Long) =
        ActivityTransitionEvent(type, ActivityTransition.ACTIVITY_TRANSITION_EXIT, tNs)

    /** As Play Services send it. */
    private fun receive(vararg events: ActivityTransitionEvent) {
        val intent = Intent(app, TransitionReceiver::class.java)
        val key = "com.google.android.location.internal.EXTRA_ACTIVITY_TRANSITION_RESULT"
        SafeParcelableSerializer.serializeToIntentExtra(ActivityTransitionResult(events.toList()), intent, key)
        TransitionReceiver().onReceive(app, intent)
    }

    private inline fun <reified T> client(): T = T::class.java.cast(
        Proxy.newProxyInstance(T::class.java.classLoader, arrayOf(T::class.java)) { _, method, arguments ->
            asked += method.name to arguments.orEmpty().toList()
            refusal?.let { Tasks.forException<Void>(it) } ?: Tasks.forResult<Void>(null)
        },
    )

    private companion object {
        const val ANY = 12_451_000
    }
}
