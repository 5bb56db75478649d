package io.milepost

import io.milepost.core.MilepostException
import io.milepost.core.Near
import io.milepost.core.Network
import io.milepost.core.TripFilter
import io.milepost.core.UploadOutcome
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.io.TempDir
import java.io.File
import java.util.concurrent.CountDownLatch
import java.util.concurrent.Semaphore
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicInteger
import kotlin.concurrent.thread

// What hangs fails, and says where.
@Timeout(60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LifecycleTest {
    @TempDir
    lateinit var dir: File

    @Test
    fun `after close every call fails with Closed, and a second close does nothing`() {
        val milepost = Milepost.open(MilepostConfig(dir))
        milepost.close()
        milepost.close()
        val calls = listOf<Milepost.() -> Unit>(
            { push(FrameBuffer().apply { tick(1) }) },
            { signal(1, SignalKind.TAG, "x") },
            { endInput() }, { flush() }, { drain() }, { ack(0) }, { trips() }, { nextUpload() },
            { uploadFinished(ANY_ID, UploadOutcome.Failed("no network")) }, { unpark() }, { setToken("t") },
            { setNetwork(Network.METERED, false) }, { acked() }, { trip(ANY_ID) }, { findTrips(TripFilter()) }, { track(ANY_ID) },
            { erase() }, { export(dir.resolve("all")) }, { blockers() }, { plan() }, { diagnostics() }, { suspend() }, { resume() },
        )
        calls.forEachIndexed { index, call ->
            assertThrows(MilepostException.Closed::class.java, { milepost.call() }, "call $index")
        }
    }

    @Test
    fun `given records when opened again then they are still there`() {
        val replay = Replay.made()
        val records = Milepost.open(replay.config(dir)).use { milepost ->
            replay.play(milepost)
            milepost.drain()
        }
        assertTrue(records.size > 1)
        Milepost.open(replay.config(dir)).use { assertEquals(records, it.drain()) }
    }

    @Test
    fun `given records when exported and erased then the file has them and the database has none`() {
        val replay = Replay.made()
        val file = dir.resolve("all.jsonl")
        Milepost.open(replay.config(dir.resolve("db"))).use { milepost ->
            replay.play(milepost)
            val records = milepost.drain()
            assertEquals(milepost.export(file), file.readLines().size.toLong())
            assertTrue(file.readLines().containsAll(records.map { it.json }))
            assertEquals(0L, milepost.export(file, "nobody"))
            milepost.erase("nobody")
            assertEquals(records, milepost.drain())
            milepost.erase()
            assertTrue(milepost.drain().none { it.json in records.map { r -> r.json } })
        }
    }

    @Test
    fun `given no permission when asked then the blocker says what the user can do`() {
        Milepost.open(MilepostConfig(dir)).use { milepost ->
            milepost.signal(1, SignalKind.PERMISSION, "denied")
            milepost.signal(2, SignalKind.DUTY, "off")
            milepost.flush()
            val remedies = milepost.blockers().associate { it.name to it.remedy }
            assertEquals(mapOf("off_duty" to "go_on_duty", "permission_denied" to "allow_location"), remedies)
        }
    }

    @Test
    fun `given records when drained in pages then none is lost or doubled, and trips are among them`() {
        val replay = Replay.made()
        Milepost.open(replay.config(dir)).use { milepost ->
            replay.play(milepost)
            val whole = milepost.drain()
            val pages = generateSequence(milepost.drain(0, 1)) { milepost.drain(it.last().seq, 1) }.takeWhile { it.isNotEmpty() }
            assertEquals(whole, pages.flatten().toList())
            milepost.ack(whole.last().seq)
            val trips = milepost.trips()
            assertTrue(trips.isNotEmpty() && trips.all { it.schema == "milepost.trip/1" && it in whole })
            val found = milepost.findTrips(TripFilter(limit = 1))
            assertEquals(trips.take(1), found.trips)
            val track = milepost.track(found.trips[0].id)
            assertTrue(track.size > 1 && track.zipWithNext().all { (a, b) -> a.tNs < b.tNs })
            assertEquals(track.take(2), milepost.track(found.trips[0].id, toNs = track[1].tNs))
            val start = Near(track[0].latDeg, track[0].lonDeg, 1_000.0)
            assertTrue(found.trips[0] in milepost.findTrips(TripFilter(near = start)).trips)
            assertTrue(milepost.findTrips(TripFilter(near = Near(-80.0, 0.0, 1.0))).trips.isEmpty())
        }
    }

    @Test
    fun `given a suspended Milepost when resumed then it says the same as without`() {
        val replay = Replay.made()
        Milepost.open(replay.config(dir)).use { milepost ->
            replay.frames().batches(100).forEachIndexed { index, batch ->
                if (index % 5 == 4) {
                    milepost.suspend()
                    milepost.resume()
                }
                milepost.push(batch)
            }
            milepost.endInput()
            milepost.flush()
            assertEquals(replay.records, milepost.jsonLines())
        }
    }

    @Test
    fun `given eight threads at once when each does everything then every sample is counted once`() {
        Milepost.open(MilepostConfig(dir)).use { milepost ->
            val failures = together(8) { worker ->
                val buffer = FrameBuffer()
                repeat(50) { round ->
                    repeat(20) { buffer.imu((round * 20L + it) * 80_000_000 + worker * 10_000_000, 0f, 0f, 9.81f, 0f, 0f, 0f) }
                    milepost.push(buffer)
                    milepost.drain()
                    milepost.trips()
                    milepost.plan()
                    milepost.diagnostics()
                    milepost.nextUpload()
                    milepost.signal(round * 1_000_000_000L, SignalKind.SCREEN, if (round % 2 == 0) "on" else "off")
                    if (round % 10 == 0) milepost.flush()
                }
            }
            assertEquals(emptyList<Throwable>(), failures)
            milepost.flush()
        }
    }

    @Test
    fun `given eight threads at work when closed then each call succeeds or fails with Closed`() {
        val milepost = Milepost.open(MilepostConfig(dir))
        val busy = CountDownLatch(8)
        val failures = together(9) { worker ->
            if (worker == 8) {
                busy.await()
                milepost.close()
                return@together
            }
            val buffer = FrameBuffer()
            try {
                var t = 0L
                while (true) {
                    buffer.imu(t, 0f, 0f, 9.81f)
                    milepost.push(buffer)
                    milepost.diagnostics()
                    if (t == 0L) busy.countDown()
                    t += 10_000_000
                }
            } catch (_: MilepostException.Closed) {
            }
        }
        assertEquals(emptyList<Throwable>(), failures)
    }

    @Test
    fun `given a listener that throws when rung then the records are there all the same, and it is rung again`() {
        val replay = Replay.made()
        val rung = AtomicInteger()
        val bell = Semaphore(0)
        Milepost.open(replay.config(dir)).use { milepost ->
            milepost.onChange {
                rung.incrementAndGet()
                bell.release()
                throw IllegalStateException("the app is not ready")
            }
            val frames = replay.frames()
            milepost.pushAndWait(frames)
            assertTrue(bell.tryAcquire(10, TimeUnit.SECONDS))
            bell.drainPermits()
            milepost.endInput()
            milepost.flush()
            assertTrue(bell.tryAcquire(10, TimeUnit.SECONDS), "rung ${rung.get()} times")
            assertEquals(replay.records, milepost.jsonLines())
        }
    }

    @Test
    fun `given a listener that calls back when rung then it is refused, not stuck, and removed it is silent`() {
        val replay = Replay.made()
        val refused = Semaphore(0)
        val rung = AtomicInteger()
        Milepost.open(replay.config(dir)).use { milepost ->
            milepost.onChange {
                rung.incrementAndGet()
                if (refusal { milepost.drain() }.contains("listener")) refused.release()
            }
            milepost.pushAndWait(replay.frames())
            assertTrue(refused.tryAcquire(10, TimeUnit.SECONDS))
            milepost.onChange(null)
            val before = rung.get()
            milepost.endInput()
            milepost.flush()
            assertEquals(before, rung.get())
        }
    }

    @Test
    fun `given a suspended Milepost when pushed to then it waits, and close still works it off`() {
        val replay = Replay.made()
        val batches = replay.frames().batches(100).toList()
        Milepost.open(replay.config(dir)).use { milepost ->
            milepost.suspend()
            batches.take(5).forEach(milepost::push)
            assertThrows(MilepostException.Storage::class.java) { milepost.drain() }
            milepost.resume()
            batches.drop(5).take(5).forEach(milepost::push)
            milepost.suspend()
            batches.drop(10).forEach(milepost::push)
        }
        Milepost.open(replay.config(dir)).use { milepost ->
            milepost.endInput()
            milepost.flush()
            assertEquals(replay.records, milepost.jsonLines())
        }
    }

    private fun Milepost.pushAndWait(frames: List<Replay.Frame>) {
        frames.batches(100).forEach(::push)
        flush()
    }

    private companion object {
        const val ANY_ID = "019b8d2d-60c0-707d-a652-7d3061548ed7"
    }

    /** Runs [work] on so many threads that start together; what they threw. */
    private fun together(threads: Int, work: (Int) -> Unit): List<Throwable> {
        val start = CountDownLatch(1)
        val failures = java.util.Collections.synchronizedList(mutableListOf<Throwable>())
        val all = List(threads) { worker ->
            thread {
                start.await()
                runCatching { work(worker) }.onFailure(failures::add)
            }
        }
        start.countDown()
        all.forEach(Thread::join)
        return failures
    }
}
