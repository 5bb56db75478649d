package io.milepost

import io.milepost.core.MilepostException
import io.milepost.core.Near
import io.milepost.core.TripFilter
import io.milepost.core.UploadOutcome
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.io.File
import java.nio.ByteBuffer

/** What goes wrong in Rust arrives as an exception of its own kind, with a reason in words. */
class ErrorsTest {
    @TempDir
    lateinit var dir: File

    @Test
    fun `a configuration that is none is refused by key`() {
        for ((json, word) in listOf("[" to "JSON", "{\"no_such_key\": 1}" to "no_such_key")) {
            val config = MilepostConfig(dir).apply { overridesJson = json }
            val refused = assertThrows(MilepostException.InvalidConfig::class.java) { Milepost.open(config) }
            assertTrue(refused.reason.contains(word), refused.reason)
        }
    }

    @Test
    fun `a folder that cannot be made is a storage error`() {
        val file = dir.resolve("file").apply { writeText("in the way") }
        val refused = assertThrows(MilepostException.Storage::class.java) { Milepost.open(MilepostConfig(file.resolve("db"))) }
        assertTrue(refused.reason.isNotBlank())
    }

    @Test
    fun `frames that cannot be read are refused, and nothing of them is taken`() {
        Milepost.open(MilepostConfig(dir)).use { milepost ->
            val before = milepost.diagnostics()
            val tick = byteArrayOf(8, 0, 0, 0, 5, 1, 0, 0, 0, 0, 0, 0, 0)
            val damaged = mapOf(
                "empty" to byteArrayOf(),
                "another version" to byteArrayOf(9) + tick,
                "torn in the head" to byteArrayOf(1) + tick + byteArrayOf(8, 0),
                "torn in the body" to byteArrayOf(1) + tick + tick.dropLast(1),
                "a length of 4 GB" to byteArrayOf(1) + tick + byteArrayOf(-1, -1, -1, -1, 1),
                "an unknown kind" to byteArrayOf(1) + tick + byteArrayOf(0, 0, 0, 0, 77),
                "an IMU batch of 31 bytes" to byteArrayOf(1) + tick + byteArrayOf(31, 0, 0, 0, 1) + ByteArray(31),
            )
            damaged.forEach { (what, bytes) ->
                assertTrue(refusal { milepost.push(ByteBuffer.wrap(bytes)) }.isNotBlank(), what)
            }
            milepost.flush()
            assertEquals(before, milepost.diagnostics())
        }
    }

    @Test
    fun `a frame buffer is empty after a refusal too`() {
        Milepost.open(MilepostConfig(dir)).use { milepost ->
            val buffer = FrameBuffer().apply { signal(1, SignalKind.LOCK, "on") }
            assertTrue(refusal { milepost.push(buffer) }.contains("lock"))
            assertTrue(buffer.isEmpty)
        }
    }

    @Test
    fun `arguments out of range are refused by name`() {
        Milepost.open(MilepostConfig(dir)).use { milepost ->
            assertTrue(refusal { milepost.drain(-1, 1) }.contains("after_seq"))
            assertTrue(refusal { milepost.drain(0, -1) }.contains("max"))
            assertTrue(refusal { milepost.ack(-1) }.contains("seq"))
            assertTrue(refusal { milepost.trips(-1) }.contains("limit"))
            assertTrue(refusal { milepost.findTrips(TripFilter(limit = -1)) }.contains("limit"))
            assertTrue(refusal { milepost.findTrips(TripFilter(near = Near(91.0, 0.0, 1.0))) }.contains("lat"))
            assertTrue(refusal { milepost.signal(1, SignalKind.CALL, "maybe") }.contains("call"))
            val outcome = UploadOutcome.Answer(status = 70_000, retryAfter = null, body = ByteArray(0))
            assertTrue(refusal { milepost.uploadFinished("x", outcome) }.contains("status"))
        }
    }
}
