package io.milepost.android

import android.app.job.JobParameters
import android.app.job.JobScheduler
import android.net.ConnectivityManager
import android.net.NetworkCapabilities
import android.os.PersistableBundle
import com.sun.net.httpserver.HttpExchange
import com.sun.net.httpserver.HttpServer
import io.milepost.android.internal.UploadJob
import io.milepost.android.internal.system
import kotlinx.coroutines.runBlocking
import org.json.JSONArray
import org.json.JSONObject
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.shadow.api.Shadow
import org.robolectric.shadows.ShadowNetworkCapabilities
import org.robolectric.util.ReflectionHelpers
import java.net.InetAddress
import java.net.InetSocketAddress
import java.util.concurrent.ConcurrentHashMap
import java.util.function.Supplier

/** The upload job against a server on this machine: `docs/protocol.md`, as far as a phone's HTTP has a part in it. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [34], manifest = Config.NONE)
class UploadJobTest {
    private val phone = Phone()
    private val held = ConcurrentHashMap<String, JSONObject>()
    private val tokens = mutableListOf<String?>()

    @Volatile
    private var wantedToken: String? = null
    private val server = HttpServer.create(InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0).apply {
        createContext("/v1/batches", ::answer)
        start()
    }
    private val config = TrackerConfig.build {
        seed = 7
        uploadUrl = "http://127.0.0.1:${server.address.port}/v1/batches"
    }

    @After
    fun end() {
        MilepostTracker.reset()
        server.stop(0)
    }

    @Test
    fun `given a day's records when the job runs then the server holds every record at its last revision`() {
        online()
        wantedToken = "good"
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
        runJob(flush = true)
        val last = records.groupBy { it.getString("id") }.mapValues { (_, revs) -> revs.maxBy { it.getInt("rev") } }
        last.forEach { (id, record) -> assertEquals(record.toString(), held[id]?.toString()) }
        assertTrue("Bearer old" in tokens && "Bearer good" in tokens)
        tracker.settle()
        assertEquals(0L, tracker.state.value.tracking?.unsent)
    }

    @Test
    fun `given a server that is not there when the job runs then everything is kept, and it is tried again later`() {
        online()
        val tracker = phone.onDuty(config)
        server.stop(0)
        runJob(flush = true)
        assertTrue((tracker.state.value.tracking?.unsent ?: 0) > 0)
        val again = phone.app.system<JobScheduler>().getPendingJob(UploadJob.ID)
        assertTrue("$again", again != null && again.minLatencyMillis > 0)
    }

    private fun answer(exchange: HttpExchange) {
        val body = exchange.requestBody.readBytes()
        val token = exchange.requestHeaders.getFirst("Authorization").also(tokens::add)
        // No zstd on this JVM: the sender goes on without, as the protocol has it.
        val status = when {
            wantedToken != null && token != "Bearer $wantedToken" -> 401
            exchange.requestHeaders.getFirst("Content-Encoding") != null -> 415
            else -> 200
        }
        val reply = JSONObject()
        if (status == 200) {
            val records = JSONObject(body.decodeToString()).getJSONArray("records")
            val acked = JSONArray()
            for (i in 0 until records.length()) {
                val record = records.getJSONObject(i)
                val id = record.getString("id")
                held.merge(id, record) { a, b -> if (a.getInt("rev") > b.getInt("rev")) a else b }
                acked.put(JSONObject().put("id", id).put("rev", record.getInt("rev")))
            }
            reply.put("acked", acked)
        }
        val bytes = reply.toString().toByteArray()
        exchange.sendResponseHeaders(status, bytes.size.toLong())
        exchange.responseBody.use { it.write(bytes) }
    }

    private fun runJob(flush: Boolean) {
        val params = Shadow.newInstanceOf(JobParameters::class.java)
        ReflectionHelpers.setField(params, "extras", PersistableBundle().apply { putBoolean("flush", flush) })
        val job = Robolectric.setupService(UploadJob::class.java)
        assertTrue(job.onStartJob(params))
        val deadline = System.nanoTime() + 30 * Phone.SECOND_NS
        while (!shadowOf(job).isJobFinished && System.nanoTime() < deadline) Thread.sleep(10)
        assertTrue(shadowOf(job).isJobFinished)
        // What it schedules follows.
        Thread.sleep(100)
    }

    private fun online() {
        val manager = phone.app.system<ConnectivityManager>()
        val can = ShadowNetworkCapabilities.newInstance()
        shadowOf(can).addCapability(NetworkCapabilities.NET_CAPABILITY_INTERNET)
        shadowOf(can).addCapability(NetworkCapabilities.NET_CAPABILITY_NOT_METERED)
        shadowOf(manager).setNetworkCapabilities(manager.activeNetwork, can)
    }
}
