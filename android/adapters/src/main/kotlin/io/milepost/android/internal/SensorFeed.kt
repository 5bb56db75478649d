package io.milepost.android.internal

import android.hardware.Sensor
import android.hardware.SensorEvent
import android.hardware.SensorEventListener2
import android.hardware.SensorManager
import android.os.Handler

/**
 * Accelerometer and gyroscope at the plan's rate, in batches through the sensor's FIFO so that the processor may sleep
 * between them, on the sensing thread. Leaves joining the two to [ImuJoiner].
 */
internal class SensorFeed(
    private val sensors: SensorManager,
    private val handler: Handler,
    private val sink: Sink,
) : SensorEventListener2 {
    private val accelerometer: Sensor? = sensors.getDefaultSensor(Sensor.TYPE_ACCELEROMETER)
    private val gyroscope: Sensor? = sensors.getDefaultSensor(Sensor.TYPE_GYROSCOPE)
    private val lock = Any()
    private var joiner = joiner()
    private var hz = 0

    /** Samples a second from now on; 0 is off. */
    fun set(imuHz: Int) {
        // Since Android 12 more than 200 Hz takes a permission of its own, and nothing here needs more than 100.
        val wanted = minOf(imuHz, MAX_HZ)
        if (wanted == hz || accelerometer == null) return
        stop()
        if (wanted == 0) return
        val periodUs = MICROS / wanted
        val ok = sensors.registerListener(this, accelerometer, periodUs, latencyUs(accelerometer, wanted), handler)
        gyroscope?.let { sensors.registerListener(this, it, periodUs, latencyUs(it, wanted), handler) }
        if (ok) hz = wanted
    }

    private fun stop() {
        if (hz == 0) return
        sensors.flush(this)
        sensors.unregisterListener(this)
        hz = 0
        synchronized(lock) {
            joiner.finish()
            joiner = joiner()
        }
        sink.push()
    }

    /** As long as half the FIFO lasts, and never longer than the engine likes to wait. */
    private fun latencyUs(sensor: Sensor, hz: Int): Int {
        val room = sensor.fifoReservedEventCount.takeIf { it > 0 } ?: sensor.fifoMaxEventCount
        val lastsUs = room.toLong() * MICROS / hz / 2
        return minOf(lastsUs, MAX_LATENCY_US).toInt()
    }

    private fun joiner() = ImuJoiner(gyroscope != null, sink::imu)

    override fun onSensorChanged(event: SensorEvent) {
        val v = event.values
        if (v.size < AXES) return
        synchronized(lock) {
            when (event.sensor.type) {
                Sensor.TYPE_ACCELEROMETER -> joiner.accel(event.timestamp, v[0], v[1], v[2])
                Sensor.TYPE_GYROSCOPE -> joiner.gyro(event.timestamp, v[0], v[1], v[2])
            }
        }
    }

    override fun onFlushCompleted(sensor: Sensor) = sink.push()

    override fun onAccuracyChanged(sensor: Sensor, accuracy: Int) = Unit

    private companion object {
        const val MAX_HZ = 100
        const val MICROS = 1_000_000
        const val AXES = 3

        /** The engine holds a fix for streams that are late; a second more would delay a start by as much. */
        const val MAX_LATENCY_US = 1_000_000L
    }
}
