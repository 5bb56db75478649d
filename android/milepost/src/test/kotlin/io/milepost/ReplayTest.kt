package io.milepost

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.io.TempDir
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.MethodSource
import java.io.File
import java.nio.ByteBuffer

/** A recorded drive through the real library says what the `milepost` command says, byte for byte. */
class ReplayTest {
    @TempDir
    lateinit var dir: File

    @ParameterizedTest
    @MethodSource("io.milepost.Replay#all")
    fun `given a recording when pushed in batches then the records are the command's`(replay: Replay) {
        Milepost.open(replay.config(dir)).use { milepost ->
            replay.frames().batches(100).forEach(milepost::push)
            milepost.endInput()
            milepost.flush()
            assertEquals(replay.records, milepost.jsonLines())
        }
    }

    @ParameterizedTest
    @MethodSource("io.milepost.Replay#all")
    fun `given a recording when packed by the frame buffer then the records are the command's`(replay: Replay) {
        Milepost.open(replay.config(dir)).use { milepost ->
            val buffer = FrameBuffer()
            replay.frames().forEach { frame ->
                repack(frame, buffer)
                if (buffer.sizeBytes > 16 * 1024) milepost.push(buffer)
            }
            milepost.push(buffer)
            milepost.endInput()
            milepost.flush()
            assertEquals(replay.records, milepost.jsonLines())
        }
    }

    @ParameterizedTest
    @MethodSource("io.milepost.Replay#all")
    fun `given a frame when packed by the frame buffer then its bytes are Rust's`(replay: Replay) {
        val buffer = FrameBuffer()
        replay.frames().forEach { frame ->
            buffer.clear()
            repack(frame, buffer)
            // An empty batch has no bytes here: there was nothing to say.
            if (!buffer.isEmpty) assertEquals(frame.whole(), buffer.bytes().position(1).slice())
        }
    }

    @ParameterizedTest
    @MethodSource("io.milepost.Replay#all")
    fun `given half a recording when opened again then the rest gives the command's records`(replay: Replay) {
        val frames = replay.frames()
        val half = frames.size / 2
        Milepost.open(replay.config(dir)).use { it.pushAll(frames.take(half)) }
        Milepost.open(replay.config(dir)).use { milepost ->
            milepost.pushAll(frames.drop(half))
            milepost.endInput()
            milepost.flush()
            assertEquals(replay.records, milepost.jsonLines())
        }
    }

    private fun Milepost.pushAll(frames: List<Replay.Frame>) = frames.batches(100).forEach(::push)

    private fun repack(frame: Replay.Frame, into: FrameBuffer) {
        val body = frame.body()
        val taken = when (frame.kind) {
            1 -> {
                var all = true
                while (body.hasRemaining()) {
                    all = all and into.imu(
                        body.getLong(), body.getFloat(), body.getFloat(), body.getFloat(),
                        body.getFloat(), body.getFloat(), body.getFloat(),
                    )
                }
                all
            }
            2 -> into.fix(
                tNs = body.getLong(), latDeg = body.getDouble(), lonDeg = body.getDouble(), altM = body.getFloat(),
                speedMps = body.getFloat(), bearingDeg = body.getFloat(), hAccM = body.getFloat(),
                arrivedNs = body.getLong().known(), wallMs = body.getLong().known(), mock = body.get() != 0.toByte(),
            )
            3 -> {
                val t = body.getLong()
                val kind = SignalKind.entries[body.get().toInt()]
                val confidence = body.getFloat()
                into.signal(t, kind, body.text(), confidence)
            }
            4 -> {
                val t = body.getLong()
                val wall = body.getLong().known()
                val offset = body.getInt().takeIf { it != Int.MIN_VALUE }
                into.clock(t, wall, body.text(), offset)
            }
            5 -> into.tick(body.getLong())
            else -> error("a frame of kind ${frame.kind} in ${frame.sizeBytes} bytes")
        }
        assertTrue(taken)
    }

    private fun Long.known(): Long? = takeIf { it != Long.MIN_VALUE }

    private fun ByteBuffer.text(): String = ByteArray(remaining()).also(::get).decodeToString()
}
