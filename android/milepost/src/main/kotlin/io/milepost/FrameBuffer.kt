package io.milepost

import java.nio.ByteBuffer
import java.nio.ByteOrder

/**
 * Packs what a phone senses into frames (`docs/ffi.md`), in memory that crosses to Rust without a copy. Allocates
 * nothing per sample once it has grown. For one thread at a time: give each sensor thread its own.
 *
 * Times are nanoseconds on one axis, on Android `elapsedRealtimeNanos`. A function returns `false`, and takes nothing,
 * when the buffer is full: push it first.
 */
public class FrameBuffer {
    private var buffer: ByteBuffer = allocate(INITIAL_BYTES)

    /** Where the length of the IMU frame at the end stands, or -1 when the last frame is none. */
    private var imuHead: Int = NONE

    /** Whether there is nothing to push. */
    public val isEmpty: Boolean get() = buffer.position() <= 1

    /** Bytes to push. */
    public val sizeBytes: Int get() = buffer.position()

    init {
        clear()
    }

    /** Forgets everything. */
    public fun clear() {
        buffer.clear()
        buffer.put(VERSION)
        imuHead = NONE
    }

    /** One reading of the accelerometer (m/s², Android's axes) and the gyroscope (rad/s); NaN: no gyroscope. */
    @JvmOverloads
    public fun imu(
        tNs: Long,
        ax: Float,
        ay: Float,
        az: Float,
        gx: Float = Float.NaN,
        gy: Float = Float.NaN,
        gz: Float = Float.NaN,
    ): Boolean {
        if (!reserve(HEAD_BYTES + SAMPLE_BYTES)) return false
        if (imuHead == NONE || buffer.position() - imuHead - HEAD_BYTES >= MAX_SAMPLES * SAMPLE_BYTES) {
            imuHead = buffer.position()
            buffer.putInt(0).put(KIND_IMU)
        }
        buffer.putLong(tNs).putFloat(ax).putFloat(ay).putFloat(az).putFloat(gx).putFloat(gy).putFloat(gz)
        buffer.putInt(imuHead, buffer.position() - imuHead - HEAD_BYTES)
        return true
    }

    /**
     * One position, WGS84; NaN and `null` are "not known".
     *
     * @param hAccM the radius of 68 %
     * @param arrivedNs when it reached the host
     * @param wallMs the provider's own clock, epoch milliseconds
     * @param mock the OS says that a mock provider made it
     */
    @JvmOverloads
    public fun fix(
        tNs: Long,
        latDeg: Double,
        lonDeg: Double,
        altM: Float = Float.NaN,
        speedMps: Float = Float.NaN,
        bearingDeg: Float = Float.NaN,
        hAccM: Float = Float.NaN,
        arrivedNs: Long? = null,
        wallMs: Long? = null,
        mock: Boolean = false,
    ): Boolean {
        if (!begin(KIND_FIX, FIX_BYTES)) return false
        buffer.putLong(tNs).putDouble(latDeg).putDouble(lonDeg)
        buffer.putFloat(altM).putFloat(speedMps).putFloat(bearingDeg).putFloat(hAccM)
        buffer.putLong(arrivedNs ?: UNKNOWN_LONG).putLong(wallMs ?: UNKNOWN_LONG)
        buffer.put(if (mock) 1 else 0)
        return true
    }

    /** A fact about the phone or a wish of the host; the [confidence] is 0–1 or NaN. */
    @JvmOverloads
    public fun signal(tNs: Long, kind: SignalKind, value: String, confidence: Float = Float.NaN): Boolean {
        val text = value.toByteArray()
        if (!begin(KIND_SIGNAL, NAMED_BYTES + text.size)) return false
        buffer.putLong(tNs).put(kind.ordinal.toByte()).putFloat(confidence).put(text)
        return true
    }

    /** How the axis relates to the wall clock: at start, and at every jump. A new [bootId] is a restart of the phone. */
    @JvmOverloads
    public fun clock(tNs: Long, wallMs: Long?, bootId: String, utcOffsetMin: Int? = null): Boolean {
        val text = bootId.toByteArray()
        if (!begin(KIND_CLOCK, CLOCK_BYTES + text.size)) return false
        buffer.putLong(tNs).putLong(wallMs ?: UNKNOWN_LONG).putInt(utcOffsetMin ?: UNKNOWN_INT).put(text)
        return true
    }

    /** Time passes. */
    public fun tick(tNs: Long): Boolean {
        if (!begin(KIND_TICK, Long.SIZE_BYTES)) return false
        buffer.putLong(tNs)
        return true
    }

    /** What is packed so far: valid until the next change. */
    internal fun bytes(): ByteBuffer = buffer.duplicate().flip().slice()

    private fun begin(kind: Byte, bodyBytes: Int): Boolean {
        if (!reserve(HEAD_BYTES + bodyBytes)) return false
        imuHead = NONE
        buffer.putInt(bodyBytes).put(kind)
        return true
    }

    private fun reserve(bytes: Int): Boolean {
        if (buffer.remaining() >= bytes) return true
        val wanted = maxOf(buffer.capacity() * 2, buffer.position() + bytes)
        if (buffer.position() + bytes > MAX_BYTES) return false
        buffer = allocate(minOf(wanted, MAX_BYTES)).put(buffer.flip())
        return true
    }

    private companion object {
        /** Two seconds at 100 Hz. */
        const val INITIAL_BYTES = 8 * 1024

        /** More than five minutes at 100 Hz: a host that has not pushed for so long has lost its thread. */
        const val MAX_BYTES = 1024 * 1024

        const val VERSION: Byte = 1
        const val KIND_IMU: Byte = 1
        const val KIND_FIX: Byte = 2
        const val KIND_SIGNAL: Byte = 3
        const val KIND_CLOCK: Byte = 4
        const val KIND_TICK: Byte = 5

        const val HEAD_BYTES = 5
        const val SAMPLE_BYTES = 32
        const val MAX_SAMPLES = 2048
        const val FIX_BYTES = 57
        const val NAMED_BYTES = 13
        const val CLOCK_BYTES = 20

        const val UNKNOWN_LONG = Long.MIN_VALUE
        const val UNKNOWN_INT = Int.MIN_VALUE
        const val NONE = -1

        fun allocate(bytes: Int): ByteBuffer = ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN)
    }
}
