package io.milepost.android.internal

import android.hardware.Sensor
import android.hardware.SensorEvent
import android.hardware.SensorEventListener
import android.hardware.SensorManager
import android.hardware.TriggerEvent
import android.hardware.TriggerEventListener
import android.os.Handler
import io.milepost.SensingPlan
import io.milepost.SignalKind
import io.milepost.android.ActivitySource

/** The significant-motion sensor, which costs nothing and wakes: armed while the IMU is off. */
internal class MotionTrigger(private val sensors: SensorManager, private val sink: Sink) : TriggerEventListener() {
    private val sensor: Sensor? = sensors.getDefaultSensor(Sensor.TYPE_SIGNIFICANT_MOTION)

    /** Set on the sensing thread, and read where the OS says that it fired. */
    @Volatile
    private var wanted = false

    fun set(plan: SensingPlan) {
        val arm = plan.imuHz == 0 && plan.reason != SensingPlan.NOTHING.reason
        if (arm == wanted || sensor == null) return
        wanted = arm
        if (arm) sensors.requestTriggerSensor(this, sensor) else sensors.cancelTriggerSensor(this, sensor)
    }

    override fun onTrigger(event: TriggerEvent) {
        sink.signal(SignalKind.WAKE, "motion")
        // It fires once. If the plan does not change it must be armed again, or the next ride is missed.
        if (wanted) sensors.requestTriggerSensor(this, sensor)
    }
}

/** Steps as the phone counts them: the activity source of a phone without Play Services. */
internal class StepSource(private val sensors: SensorManager, private val handler: Handler) :
    ActivitySource, SensorEventListener {
    private var sink: ActivitySource.Sink? = null

    override fun start(sink: ActivitySource.Sink) {
        val sensor = sensors.getDefaultSensor(Sensor.TYPE_STEP_COUNTER) ?: return
        this.sink = sink
        sensors.registerListener(this, sensor, SensorManager.SENSOR_DELAY_NORMAL, LATENCY_US, handler)
    }

    override fun stop() {
        sensors.unregisterListener(this)
        sink = null
    }

    override fun onSensorChanged(event: SensorEvent) {
        sink?.steps(event.timestamp, event.values.firstOrNull()?.toLong() ?: return)
    }

    override fun onAccuracyChanged(sensor: Sensor, accuracy: Int) = Unit

    private companion object {
        /** Who walks to the van takes longer. */
        const val LATENCY_US = 5_000_000
    }
}
