package io.milepost

import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.io.File
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.Executor

class ClientTest {
    @TempDir
    lateinit var dir: File

    @Test
    fun `given a drive when pushed then the state follows and every record flows once, in order`() = within {
        val replay = Replay.made()
        Milepost.open(replay.config(dir)).use { milepost ->
            MilepostClient(milepost).use { client ->
                assertEquals(SensingPlan.NOTHING, client.state.value.plan)
                val frames = replay.frames()
                frames.take(frames.size / 3).batches(100).forEach(milepost::push)
                val moving = client.state.first { it.isMoving }
                assertEquals(SensingPlan.Gnss.ON, moving.plan.gnss)
                assertTrue(moving.plan.imuHz > 0 && (moving.plan.gnssIntervalS ?: 0.0) > 0.0, "$moving")
                frames.drop(frames.size / 3).batches(100).forEach(milepost::push)
                milepost.endInput()
                val lines = replay.records.lines().filter { it.isNotEmpty() }
                val got = client.records().take(lines.size).toList()
                assertEquals(lines, got.map { it.json })
                client.ack(got.last().seq)
                assertEquals(got.last().seq, client.call { acked() })
                assertEquals(milepost.trips(), client.trips())
            }
        }
    }

    @Test
    fun `given nobody's consent when something was pushed then the state says what stands in the way and what helps`() = within {
        val config = MilepostConfig(dir).apply { overridesJson = """{"assume_consent": false, "assume_duty": false}""" }
        val heard = CopyOnWriteArrayList<TrackingState>()
        Milepost.open(config).use { milepost ->
            MilepostClient.on(milepost, Executor(Runnable::run)).use { client ->
                client.addStateListener(Executor(Runnable::run), heard::add).use {
                    milepost.signal(1, SignalKind.SCREEN, "on")
                    milepost.flush()
                    client.refresh()
                    val state = client.state.first { it.blockers.isNotEmpty() }
                    assertTrue(TrackingState.Blocker("no_consent", "ask_for_consent") in state.blockers, "$state")
                    assertEquals(state, heard.last())
                }
            }
        }
    }

    @Test
    fun `given a plan in JSON when parsed then every field is there, and damage is no plan`() {
        val plan = SensingPlan.parse(
            """{"t":5,"gnss":{"Every":2.5},"imu_hz":50,"activity":true,"wake_fence":
            {"centre":{"lat_deg":52.5,"lon_deg":-1e1},"radius_m":150.0},"next_tick":7000000000,"reason":"dr\u0069ving"}""",
        )
        val fence = SensingPlan.WakeFence(52.5, -10.0, 150.0)
        assertEquals(SensingPlan(SensingPlan.Gnss.ON, 2.5, 50, true, fence, 7_000_000_000, "driving"), plan)
        for (damaged in listOf("", "null", "{", "{\"gnss\":", "[1,2", "\"\\u12", "{\"gnss\":\"Off\"")) {
            assertEquals(SensingPlan.NOTHING, SensingPlan.parse(damaged), damaged)
        }
        assertNull(SensingPlan.parse("{}").nextTickNs)
    }

    /** What hangs fails. */
    private fun within(test: suspend () -> Unit) = runBlocking { withTimeout(30_000) { test() } }
}
