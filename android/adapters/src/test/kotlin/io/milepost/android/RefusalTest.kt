package io.milepost.android

import android.app.Application
import android.app.ForegroundServiceStartNotAllowedException
import android.app.NotificationManager
import android.content.ComponentName
import android.content.ContextWrapper
import android.content.Intent
import io.milepost.android.TrackerState.Service
import io.milepost.android.TrackerState.Why
import io.milepost.android.internal.StartReceiver
import io.milepost.android.internal.TrackingService
import io.milepost.android.internal.WakeReceiver
import io.milepost.android.internal.refusal
import io.milepost.android.internal.system
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.shadows.ShadowSystemClock
import java.time.Duration

/** The OS says no to the service, restarts, and takes permissions away: nothing crashes, and everything is said. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [34], manifest = Config.NONE)
class RefusalTest {
    private val phone = Phone()
    private val app: Application = phone.app

    @After
    fun end() = MilepostTracker.reset()

    @Test
    fun `given a shift when the service starts then it shows itself and stays, and the end of the shift ends it`() {
        val tracker = phone.onDuty()
        assertEquals(SERVICE, shadowOf(app).nextStartedService.component)
        val service = Robolectric.buildService(TrackingService::class.java).create()
        assertEquals(android.app.Service.START_STICKY, service.get().onStartCommand(null, 0, 1))
        assertNotNull(shadowOf(service.get()).lastForegroundNotification)
        assertEquals(1, app.system<NotificationManager>().notificationChannels.size)
        tracker.setDuty(false)
        assertEquals(Service.Stopped, tracker.state.value.service)
        assertEquals(SERVICE, shadowOf(app).nextStoppedService.component)
    }

    @Test
    fun `given each refusal when the service shows itself then it stops, and the state says why`() {
        val tracker = phone.onDuty()
        val refusals = listOf(
            ForegroundServiceStartNotAllowedException("from the background") to Why.IN_BACKGROUND,
            SecurityException("no location permission") to Why.NO_PERMISSION,
            IllegalArgumentException("the type is not in the manifest") to Why.MANIFEST,
            IllegalStateException("a type is missing") to Why.MANIFEST,
        )
        for ((thrown, why) in refusals) {
            val service = Robolectric.buildService(TrackingService::class.java).create().get()
            shadowOf(service).setThrowInStartForeground(thrown)
            assertEquals(android.app.Service.START_NOT_STICKY, service.onStartCommand(null, 0, 1))
            assertTrue(shadowOf(service).isStoppedBySelf)
            assertEquals(why, (tracker.state.value.service as Service.Refused).why)
        }
        // It is tried again as soon as something may have changed.
        shadowOf(app).clearStartedServices()
        tracker.resume()
        assertEquals(SERVICE, shadowOf(app).nextStartedService.component)
    }

    @Test
    fun `given an app in the background when it starts its service then the refusal is a value`() {
        val context = object : ContextWrapper(app) {
            override fun startForegroundService(service: Intent): ComponentName? =
                throw ForegroundServiceStartNotAllowedException("Service.startForegroundService() not allowed")
        }
        val refused = refusal { context.startForegroundService(Intent()) }
        assertEquals(Why.IN_BACKGROUND, refused?.why)
        assertNull(refusal { })
    }

    @Test
    fun `given a shift when the phone restarts or the app is updated then the service is started again, off duty not`() {
        val tracker = phone.onDuty()
        for (action in listOf(Intent.ACTION_BOOT_COMPLETED, Intent.ACTION_MY_PACKAGE_REPLACED)) {
            shadowOf(app).clearStartedServices()
            StartReceiver().onReceive(app, Intent(action))
            assertEquals(action, SERVICE, shadowOf(app).nextStartedService?.component)
        }
        shadowOf(app).clearStartedServices()
        StartReceiver().onReceive(app, Intent("made.up"))
        assertNull(shadowOf(app).nextStartedService)
        tracker.setDuty(false)
        StartReceiver().onReceive(app, Intent(Intent.ACTION_BOOT_COMPLETED))
        assertNull(shadowOf(app).nextStartedService)
    }

    @Test
    fun `given permissions that are taken away when looked at again then blockers say which and what helps`() {
        val tracker = phone.onDuty()
        look(tracker)
        assertEquals(emptyList<String>(), blockers(tracker))
        shadowOf(app).denyPermissions(*Phone.PERMISSIONS)
        look(tracker)
        assertEquals(listOf("permission_denied"), blockers(tracker))
        assertEquals("allow_location", tracker.state.value.tracking?.blockers?.single()?.remedy)
        shadowOf(app).grantPermissions(*Phone.PERMISSIONS)
        phone.locations.setLocationEnabled(false)
        look(tracker)
        assertEquals(listOf("provider_off"), blockers(tracker))
    }

    @Test
    fun `given an app that knows nothing when it runs then nothing is sensed, and what is missing is said`() {
        val tracker = MilepostTracker.init(app, TrackerConfig.build { })
        tracker.settle()
        assertTrue("${blockers(tracker)}", blockers(tracker).containsAll(listOf("no_consent", "off_duty")))
        assertNull(shadowOf(app).nextStartedService)
        assertTrue(phone.sensors.listeners.isEmpty())
    }

    @Test
    fun `given a config that the core refuses when opened then the app lives, and the error is said`() {
        val tracker = MilepostTracker.init(app, TrackerConfig.build { overridesJson = "{\"no_such_key\": 1}" })
        tracker.settle()
        assertTrue(tracker.state.value.error.orEmpty().contains("no_such_key"))
    }

    /** The OS wakes the app twice; the engine lets a moment pass before it decides, for what may come late. */
    private fun look(tracker: MilepostTracker) = repeat(2) {
        ShadowSystemClock.advanceBy(Duration.ofSeconds(15))
        WakeReceiver().onReceive(app, Intent(WakeReceiver.TICK))
        tracker.settle()
    }

    private fun blockers(tracker: MilepostTracker): List<String> =
        tracker.state.value.tracking?.blockers.orEmpty().map { it.name }

    private companion object {
        val SERVICE = ComponentName("org.robolectric.default", TrackingService::class.java.name)
    }
}
