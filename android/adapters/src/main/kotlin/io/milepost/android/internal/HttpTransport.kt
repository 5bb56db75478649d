package io.milepost.android.internal

import io.milepost.core.NextUpload
import io.milepost.core.UploadOutcome
import java.io.IOException
import java.io.InputStream
import java.net.HttpURLConnection
import java.net.URL

/** POSTs batches with the platform's own HTTP, one at a time; `docs/protocol.md` says what of the answer counts. */
internal class HttpTransport {
    private val lock = Any()
    private var connection: HttpURLConnection? = null

    /** Sends nothing any more. */
    @Volatile
    var isCancelled = false
        private set

    fun send(request: NextUpload.Send): UploadOutcome = try {
        connect(request.url)?.exchange(request) ?: CANCELLED
    } catch (e: IOException) {
        UploadOutcome.Failed(e.toString())
    } catch (e: SecurityException) {
        // The app has no permission for the Internet.
        UploadOutcome.Failed(e.toString())
    } catch (e: RuntimeException) {
        // Java's own HTTP stumbles where it is disconnected in the middle.
        if (isCancelled) CANCELLED else throw e
    } finally {
        disconnect()
    }

    /** Breaks off what is on its way. */
    fun cancel() {
        isCancelled = true
        disconnect()
    }

    private fun connect(url: String): HttpURLConnection? = synchronized(lock) {
        if (isCancelled) return null
        (URL(url).openConnection() as HttpURLConnection).also { connection = it }
    }

    private fun disconnect() {
        synchronized(lock) { connection.also { connection = null } }?.disconnect()
    }

    private fun HttpURLConnection.exchange(request: NextUpload.Send): UploadOutcome {
        requestMethod = "POST"
        connectTimeout = CONNECT_MS
        readTimeout = READ_MS
        instanceFollowRedirects = false
        doOutput = true
        setFixedLengthStreamingMode(request.body.size)
        request.headers.forEach { setRequestProperty(it.name, it.value) }
        outputStream.use { it.write(request.body) }
        val status = responseCode
        val answer = if (status >= HttpURLConnection.HTTP_BAD_REQUEST) errorStream else inputStream
        return UploadOutcome.Answer(
            status = status,
            retryAfter = getHeaderField("Retry-After"),
            body = answer?.use(::atMost) ?: ByteArray(0),
        )
    }

    private fun atMost(from: InputStream): ByteArray {
        val all = java.io.ByteArrayOutputStream()
        val chunk = ByteArray(CHUNK_BYTES)
        while (all.size() < MAX_ANSWER_BYTES) {
            val read = from.read(chunk, 0, minOf(chunk.size, MAX_ANSWER_BYTES - all.size()))
            if (read < 0) break
            all.write(chunk, 0, read)
        }
        return all.toByteArray()
    }

    private companion object {
        const val CONNECT_MS = 15_000
        const val READ_MS = 30_000

        /** An answer is at most so long; what is longer is cut, and then cannot be read. */
        const val MAX_ANSWER_BYTES = 1024 * 1024
        const val CHUNK_BYTES = 8 * 1024
        val CANCELLED = UploadOutcome.Failed("cancelled")
    }
}
