package io.milepost.android

import io.milepost.SensingPlan
import io.milepost.android.internal.Kept
import io.milepost.android.internal.TrackingService
import org.json.JSONObject
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config

/** A drive as a phone lives through it: real service, real Rust, shadow sensors that give what was asked for. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [34], manifest = Config.NONE)
class DriveTest {
    @After
    fun end() = MilepostTracker.reset()

    @Test
    fun `given a drive when the service senses it then the records are those of milepost replay, byte for byte`() {
        val phone = Phone()
        Kept(phone.app).recording = true
        // The summary of a replay says that it gives out states.
        val tracker = phone.onDuty(TrackerConfig.build { overridesJson = "{\"states\": true}" })
        val service = Robolectric.buildService(TrackingService::class.java).create().startCommand(0, 1)
        assertEquals(TrackerState.Service.Running, tracker.state.value.service)

        val plans = mutableSetOf<Pair<SensingPlan.Gnss, Int>>()
        val watch = tracker.addStateListener(Runnable::run) { state ->
            state.tracking?.plan?.let { plans += it.gnss to it.imuHz }
        }
        phone.play(Phone.drive.rows.asSequence()) { tracker }
        watch.close()
        val ours = tracker.finish()
        service.destroy()
        MilepostTracker.reset()

        // The plan was followed: there were times without and with GNSS, without and with samples.
        assertTrue("$plans", plans.any { it.first != SensingPlan.Gnss.ON && it.second == 0 })
        assertTrue("$plans", plans.any { it.first == SensingPlan.Gnss.ON && it.second > 0 })
        val recording = tracker.recordings.single()
        assertEquals(Phone.replay(recording, recording.resolveSibling("replayed")), ours)

        // And what the phone found is what the drive was, but for the start that it slept through.
        val trip = Phone.ended(ours.map(::JSONObject)).last()
        assertEquals("automotive", trip.getString("mode"))
        assertEquals(Phone.drive.distanceM, trip.getDouble("distance_m"), 0.15 * Phone.drive.distanceM)
        assertTrue(ours.any { "\"milepost.score/1\"" in it })
    }

    @Test
    fun `given a process that dies in mid-trip when it comes back then there is one trip, and it goes on`() {
        val phone = Phone()
        val tracker = phone.onDuty()
        val rows = Phone.drive.rows
        val dies = Phone.SECOND_NS * 220
        phone.play(rows.asSequence().takeWhile { it.tNs < dies }) { tracker }
        assertTrue("${tracker.state.value}", tracker.state.value.tracking?.isMoving == true)

        MilepostTracker.reset()
        // The OS starts the service with no intent, before the app has said anything.
        val service = Robolectric.buildService(TrackingService::class.java).create().get()
        assertEquals(android.app.Service.START_STICKY, service.onStartCommand(null, 0, 2))
        val again = MilepostTracker.get(phone.app)
        again.settle()
        assertTrue("${again.state.value}", again.state.value.tracking?.isMoving == true)
        phone.play(rows.asSequence().dropWhile { it.tNs < dies }) { again }

        val records = again.finish().map(::JSONObject)
        val ended = Phone.ended(records)
        assertEquals(1, ended.map { it.getString("id") }.toSet().size)
        assertEquals(Phone.drive.distanceM, ended.last().getDouble("distance_m"), 0.15 * Phone.drive.distanceM)
    }

    @Test
    fun `given a drive off duty when sensors could tell then nothing is asked of them, and nothing is kept`() {
        val phone = Phone()
        val tracker = phone.onDuty()
        tracker.setDuty(false)
        tracker.settle()
        val rows = Phone.drive.rows
        phone.play(rows.asSequence().takeWhile { it.tNs < Phone.SECOND_NS * 200 }) { tracker }
        assertTrue(phone.sensors.listeners.isEmpty())
        assertTrue(phone.locations.locationUpdateListeners.isEmpty())
        val records = tracker.finish().map(::JSONObject)
        assertTrue("$records", records.none { it.getString("schema") in setOf("milepost.trip/1", "milepost.event/1") })
    }
}
