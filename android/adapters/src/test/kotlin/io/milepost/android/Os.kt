package io.milepost.android

import android.content.Intent
import android.location.Location
import io.milepost.android.internal.WakeReceiver
import kotlin.random.Random

/**
 * What an OS does behind the app's back while rows are played: its alarms ring late, its fences fire late and its motion
 * sensor fires late, as the plan has asked for them. Knows where the phone is also while the app does not. The delays are those of `docs/battery.md`.
 */
class Os(private val phone: Phone, private val tracker: () -> MilepostTracker) : (Phone.Row) -> Unit {
    private val chance = Random(SEED)
    private var lookedNs = 0L
    private var ringsNs: Pair<Long, Long>? = null
    private var left: Any? = null
    private var stirredNs: Long? = null

    override fun invoke(row: Phone.Row) {
        if (row is Phone.Row.Fix) {
            fence(row)
            motion(row)
        }
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

    private fun motion(fix: Phone.Row.Fix) {
        val stirs = phone.triggers.isArmed && (fix.speed ?: 0f) >= STIRS_MPS
        val since = if (stirs) stirredNs ?: fix.tNs else null
        stirredNs = since
        if (since == null || fix.tNs - since < STIRRED_NS) return
        stirredNs = null
        phone.triggers.fire()
    }

    private companion object {
        const val SEED = 7

        /** Whoever moves like this, for so long, stirs the motion sensor. */
        const val STIRS_MPS = 2f
        const val STIRRED_NS = 8 * Phone.SECOND_NS

        /** An inexact alarm is minutes late. */
        const val MAX_LATE_NS = 180 * Phone.SECOND_NS

        /** A fence fires so far beyond its edge, in metres. */
        const val BEYOND_M = 150
    }
}
