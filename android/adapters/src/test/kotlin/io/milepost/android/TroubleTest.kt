package io.milepost.android

import android.app.Activity
import android.app.ForegroundServiceStartNotAllowedException
import android.app.Service
import android.content.Intent
import io.milepost.SensingPlan
import io.milepost.android.TrackerState.Service.Refused
import io.milepost.android.TrackerState.Service.Running
import io.milepost.android.internal.StartReceiver
import io.milepost.android.internal.TrackingService
import io.milepost.android.internal.WakeReceiver
import org.json.JSONObject
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config

/** What goes wrong in the middle of a trip: the trip is kept, what is missing is said, and it goes on by itself. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [34], manifest = Config.NONE)
class TroubleTest {
    private val phone = Phone()
    private val rows = Phone.drive.rows

    @After
    fun end() = MilepostTracker.reset()

    @Test
    fun `given a trip when the permission is taken away then nobody is asked for positions, and given again it goes on`() {
        val tracker = phone.onDuty()
        play(0, HALF) { tracker }
        assertTrue(tracker.state.value.tracking?.isMoving == true)
        assertTrue(asked())
        shadowOf(phone.app).denyPermissions(*Phone.PERMISSIONS)
        WakeReceiver().onReceive(phone.app, Intent(WakeReceiver.TICK))
        tracker.settle()
        assertFalse(asked())
        // Robolectric refuses nobody without a permission: whoever asked would be heard here.
        var askedBetween = false
        play(HALF, HALF + TAKEN, os = { askedBetween = askedBetween || asked() }) { tracker }
        assertFalse(askedBetween)
        val between = checkNotNull(tracker.state.value.tracking)
        assertEquals(listOf("permission_denied"), between.blockers.map { it.name })
        // The plan still says what the trip needs.
        assertEquals(SensingPlan.Gnss.ON, between.plan.gnss)

        shadowOf(phone.app).grantPermissions(*Phone.PERMISSIONS)
        Robolectric.buildActivity(Activity::class.java).setup()
        tracker.settle()
        assertTrue(asked())
        play(HALF + TAKEN, WHOLE) { tracker }
        val records = tracker.finish().map(::JSONObject)
        val trips = Phone.ended(records)
        assertEquals(1, trips.map { it.getString("id") }.toSet().size)
        assertGone(0.85, trips)
        val gaps = records.filter { it.getString("schema") == "milepost.gap/1" }
        assertEquals(listOf("permission"), gaps.map { it.getString("cause") })
    }

    @Test
    fun `given a service that is refused in mid-trip when the app comes to the screen then it runs again, in one trip`() {
        val tracker = phone.onDuty()
        play(0, HALF) { tracker }
        MilepostTracker.reset()
        val refused = Robolectric.buildService(TrackingService::class.java).create().get()
        shadowOf(refused).setThrowInStartForeground(ForegroundServiceStartNotAllowedException("from the background"))
        assertEquals(Service.START_NOT_STICKY, refused.onStartCommand(null, 0, 1))
        val again = MilepostTracker.get(phone.app)
        assertTrue("${again.state.value}", again.state.value.service is Refused)
        play(HALF, HALF + 10) { again }

        shadowOf(phone.app).clearStartedServices()
        Robolectric.buildActivity(Activity::class.java).setup()
        assertNotNull(shadowOf(phone.app).nextStartedService)
        val service = Robolectric.buildService(TrackingService::class.java).create().startCommand(0, 2)
        assertEquals(Running, again.state.value.service)
        play(HALF + 10, WHOLE) { again }
        assertEquals(1, Phone.ended(again.finish().map(::JSONObject)).map { it.getString("id") }.toSet().size)
        service.destroy()
    }

    @Test
    fun `given a trip when the phone restarts then it is kept, the rest is found after the unlock, and the server has both`() {
        val server = Loopback()
        phone.online(metered = false)
        val before = phone.onDuty(
            TrackerConfig.build {
                seed = 7
                uploadUrl = server.url
            },
        )
        play(0, HALF) { before }
        MilepostTracker.reset()
        phone.reboot(HALF * Phone.SECOND_NS)
        shadowOf(phone.app).clearStartedServices()
        StartReceiver().onReceive(phone.app, Intent(Intent.ACTION_BOOT_COMPLETED))
        assertNotNull(shadowOf(phone.app).nextStartedService)
        val service = Robolectric.buildService(TrackingService::class.java).create().startCommand(0, 1)
        val after = MilepostTracker.get(phone.app)
        after.settle()
        // The database is in storage that nobody may read yet.
        assertNull(after.state.value.tracking)

        phone.unlock()
        after.settle()
        assertNotNull(after.state.value.tracking)
        assertNull(after.state.value.error)
        play(HALF, WHOLE) { after }
        val records = after.finish().map(::JSONObject)
        val trips = Phone.ended(records).groupBy { it.getString("id") }.values.map { it.last() }
        assertEquals(2, trips.size)
        val (first, second) = trips
        assertEquals("reboot", first.getString("end_reason"))
        // On the axis of the new boot.
        assertTrue("$second", second.getDouble("start_t_s") in 0.0..WHOLE.toDouble())
        assertGone(0.8, trips)
        phone.runUploadJob(flush = true)
        for (trip in trips) assertEquals(trip.toString(), server.held[trip.getString("id")]?.toString())
        service.destroy()
        server.close()
    }

    @Test
    fun `given a process that is killed again and again in one trip when it comes back then it is still one trip`() {
        phone.onDuty()
        for (from in 0L until WHOLE step KILLED_EVERY) {
            play(from, minOf(from + KILLED_EVERY, WHOLE)) { MilepostTracker.get(phone.app) }
            MilepostTracker.reset()
            Robolectric.buildService(TrackingService::class.java).create().get().onStartCommand(null, 0, 1)
        }
        val ended = Phone.ended(MilepostTracker.get(phone.app).finish().map(::JSONObject))
        assertEquals(1, ended.map { it.getString("id") }.toSet().size)
        assertEquals(Phone.drive.distanceM, ended.last().getDouble("distance_m"), 0.15 * Phone.drive.distanceM)
    }

    private fun play(
        fromS: Long,
        untilS: Long,
        os: (Phone.Row) -> Unit = {},
        tracker: () -> MilepostTracker,
    ) {
        val behind = Os(phone, tracker)
        val part = rows.asSequence().filter { it.tNs >= fromS * Phone.SECOND_NS && it.tNs < untilS * Phone.SECOND_NS }
        phone.play(part, { behind(it); os(it) }, tracker)
    }

    /** Whether anybody is asked for positions, by whatever provider. */
    private fun asked(): Boolean = phone.locations.locationUpdateListeners.isNotEmpty()

    /** The trips together are as long as the drive: this part of it at least, and a tenth more at most. */
    private fun assertGone(least: Double, trips: List<JSONObject>) {
        val metres = trips.groupBy { it.getString("id") }.values.sumOf { it.last().getDouble("distance_m") }
        val whole = Phone.drive.distanceM
        assertTrue("$metres of $whole", metres in least * whole..1.1 * whole)
    }

    private companion object {
        /** In the middle of the trip, in seconds of the drive. */
        const val HALF = 200L

        /** Past its end. */
        const val WHOLE = 400L
        const val KILLED_EVERY = 50L

        /** A permission is away for so long: more than `gap_s`. */
        const val TAKEN = 70L
    }
}
