package io.milepost.android.internal

import android.content.Context
import android.hardware.SensorManager
import android.location.LocationManager
import android.os.Handler
import io.milepost.Milepost
import io.milepost.SensingPlan
import io.milepost.android.ActivitySource
import io.milepost.android.LocationSource
import io.milepost.android.Permissions

/**
 * Does what the engine's plan says, as far as the person allows it, and nothing else: one place that turns every adapter
 * on and off. All of it runs on the sensing thread.
 */
internal class Sensing(private val context: Context, milepost: Milepost, handler: Handler, positions: LocationSource?) {
    val sink = Sink(milepost)
    private val sensors = context.system<SensorManager>()
    private val imu = SensorFeed(sensors, handler, sink)
    private val locations =
        LocationFeed(positions ?: PlatformLocations(context.system<LocationManager>(), handler), sink)
    private val motion = MotionTrigger(sensors, sink)
    private val wakeUps = WakeUps(context)
    private val phone = PhoneSignals(context, handler, sink)
    private val steps = StepSource(sensors, handler)
    private var activities: List<ActivitySource> = listOf(steps)
    private var activitiesOn = false
    private var plan = SensingPlan.NOTHING

    fun start(extra: ActivitySource?) {
        activities = listOfNotNull(steps, extra)
        phone.onLocationChange = ::renew
        phone.start()
    }

    fun follow(plan: SensingPlan) {
        this.plan = plan
        val allowed = allowed(plan)
        imu.set(plan.imuHz)
        locations.set(allowed)
        motion.set(plan)
        wakeUps.set(allowed)
        if (plan.activity != activitiesOn) {
            activitiesOn = plan.activity
            activities.forEach { if (activitiesOn) it.start(sink) else it.stop() }
        }
    }

    /** Time has passed, or something may have changed unheard: a permission is taken away without a broadcast. */
    fun look() {
        phone.look()
        sink.tick()
    }

    fun stop() {
        follow(SensingPlan.NOTHING)
        phone.stop()
        sink.push()
    }

    /**
     * The plan says what the trip needs, and goes on saying so while the person does not allow it. Asked all the same,
     * the OS would refuse with an exception, at every plan anew.
     */
    private fun allowed(plan: SensingPlan): SensingPlan =
        if (Permissions.of(context).location != Permissions.Location.DENIED) plan
        else plan.copy(gnss = SensingPlan.Gnss.OFF, gnssIntervalS = null, wakeFence = null)

    private fun renew() {
        locations.renew()
        wakeUps.renew()
        follow(plan)
    }
}
