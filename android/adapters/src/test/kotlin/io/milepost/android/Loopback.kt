package io.milepost.android

import android.app.job.JobParameters
import android.net.ConnectivityManager
import android.net.NetworkCapabilities
import android.os.PersistableBundle
import com.sun.net.httpserver.HttpExchange
import com.sun.net.httpserver.HttpServer
import io.milepost.android.internal.UploadJob
import io.milepost.android.internal.system
import org.json.JSONArray
import org.json.JSONObject
import org.junit.Assert.assertTrue
import org.robolectric.Robolectric
import org.robolectric.Shadows.shadowOf
import org.robolectric.shadow.api.Shadow
import org.robolectric.shadows.ShadowNetworkCapabilities
import org.robolectric.util.ReflectionHelpers
import java.net.InetAddress
import java.net.InetSocketAddress
import java.util.concurrent.ConcurrentHashMap

/** A server on this machine: `docs/protocol.md`, as far as a phone's HTTP has a part in it. Keeps last revisions. */
class Loopback : AutoCloseable {
    val held = ConcurrentHashMap<String, JSONObject>()
    val tokens: MutableList<String?> = java.util.Collections.synchronizedList(mutableListOf())

    /** Without it nobody may send anything; `null`: anybody. */
    @Volatile
    var wantedToken: String? = null

    /** Whom it tells that a batch has come, and then says nothing; `null`: it answers. */
    @Volatile
    var silent: (() -> Unit)? = null
    private val server = HttpServer.create(InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0).apply {
        createContext("/v1/batches", ::answer)
        start()
    }
    val url = "http://127.0.0.1:${server.address.port}/v1/batches"

    override fun close() = server.stop(0)

    private fun answer(exchange: HttpExchange) {
        val body = exchange.requestBody.readBytes()
        val token = exchange.requestHeaders.getFirst("Authorization").also(tokens::add)
        silent?.let { return it() }
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
}

/** Runs the upload job as the OS would, to its end. */
fun Phone.runUploadJob(flush: Boolean) {
    val params = Shadow.newInstanceOf(JobParameters::class.java)
    ReflectionHelpers.setField(params, "extras", PersistableBundle().apply { putBoolean("flush", flush) })
    val job = Robolectric.setupService(UploadJob::class.java)
    assertTrue(job.onStartJob(params))
    // Its thread is a real one, with a real socket: the deadline is for a test that fails.
    val deadline = System.nanoTime() + 30 * Phone.SECOND_NS
    while (!shadowOf(job).isJobFinished && System.nanoTime() < deadline) Thread.sleep(10)
    assertTrue(shadowOf(job).isJobFinished)
    // What it schedules follows.
    Thread.sleep(100)
}

/** The phone has a network, for free or not. */
fun Phone.online(metered: Boolean) {
    val manager = app.system<ConnectivityManager>()
    val can = ShadowNetworkCapabilities.newInstance()
    shadowOf(can).addCapability(NetworkCapabilities.NET_CAPABILITY_INTERNET)
    if (!metered) shadowOf(can).addCapability(NetworkCapabilities.NET_CAPABILITY_NOT_METERED)
    shadowOf(manager).setNetworkCapabilities(manager.activeNetwork, can)
}

/** The phone has none. */
fun Phone.offline() {
    val manager = app.system<ConnectivityManager>()
    shadowOf(manager).setNetworkCapabilities(manager.activeNetwork, ShadowNetworkCapabilities.newInstance())
}
