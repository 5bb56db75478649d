package io.milepost.android.internal

/**
 * Makes one sample of two sensors: each reading of the accelerometer gets the gyroscope of its very time, interpolated
 * between its neighbours. The two come apart, in turn or each as a batch of its own; a reading waits until the
 * gyroscope has passed it. Allocates nothing per reading.
 */
internal class ImuJoiner(private val hasGyro: Boolean, private val out: Out) {
    /** Who takes the samples. */
    fun interface Out {
        fun sample(tNs: Long, ax: Float, ay: Float, az: Float, gx: Float, gy: Float, gz: Float)
    }

    private val accel = Ring()
    private val gyro = Ring()

    fun accel(tNs: Long, x: Float, y: Float, z: Float) {
        if (!hasGyro) return out.sample(tNs, x, y, z, Float.NaN, Float.NaN, Float.NaN)
        if (!accel.isEmpty && tNs <= accel.lastNs) return
        if (accel.isFull) release()
        accel.add(tNs, x, y, z)
        join()
        // A gyroscope that is silent for so long does not hold the other up.
        while (!accel.isEmpty && tNs - accel.tNs(0) > MAX_WAIT_NS) release()
    }

    fun gyro(tNs: Long, x: Float, y: Float, z: Float) {
        if (!gyro.isEmpty && tNs <= gyro.lastNs) return
        if (gyro.isFull) gyro.drop()
        gyro.add(tNs, x, y, z)
        join()
    }

    /** Lets go of what waits: nothing more comes. */
    fun finish() {
        while (!accel.isEmpty) release()
    }

    private fun join() {
        while (!accel.isEmpty && !gyro.isEmpty && gyro.lastNs >= accel.tNs(0)) release()
    }

    /** The oldest reading, with the gyroscope of its time or without one. */
    private fun release() {
        val t = accel.tNs(0)
        while (gyro.size > 1 && gyro.tNs(1) <= t) gyro.drop()
        val from = gyro.takeIf { it.size > 0 && it.tNs(0) <= t }
        val spanNs = if (from != null && gyro.size > 1) gyro.tNs(1) - gyro.tNs(0) else 0
        when {
            from != null && gyro.tNs(0) == t -> give(gyro.x(0), gyro.y(0), gyro.z(0))
            from != null && spanNs in 1..MAX_HOLE_NS -> {
                val part = (t - gyro.tNs(0)).toFloat() / spanNs.toFloat()
                give(
                    gyro.x(0) + part * (gyro.x(1) - gyro.x(0)),
                    gyro.y(0) + part * (gyro.y(1) - gyro.y(0)),
                    gyro.z(0) + part * (gyro.z(1) - gyro.z(0)),
                )
            }
            else -> give(Float.NaN, Float.NaN, Float.NaN)
        }
    }

    private fun give(gx: Float, gy: Float, gz: Float) {
        out.sample(accel.tNs(0), accel.x(0), accel.y(0), accel.z(0), gx, gy, gz)
        accel.drop()
    }

    /** Readings of one sensor, oldest first. */
    private class Ring {
        private val times = LongArray(CAPACITY)
        private val values = FloatArray(CAPACITY * AXES)
        private var head = 0
        var size = 0
            private set
        val isEmpty get() = size == 0
        val isFull get() = size == CAPACITY
        val lastNs get() = tNs(size - 1)

        fun add(tNs: Long, x: Float, y: Float, z: Float) {
            val i = (head + size) % CAPACITY
            times[i] = tNs
            values[i * AXES] = x
            values[i * AXES + 1] = y
            values[i * AXES + 2] = z
            size++
        }

        fun drop() {
            head = (head + 1) % CAPACITY
            size--
        }

        fun tNs(i: Int) = times[(head + i) % CAPACITY]
        fun x(i: Int) = values[(head + i) % CAPACITY * AXES]
        fun y(i: Int) = values[(head + i) % CAPACITY * AXES + 1]
        fun z(i: Int) = values[(head + i) % CAPACITY * AXES + 2]
    }

    private companion object {
        const val AXES = 3

        /** Ten seconds at 100 Hz and then some: longer than any batch that is asked for. */
        const val CAPACITY = 2048

        /** A batch of one sensor may come before that of the other; the engine waits for ten seconds in all. */
        const val MAX_WAIT_NS = 5_000_000_000L

        /** Over a longer hole nothing is made up. The importers of recordings have the same. */
        const val MAX_HOLE_NS = 250_000_000L
    }
}
