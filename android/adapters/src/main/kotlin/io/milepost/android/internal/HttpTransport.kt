package io.milepost.android.internal

import io.milepost.core.NextUpload
import io.milepost.core.UploadOutcome
import java.io.IOException
import java.io.InputStream
import java.net.HttpURLConnection
import java.net.URL

/** POSTs one batch with the platform's own HTTP; `docs/protocol.md` says what of the answer counts. */
internal object HttpTransport {
    private const val CONNECT_MS = 15_000
    private const val READ_MS = 30_000

    /** An answer is at most so long; what is longer is cut, and then cannot be read. */
    private const val MAX_ANSWER_BYTES = 1024 * 1024
    private const val CHUNK_BYTES = 8 * 1024

    fun send(request: NextUpload.Send): UploadOutcome {
        var connection: HttpURLConnection? = null
        return try {
            connection = URL(request.url).openConnection() as HttpURLConnection
            connection.exchange(request)
        } catch (e: IOException) {
            UploadOutcome.Failed(e.toString())
        } catch (e: SecurityException) {
            // The app has no permission for the Internet.
            UploadOutcome.Failed(e.toString())
        } finally {
            connection?.disconnect()
        }
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
}
