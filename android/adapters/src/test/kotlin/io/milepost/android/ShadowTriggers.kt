package io.milepost.android

import android.hardware.Sensor
import android.hardware.SensorManager
import android.hardware.TriggerEvent
import android.hardware.TriggerEventListener
import org.robolectric.annotation.Implementation
import org.robolectric.annotation.Implements
import org.robolectric.shadows.ShadowSensorManager
import org.robolectric.util.ReflectionHelpers
import org.robolectric.util.ReflectionHelpers.ClassParameter
import java.util.concurrent.CopyOnWriteArraySet

/** Sensors that fire once, which Robolectric's own shadow does not have. `robolectric.properties` puts it in place. */
@Implements(SensorManager::class)
class ShadowTriggers : ShadowSensorManager() {
    private val armed = CopyOnWriteArraySet<TriggerEventListener>()

    /** Somebody waits for the phone to be moved. */
    val isArmed: Boolean get() = armed.isNotEmpty()

    @Implementation
    @Suppress("unused", "UNUSED_PARAMETER")
    fun requestTriggerSensor(listener: TriggerEventListener, sensor: Sensor): Boolean = armed.add(listener)

    @Implementation
    @Suppress("unused", "UNUSED_PARAMETER")
    fun cancelTriggerSensor(listener: TriggerEventListener, sensor: Sensor?): Boolean = armed.remove(listener)

    /** The phone is moved. Who is told must ask again. */
    fun fire() {
        val event = ReflectionHelpers.callConstructor(TriggerEvent::class.java, ClassParameter.from(Int::class.java, 1))
        val told = armed.toList()
        armed.clear()
        told.forEach { it.onTrigger(event) }
    }
}
