package io.milepost

import io.milepost.core.NextUpload
import io.milepost.core.StoredRecord
import io.milepost.core.UploadOutcome
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
    fun `given a drive when pushed then the account of its trip grows, and at the end says what the records say`() = within {
        val replay = Replay.made()
        Milepost.open(replay.config(dir)).use { milepost ->
            MilepostClient(milepost).use { client ->
                assertEquals(emptyList<TripAccount>(), client.tripAccounts().first())
                val frames = replay.frames()
                frames.take(frames.size / 2).batches(100).forEach(milepost::push)
                val open = client.tripAccounts().first { it.isNotEmpty() }.single()
                assertTrue(open.isOpen && open.score == null && open.endedAtMs == null, "$open")
                frames.drop(frames.size / 2).batches(100).forEach(milepost::push)
                milepost.endInput()
                val ended = client.tripAccounts().first { trips -> trips.any { it.score != null } }.single()
                assertEquals(open.id, ended.id)
                assertTrue(ended.distanceM > open.distanceM && ended.status == "ended", "$ended")
                val seconds = (checkNotNull(ended.endedAtMs) - checkNotNull(ended.startedAtMs)) / 1000.0
                assertEquals(ended.durationS, seconds, 0.01)
                val said = replay.records.lines().last { "milepost.trip/1" in it }
                assertTrue("\"distance_m\":${ended.distanceM}," in said, said)
                val (lat, lon) = checkNotNull(ended.end)
                assertTrue("\"end\":[$lon,$lat]" in said, said)
                assertEquals(ended, TripAccount.of(milepost.trip(ended.id)))
            }
        }
    }

    @Test
    fun `given records of a trip when made into an account then revisions, cancelled events and unknown places are minded`() {
        fun record(schema: String, id: String, rev: Int, body: String) =
            StoredRecord(rev.toLong(), id, rev, "milepost.$schema/1", """{"id":"$id",$body}""")
        val trip = """"status":"ended","mode":"bus","distance_m":12.5,"duration_s":60,"start_t_s":40.0,"end_t_s":100.0,
            "t_s":130.0,"occurred_at":1700000130000,"start":null,"end":[-1e1,52.5]"""
        val event = """"type":"driving.impact","start_t_s":70.0,"severity":"high","status":"confirmed","position":null"""
        val account = TripAccount.of(
            listOf(
                record("trip", "a", 2, trip),
                record("trip", "a", 1, """"status":"open","start_t_s":40.0"""),
                record("event", "b", 1, """$event,"cancelled":null"""),
                record("event", "c", 1, """$event,"cancelled":null"""),
                record("event", "c", 2, """$event,"cancelled":"denied""""),
                record("stop", "d", 1, """"class":"light","start_t_s":80.0,"end_t_s":95.5,"position":[1,2]"""),
                record("score", "e", 1, """"overall":{"value":null,"reason":"too_short","exposure_km":0.1},
                    "categories":{"braking":{"value":88.5,"reason":null,"exposure_km":3}}"""),
            ),
        )
        checkNotNull(account)
        assertEquals(1_700_000_040_000 to 1_700_000_100_000, account.startedAtMs to account.endedAtMs)
        assertEquals(null to TripAccount.Place(52.5, -10.0), account.start to account.end)
        assertEquals(30.0, account.events.single().startS)
        assertEquals(TripAccount.Stop("light", 40.0, 15.5, TripAccount.Place(2.0, 1.0)), account.stops.single())
        assertEquals(TripAccount.Rating(null, "too_short", 0.1), account.score?.overall)
        assertEquals(mapOf("braking" to TripAccount.Rating(88.5, null, 3.0)), account.score?.categories)
        assertNull(TripAccount.of(emptyList()))
        assertNull(TripAccount.of(listOf(record("event", "b", 1, event))))
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

    @Test
    fun `given records when exported and erased by the client then the file has them and no trip is left`() = within {
        val replay = Replay.made()
        val file = dir.resolve("all.jsonl")
        Milepost.open(replay.config(dir.resolve("db"))).use { milepost ->
            replay.play(milepost)
            MilepostClient(milepost).use { client ->
                assertEquals(client.state.value.blockers.map { it.name }, client.blockers().map { it.name })
                assertEquals(client.export(file), file.readLines().size.toLong())
                assertTrue(file.readLines().containsAll(client.call { drain() }.map { it.json }))
                client.tripAccounts().first { it.isNotEmpty() }
                client.erase()
                assertEquals(emptyList<StoredRecord>(), client.trips())
                client.tripAccounts().first { it.isEmpty() }
            }
        }
    }

    @Test
    fun `given records that the server refused when unparked then they are to be sent again`() = within {
        val replay = Replay.made()
        val config = replay.config(dir).apply { uploadUrl = "http://127.0.0.1:9/v1/batches" }
        Milepost.open(config).use { milepost ->
            replay.play(milepost)
            MilepostClient(milepost).use { client ->
                val first = milepost.nextUpload(flush = true) as NextUpload.Send
                val all = milepost.drain().joinToString(",") { """{"id":"${it.id}","rev":${it.rev}}""" }
                milepost.uploadFinished(first.id, UploadOutcome.Answer(200, null, """{"refused":[$all]}""".toByteArray()))
                client.refresh()
                val parked = client.state.first { it.parked > 0 }.parked
                assertEquals(parked, client.unpark())
                client.state.first { it.parked == 0L && it.unsent >= parked }
                assertTrue(milepost.nextUpload(flush = true) is NextUpload.Send)
            }
        }
    }

    /** What hangs fails. */
    private fun within(test: suspend () -> Unit) = runBlocking { withTimeout(30_000) { test() } }
}
