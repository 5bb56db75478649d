package io.milepost.android

import android.app.job.JobInfo
import android.app.job.JobScheduler
import io.milepost.android.internal.UploadJob
import io.milepost.android.internal.system
import kotlinx.coroutines.runBlocking
import org.json.JSONObject
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config
import java.util.function.Supplier

/** The upload job against a server on this machine: `docs/protocol.md`, as far as a phone's HTTP has a part in it. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [34], manifest = Config.NONE)
class UploadJobTest {
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
    fun `given a day's records when the job runs then the server holds every record at its last revision`() {
        phone.online(metered = false)
        server.wantedToken = "good"
        val tracker = phone.onDuty(config)
        var asked = 0
        // The first token has expired meanwhile.
        tracker.setTokenSource(Supplier { if (asked++ == 0) "old" else "good" })
        phone.play(Phone.drive.rows.asSequence()) { tracker }
        val records = runBlocking {
            checkNotNull(tracker.client()).call {
                endInput()
                flush()
                records().map { JSONObject(it.json) }.toList()
            }
        }
        tracker.settle()
        val job = phone.app.system<JobScheduler>().allPendingJobs.single()
        assertEquals(UploadJob::class.java.name, job.service.className)
        assertTrue(job.isPersisted)

        tracker.uploadNow()
        phone.runUploadJob(flush = true)
        val last = records.groupBy { it.getString("id") }.mapValues { (_, revs) -> revs.maxBy { it.getInt("rev") } }
        last.forEach { (id, record) -> assertEquals(record.toString(), server.held[id]?.toString()) }
        assertTrue("Bearer old" in server.tokens && "Bearer good" in server.tokens)
        tracker.settle()
        assertEquals(0L, tracker.state.value.tracking?.unsent)
    }

    @Test
    fun `given a server that is not there when the job runs then everything is kept, and it is tried again later`() {
        phone.online(metered = false)
        val tracker = phone.onDuty(config)
        server.close()
        phone.runUploadJob(flush = true)
        assertTrue((tracker.state.value.tracking?.unsent ?: 0) > 0)
        val again = phone.app.system<JobScheduler>().getPendingJob(UploadJob.ID)
        assertTrue("$again", again != null && again.minLatencyMillis > 0)
    }

    @Test
    fun `given uploads for free networks only when there is a dear one then the driver alone may send, by a job of its own`() {
        phone.online(metered = true)
        val tracker = phone.onDuty(
            TrackerConfig.build {
                uploadUrl = server.url
                unmeteredOnly = true
            },
        )
        tracker.settle()
        val jobs = phone.app.system<JobScheduler>()
        assertEquals(JobInfo.NETWORK_TYPE_UNMETERED, networkOf(checkNotNull(jobs.getPendingJob(UploadJob.ID))))
        tracker.uploadNow()
        assertEquals(JobInfo.NETWORK_TYPE_ANY, networkOf(checkNotNull(jobs.getPendingJob(UploadJob.FLUSH_ID))))
    }

    @Test
    fun `given no network when the job runs all the same then nothing is sent and nothing is lost`() {
        val tracker = phone.onDuty(config)
        phone.offline()
        phone.runUploadJob(flush = true)
        assertTrue("${server.held}", server.held.isEmpty())
        assertTrue((tracker.state.value.tracking?.unsent ?: 0) > 0)
    }

    @Test
    fun `given a process that the OS starts for the job when it runs then what the one before left is delivered`() {
        phone.online(metered = false)
        val before = phone.onDuty(config)
        before.settle()
        val waiting = before.state.value.tracking?.unsent ?: 0
        assertTrue("$waiting", waiting > 0)
        MilepostTracker.reset()
        phone.runUploadJob(flush = true)
        assertTrue("$waiting ${server.held.keys}", server.held.isNotEmpty())
        val after = MilepostTracker.get(phone.app)
        after.refresh()
        after.settle()
        assertEquals(0L, after.state.value.tracking?.unsent)
    }

    @Suppress("DEPRECATION") // its successor cannot say "unmetered"
    private fun networkOf(job: JobInfo): Int = job.networkType
}
