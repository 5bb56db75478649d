package io.milepost.android

import android.app.job.JobScheduler
import io.milepost.TripAccount
import io.milepost.android.internal.UploadJob
import io.milepost.android.internal.system
import io.milepost.core.MilepostException
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config
import kotlin.concurrent.thread

/** What a person asks for: everything in a file, and everything gone, also what is on its way. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [34], manifest = Config.NONE)
class EraseTest {
    private val phone = Phone()
    private val server = Loopback()
    private val config = TrackerConfig.build {
        seed = 7
        uploadUrl = server.url
    }

    @After
    fun end() {
        MilepostTracker.reset()
        server.close()
    }

    @Test
    fun `given a trip when exported and erased then the file has it, no trip is left, and the next one is found`() {
        val tracker = phone.onDuty()
        play(0, BEGUN, tracker)
        tracker.startTrip()
        play(BEGUN, HALF, tracker)
        val erased = trips(tracker) { it.isNotEmpty() }.single()
        val file = phone.app.cacheDir.resolve("all.jsonl")
        val lines = runBlocking { checkNotNull(tracker.client()).export(file) }
        assertEquals(lines, file.readLines().size.toLong())
        assertTrue(erased.id in file.readText())

        runBlocking { tracker.erase() }
        assertEquals(emptyList<TripAccount>(), trips(tracker) { it.isEmpty() })
        tracker.startTrip()
        play(HALF, 2 * HALF, tracker)
        assertTrue(trips(tracker) { it.isNotEmpty() }.single().id != erased.id)
    }

    @Test
    fun `given an upload on its way when erased then it is broken off, and the server hears only that something was erased`() {
        phone.online(metered = false)
        val tracker = phone.onDuty(config)
        play(0, HALF, tracker)
        lateinit var erasing: Thread
        server.silent = {
            server.silent = null
            erasing = thread {
                Thread.sleep(STILL_MS)
                runBlocking { tracker.erase() }
            }
        }
        val began = System.nanoTime()
        phone.runUploadJob(flush = true)
        val tookMs = (System.nanoTime() - began) / 1_000_000
        // The server would never have answered: the transport waits 30 s for it.
        assertTrue("$tookMs", tookMs in STILL_MS..15_000)
        erasing.join()
        assertNotNull(phone.app.system<JobScheduler>().getPendingJob(UploadJob.ID))
        assertTrue("${server.held}", server.held.isEmpty())

        // Whoever breaks off waits up to two seconds before the next batch.
        Thread.sleep(2_500)
        phone.runUploadJob(flush = true)
        val heard = server.held.values.map { it.toString() }
        assertTrue("$heard", heard.isNotEmpty() && heard.all { "\"erased\"" in it })
    }

    @Test
    fun `given a core that cannot be opened when erased then it says that nothing was`() {
        val tracker = phone.onDuty(TrackerConfig.build { overridesJson = "{\"no_such_key\": 1}" })
        val refused = assertThrows(MilepostException.Storage::class.java) { runBlocking { tracker.erase() } }
        assertTrue("$refused", "no_such_key" in refused.reason)
    }

    private fun play(fromS: Long, untilS: Long, tracker: MilepostTracker) = phone.play(
        Phone.drive.rows.asSequence().filter { it.tNs >= fromS * Phone.SECOND_NS && it.tNs < untilS * Phone.SECOND_NS },
    ) { tracker }

    /** What hangs fails. */
    private fun trips(tracker: MilepostTracker, which: (List<TripAccount>) -> Boolean): List<TripAccount> =
        runBlocking { withTimeout(30_000) { tracker.trips().first(which) } }

    private companion object {
        /** Before the simulated driver drives off, and in the middle of the drive: seconds of it. */
        const val BEGUN = 20L
        const val HALF = 150L

        /** So long an upload is on its way before it is broken off. */
        const val STILL_MS = 1_000L
    }
}
