package io.milepost

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.io.File

class FrameBufferTest {
    @TempDir
    lateinit var dir: File

    @Test
    fun `given samples in a row when packed then they share a frame, and a fix ends it`() {
        val buffer = FrameBuffer()
        repeat(3) { buffer.imu(it.toLong(), 0f, 0f, 9.81f, 0f, 0f, 0f) }
        buffer.fix(3, 52.5, 13.4)
        buffer.imu(4, 0f, 0f, 9.81f)
        assertEquals(1 + (5 + 3 * 32) + (5 + 57) + (5 + 32), buffer.sizeBytes)
    }

    @Test
    fun `given more samples than a frame may have when packed then there are two frames`() {
        val buffer = FrameBuffer()
        repeat(2049) { buffer.imu(it.toLong(), 0f, 0f, 9.81f) }
        assertEquals(1 + (5 + 2048 * 32) + (5 + 32), buffer.sizeBytes)
    }

    @Test
    fun `given a full buffer when packed then nothing is taken, and after a push there is room`() {
        val buffer = FrameBuffer()
        var taken = 0
        while (buffer.imu(taken.toLong() * 10_000_000, 0f, 0f, 9.81f)) taken += 1
        val size = buffer.sizeBytes
        assertTrue(size <= 1024 * 1024 && size > 1024 * 1000, "$size")
        assertFalse(buffer.signal(0, SignalKind.TAG, "x".repeat(100)))
        assertEquals(size, buffer.sizeBytes)
        Milepost.open(MilepostConfig(dir)).use { it.push(buffer) }
        assertTrue(buffer.isEmpty)
        assertTrue(buffer.tick(0))
    }

    @Test
    fun `every kind has the code that the library knows it by`() {
        Milepost.open(MilepostConfig(dir)).use { milepost ->
            SignalKind.entries.forEach { kind ->
                // No kind can have this text, ids and tags apart: those have no wrong value but a long one.
                val refused = refusal { milepost.push(FrameBuffer().apply { signal(1, kind, "?".repeat(2000)) }) }
                assertTrue(refused.contains(kind.wireName), "$kind: $refused")
            }
        }
    }
}
