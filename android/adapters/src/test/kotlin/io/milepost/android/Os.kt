package io.milepost.android

import android.content.Intent
import android.location.Location
import io.milepost.android.internal.WakeReceiver
import kotlin.random.Random

/**
 * What an OS does behind the app's back while rows are played: its alarms ring late and its fences fire late, as the
 * plan has asked for them. Knows where the phone is also while the app does not. The delays are those of `docs/battery.md`.
 */
class Os(private val phone: Phone, private val tracker: () -> MilepostTracker) : (Phone.Row) -> Unit {
    private val chance = Random(SEED)
    private var lookedNs = 0L
    private var ringsNs: Pair<Long, Long>? = null
    private var left: Any? = null

    override fun invoke(row: Phone.Row) {
        if (row is Phone.Row.Fix) fence(row)
        if (row.tNs - lookedNs >= Phone.SECOND_NS) {
            lookedNs = row.tNs
            tick(row.tNs)
        }
    }

    private fun tick(tNs: Long) {
        val dueNs = tracker().state.value.tracking?.plan?.nextTickNs ?: return
        if (ringsNs?.first != dueNs) ringsNs = dueNs to dueNs + chance.nextLong(MAX_LATE_NS)
        if (tNs + phone.originNs < checkNotNull(ringsNs).second) return
        ringsNs = null
        WakeReceiver().onReceive(phone.app, Intent(WakeReceiver.TICK))
    }

    private fun fence(fix: Phone.Row.Fix) {
        val fence = tracker().state.value.tracking?.plan?.wakeFence ?: return
        val metres = FloatArray(1)
        Location.distanceBetween(fence.latDeg, fence.lonDeg, fix.lat, fix.lon, metres)
        if (left == fence || metres[0] < fence.radiusM + BEYOND_M) return
        left = fence
        WakeReceiver().onReceive(phone.app, Intent(WakeReceiver.FENCE))
    }

    private companion object {
        const val SEED = 7

        /** An inexact alarm is minutes late. */
        const val MAX_LATE_NS = 180 * Phone.SECOND_NS

        /** A fence fires so far beyond its edge, in metres. */
        const val BEYOND_M = 150
    }
}
