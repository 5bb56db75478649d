package io.milepost.android

import io.milepost.android.internal.ImuJoiner
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test

class ImuJoinerTest {
    private val out = mutableListOf<Pair<Long, Float>>()
    private val joiner = joiner(hasGyro = true)

    private fun joiner(hasGyro: Boolean) = ImuJoiner(hasGyro) { t, _, _, _, gx, _, _ -> out += t to gx }

    @Test
    fun `given a gyroscope between two readings when joined then it is interpolated at the accelerometer's time`() {
        joiner.gyro(0, 0f, 0f, 0f)
        joiner.accel(5 * MS, 1f, 1f, 1f)
        joiner.gyro(10 * MS, 2f, 0f, 0f)
        assertEquals(listOf(5 * MS to 1f), out)
    }

    @Test
    fun `given whole batches one after the other when joined then it is the same as in turn`() {
        for (i in 0L..99) joiner.accel(i * 10 * MS, 0f, 0f, 9.81f)
        assertTrue(out.isEmpty())
        for (i in 0L..100) joiner.gyro(i * 10 * MS, i.toFloat(), 0f, 0f)
        assertEquals((0L..99).map { it * 10 * MS to it.toFloat() }, out)
    }

    @Test
    fun `given no gyroscope when read then samples go on at once, without rates`() {
        joiner(hasGyro = false).accel(1, 0f, 0f, 9.81f)
        assertTrue(out.single().second.isNaN())
    }

    @Test
    fun `given a gyroscope that falls silent when it is missing for long then samples go on without rates`() {
        joiner.gyro(0, 1f, 0f, 0f)
        for (i in 1L..600) joiner.accel(i * 10 * MS, 0f, 0f, 9.81f)
        assertTrue("${out.size}", out.size in 90..110 && out.all { it.second.isNaN() })
        joiner.finish()
        assertEquals(600, out.size)
    }

    @Test
    fun `given a hole in the gyroscope when joined then nothing is made up in it`() {
        joiner.gyro(0, 1f, 0f, 0f)
        joiner.accel(150 * MS, 0f, 0f, 9.81f)
        joiner.gyro(300 * MS, 1f, 0f, 0f)
        assertTrue(out.single().second.isNaN())
    }

    @Test
    fun `given time that runs back when read then the reading is dropped`() {
        joiner.accel(10, 0f, 0f, 0f)
        joiner.accel(5, 0f, 0f, 0f)
        joiner.gyro(20, 0f, 0f, 0f)
        assertEquals(listOf(10L), out.map { it.first })
    }

    private companion object {
        const val MS = 1_000_000L
    }
}
