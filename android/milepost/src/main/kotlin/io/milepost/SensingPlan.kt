package io.milepost

import io.milepost.internal.Json
import io.milepost.internal.double
import io.milepost.internal.long
import io.milepost.internal.obj
import io.milepost.internal.text

/**
 * What the engine asks a host to sense now, until the next one. Who senses more spends battery for nothing, who senses
 * less misses starts; `docs/battery.md` has the prices.
 */
public data class SensingPlan(
    /** Where positions come from. */
    public val gnss: Gnss,
    /** Seconds between two fixes; `null` unless [gnss] is [Gnss.ON]. */
    public val gnssIntervalS: Double?,
    /** Readings of accelerometer and gyroscope a second; 0 is off. */
    public val imuHz: Int,
    /** Whether activities and steps are wanted. */
    public val activity: Boolean,
    /** Where the phone wants to be woken when it leaves. */
    public val wakeFence: WakeFence?,
    /** When [Milepost] wants a tick at the latest, on the axis of the frames. */
    public val nextTickNs: Long?,
    /** Why, in a word of `docs/records.md`: `not_allowed`, `idle`, `stirring`, `candidate`, `driving`, … */
    public val reason: String,
) {
    /** Where positions come from. */
    public enum class Gnss {
        /** None at all. */
        OFF,

        /** The network and what others have asked for; the receiver stays off. */
        LOW_POWER,

        /** The receiver. */
        ON,
    }

    /** A circle around where the phone rests. */
    public data class WakeFence(
        /** Of the centre, degrees north. */
        public val latDeg: Double,
        /** Of the centre, degrees east. */
        public val lonDeg: Double,
        /** Metres. */
        public val radiusM: Double,
    )

    public companion object {
        /** Nothing: before the first plan, and when nobody may look. */
        @JvmField
        public val NOTHING: SensingPlan = SensingPlan(Gnss.OFF, null, 0, false, null, null, "not_allowed")

        /** What [Milepost.plan] says; [NOTHING] before the first input. */
        @JvmStatic
        public fun parse(json: String): SensingPlan {
            val plan = Json.obj(json)
            val interval = plan.obj("gnss")?.double("Every")
            return SensingPlan(
                gnss = when {
                    interval != null -> Gnss.ON
                    plan.text("gnss") == "LowPower" -> Gnss.LOW_POWER
                    else -> Gnss.OFF
                },
                gnssIntervalS = interval,
                imuHz = plan.long("imu_hz")?.toInt() ?: 0,
                activity = plan["activity"] == true,
                wakeFence = plan.obj("wake_fence")?.let(::fence),
                nextTickNs = plan.long("next_tick"),
                reason = plan.text("reason") ?: NOTHING.reason,
            )
        }

        private fun fence(fence: Map<*, *>): WakeFence? {
            val centre = fence.obj("centre") ?: return null
            val lat = centre.double("lat_deg") ?: return null
            val lon = centre.double("lon_deg") ?: return null
            return WakeFence(lat, lon, fence.double("radius_m") ?: return null)
        }
    }
}
