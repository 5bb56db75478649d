package io.milepost.android

import android.app.ActivityManager
import android.app.ApplicationExitInfo
import android.hardware.SensorManager
import android.location.LocationManager
import android.os.HandlerThread
import android.os.Handler
import io.milepost.Milepost
import io.milepost.MilepostConfig
import io.milepost.SensingPlan
import io.milepost.SensingPlan.Gnss
import io.milepost.android.internal.LocationFeed
import io.milepost.android.internal.PlatformLocations
import io.milepost.android.internal.SensorFeed
import io.milepost.android.internal.Sink
import io.milepost.android.internal.system
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config

/** What each adapter asks of the OS for a plan, on an old Android and on a new one. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [28, 34], manifest = Config.NONE)
class SensingTest {
    private val phone = Phone()
    private val milepost = Milepost.open(MilepostConfig(phone.app.filesDir.resolve("sensing")))
    private val sink = Sink(milepost)
    private val thread = HandlerThread("test").apply { start() }
    private val handler = Handler(thread.looper)

    @After
    fun end() {
        milepost.close()
        thread.quitSafely()
    }

    @Test
    fun `given a rate when set then both sensors are on, and off again at zero`() {
        val feed = SensorFeed(phone.app.system<SensorManager>(), handler, sink)
        feed.set(50)
        assertTrue(phone.sensors.hasListener(feed))
        feed.set(0)
        assertFalse(phone.sensors.hasListener(feed))
    }

    @Test
    fun `given a phone that refuses its sensors when set then nothing breaks, and it is tried again`() {
        val feed = SensorFeed(phone.app.system<SensorManager>(), handler, sink)
        phone.sensors.setForceListenersToFail(true)
        feed.set(50)
        phone.sensors.setForceListenersToFail(false)
        feed.set(50)
        assertTrue(phone.sensors.hasListener(feed))
    }

    @Test
    fun `given a plan when followed then the best provider there is is asked, by its interval, and none without need`() {
        val feed = LocationFeed(PlatformLocations(phone.app.system<LocationManager>(), handler), sink)
        feed.set(PLAN.copy(gnss = Gnss.ON, gnssIntervalS = 2.0))
        val on = if (android.os.Build.VERSION.SDK_INT >= 31) "fused" else LocationManager.GPS_PROVIDER
        assertEquals(1, phone.locations.getLocationUpdateListeners(on).size)
        feed.set(PLAN.copy(gnss = Gnss.LOW_POWER))
        assertEquals(0, phone.locations.getLocationUpdateListeners(on).size)
        assertEquals(1, phone.locations.getLocationUpdateListeners(LocationManager.NETWORK_PROVIDER).size)
        feed.set(PLAN)
        assertTrue(phone.locations.locationUpdateListeners.isEmpty())
    }

    @Test
    fun `given a source that is refused when asked then nothing breaks, and it is asked again, but for the same only once`() {
        var refuses = true
        var asked = 0
        val feed = LocationFeed(
            object : LocationSource {
                override fun start(intervalMs: Long, lowPower: Boolean, sink: LocationSource.Sink) {
                    asked++
                    if (refuses) throw SecurityException("not any more")
                }

                override fun stop() = Unit
            },
            sink,
        )
        val plan = PLAN.copy(gnss = Gnss.ON, gnssIntervalS = 1.0)
        feed.set(plan)
        feed.set(plan)
        assertEquals(2, asked)
        refuses = false
        repeat(3) { feed.set(plan) }
        assertEquals(3, asked)
        feed.renew()
        feed.set(plan)
        assertEquals(4, asked)
    }

    @Test
    fun `given permissions when walked through then each question comes once, always last`() {
        shadowOf(phone.app).denyPermissions(*Phone.PERMISSIONS)
        val asked = generateSequence { Permissions.of(phone.app).next }.map { step ->
            shadowOf(phone.app).grantPermissions(*step.permissions)
            step
        }.toList()
        val all = Permissions.Step.entries.filter { it != Permissions.Step.PRECISE }
        val old = listOf(Permissions.Step.LOCATION)
        assertEquals(if (android.os.Build.VERSION.SDK_INT >= 33) all else old, asked)
    }

    @Test
    fun `given a config when kept then the next process has the same`() {
        val config = TrackerConfig.Builder().preset(io.milepost.Preset.RIDE_HAILING).uploadUrl("https://example.org/v1")
            .unmeteredOnly(true).overridesJson("{\"gap_s\": 30.0}").notification("Schicht", "läuft", 5).build()
        assertEquals(config.toJson(), TrackerConfig.fromJson(config.toJson()).toJson())
    }

    @Test
    @Config(sdk = [34])
    fun `given processes that ended when asked then those that the system killed are the evidence`() {
        val activities = shadowOf(phone.app.system<ActivityManager>())
        activities.addApplicationExitInfo(phone.app.packageName, 1, ApplicationExitInfo.REASON_LOW_MEMORY, 0)
        activities.addApplicationExitInfo(phone.app.packageName, 2, ApplicationExitInfo.REASON_USER_REQUESTED, 0)
        val health = PhoneHealth.of(phone.app)
        assertEquals(setOf("low_memory", "user_requested"), health.exits.map { it.reason }.toSet())
        assertEquals(listOf("low_memory"), health.killed.map { it.reason })
        assertFalse(health.batteryExempt)
        assertTrue(PhoneHealth.batterySettings().action.orEmpty().contains("BATTERY"))
    }

    private companion object {
        val PLAN = SensingPlan.NOTHING
    }
}
