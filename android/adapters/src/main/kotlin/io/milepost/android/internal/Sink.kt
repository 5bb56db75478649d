package io.milepost.android.internal

import android.os.SystemClock
import android.util.Log
import io.milepost.FrameBuffer
import io.milepost.Milepost
import io.milepost.SignalKind
import io.milepost.android.ActivitySource
import io.milepost.core.MilepostException

/**
 * Where every adapter puts what it senses, from any thread: packs it and hands it over. IMU samples wait for a batch,
 * everything else goes at once.
 */
internal class Sink(private val milepost: Milepost) : ActivitySource.Sink {
    private val buffer = FrameBuffer()
    private var oldestNs = NOTHING

    @Synchronized
    fun imu(tNs: Long, ax: Float, ay: Float, az: Float, gx: Float, gy: Float, gz: Float) {
        // Pushed every second, it is never full.
        buffer.imu(tNs, ax, ay, az, gx, gy, gz)
        if (oldestNs == NOTHING) oldestNs = tNs
        if (tNs - oldestNs >= BATCH_NS) push()
    }

    @Synchronized
    fun fix(
        tNs: Long,
        latDeg: Double,
        lonDeg: Double,
        altM: Float,
        speedMps: Float,
        bearingDeg: Float,
        hAccM: Float,
        wallMs: Long?,
        mock: Boolean,
    ) = pushed { fix(tNs, latDeg, lonDeg, altM, speedMps, bearingDeg, hAccM, nowNs(), wallMs, mock) }

    @Synchronized
    fun signal(kind: SignalKind, value: String, tNs: Long = nowNs(), confidence: Float = Float.NaN) =
        pushed { signal(tNs, kind, value, confidence) }

    @Synchronized
    fun clock(wallMs: Long, bootId: String, utcOffsetMin: Int) = pushed { clock(nowNs(), wallMs, bootId, utcOffsetMin) }

    @Synchronized
    fun tick() = pushed { tick(nowNs()) }

    override fun activity(tNs: Long, activity: String, confidence: Float) =
        signal(SignalKind.ACTIVITY, activity, tNs, confidence)

    override fun steps(tNs: Long, sinceBoot: Long) = signal(SignalKind.STEPS, sinceBoot.toString(), tNs)

    /** Hands over what waits. */
    @Synchronized
    fun push() {
        oldestNs = NOTHING
        try {
            milepost.push(buffer)
        } catch (_: MilepostException.Closed) {
            // The tracker is about to close or to open again.
        } catch (e: MilepostException) {
            // No positions in it: what cannot be read is named by its number.
            Log.w(TAG, "not taken: $e")
        }
    }

    private fun pushed(pack: FrameBuffer.() -> Boolean) {
        if (!buffer.pack()) {
            push()
            buffer.pack()
        }
        push()
    }

    companion object {
        const val TAG = "Milepost"

        /** One call a second: cheaper than the rest of the second, and nobody waits for it. */
        private const val BATCH_NS = 1_000_000_000L
        private const val NOTHING = Long.MIN_VALUE

        fun nowNs(): Long = SystemClock.elapsedRealtimeNanos()
    }
}
