package io.milepost.android.internal

import android.app.job.JobInfo
import android.app.job.JobParameters
import android.app.job.JobScheduler
import android.app.job.JobService
import android.content.ComponentName
import android.content.Context
import android.net.ConnectivityManager
import android.net.NetworkCapabilities
import android.os.BatteryManager
import android.util.Log
import io.milepost.Milepost
import io.milepost.android.MilepostTracker
import io.milepost.core.MilepostException
import io.milepost.core.Network
import io.milepost.core.NextUpload
import io.milepost.core.WaitReason
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.atomic.AtomicBoolean
import kotlin.concurrent.thread

/** Delivers what waits, when the OS says that there is a network: also in a process that was started for it. */
public class UploadJob : JobService() {
    private val stops = ConcurrentHashMap<Int, AtomicBoolean>()

    override fun onStartJob(params: JobParameters): Boolean {
        val stop = AtomicBoolean()
        stops[params.jobId] = stop
        val tracker = MilepostTracker.get(this)
        val flush = params.extras.getBoolean(FLUSH)
        val http = HttpTransport().also(sending::add)
        thread(name = "milepost-upload") {
            val again = try {
                val milepost = tracker.awaitMilepost() ?: return@thread jobFinished(params, false)
                deliver(milepost, tracker, flush, http, stop)
            } catch (e: MilepostException) {
                Log.w(Sink.TAG, "upload: $e")
                RETRY_MS
            } finally {
                sending.remove(http)
            }
            stops.remove(params.jobId)
            // Not "reschedule", which would count this as a failure: the upload machine knows when.
            jobFinished(params, false)
            if (again != null) schedule(this, tracker.config.unmeteredOnly, again, anew = true)
        }
        return true
    }

    override fun onStopJob(params: JobParameters): Boolean {
        stops.remove(params.jobId)?.set(true)
        return true
    }

    /** Sends until there is nothing more to send now. Returns after how many milliseconds there may be, or `null`. */
    private fun deliver(
        milepost: Milepost, tracker: MilepostTracker, flush: Boolean, http: HttpTransport, stop: AtomicBoolean,
    ): Long? {
        milepost.setNetwork(network(this), system<BatteryManager>().isCharging)
        tracker.token()?.let(milepost::setToken)
        while (!stop.get() && !http.isCancelled) {
            when (val next = milepost.nextUpload(flush)) {
                is NextUpload.Send -> {
                    val wantsToken = milepost.uploadFinished(next.id, http.send(next))
                    tracker.refresh()
                    if (wantsToken) milepost.setToken(tracker.token() ?: return RETRY_MS)
                }
                is NextUpload.Wait -> return when (next.why) {
                    WaitReason.TOKEN -> if (tracker.token() == null) RETRY_MS else MIN_WAIT_MS
                    WaitReason.IN_FLIGHT, WaitReason.NETWORK -> RETRY_MS
                    WaitReason.BACKOFF, WaitReason.INTERVAL, WaitReason.PAUSED ->
                        (next.untilMs ?: return RETRY_MS).minus(System.currentTimeMillis()).coerceAtLeast(MIN_WAIT_MS)
                }
                NextUpload.Idle -> return null
            }
        }
        // The OS has stopped the job, and starts it again by itself; or whoever has cancelled it schedules another.
        return null
    }

    internal companion object {
        const val ID = 0x6d70
        const val FLUSH_ID = 0x6d71
        private const val FLUSH = "flush"

        /** After something went wrong that names no time. */
        private const val RETRY_MS = 15 * 60_000L

        /** Records come in flocks at the end of a trip: one job for all of them. */
        private const val MIN_WAIT_MS = 10_000L

        /** What the jobs of this process send by. */
        private val sending: MutableSet<HttpTransport> = ConcurrentHashMap.newKeySet()

        /**
         * Sends what waits in [afterMs] or later. One that is scheduled already stands, unless it is set [anew]: the
         * one that has just finished still counts.
         */
        fun schedule(context: Context, unmetered: Boolean, afterMs: Long = MIN_WAIT_MS, anew: Boolean = false) {
            val jobs = context.system<JobScheduler>()
            if (!anew && jobs.getPendingJob(ID) != null) return
            jobs.schedule(job(context, ID, unmetered).setMinimumLatency(afterMs).build())
        }

        /** Breaks off whatever is on its way in this process, and schedules another job for what is left. */
        fun cancel(context: Context, unmetered: Boolean) {
            sending.forEach(HttpTransport::cancel)
            val jobs = context.system<JobScheduler>()
            jobs.cancel(FLUSH_ID)
            schedule(context, unmetered, anew = true)
        }

        /** Sends everything as soon as there is a network. */
        fun scheduleNow(context: Context) {
            val extras = android.os.PersistableBundle().apply { putBoolean(FLUSH, true) }
            val jobs = context.system<JobScheduler>()
            jobs.schedule(job(context, FLUSH_ID, unmetered = false).setExtras(extras).build())
        }

        private fun job(context: Context, id: Int, unmetered: Boolean): JobInfo.Builder {
            val network = if (unmetered) JobInfo.NETWORK_TYPE_UNMETERED else JobInfo.NETWORK_TYPE_ANY
            return JobInfo.Builder(id, ComponentName(context, UploadJob::class.java))
                .setRequiredNetworkType(network)
                .setPersisted(true)
        }

        private fun network(context: Context): Network {
            val manager = context.system<ConnectivityManager>()
            val can = manager.getNetworkCapabilities(manager.activeNetwork)
            return when {
                can == null || !can.hasCapability(NetworkCapabilities.NET_CAPABILITY_INTERNET) -> Network.NONE
                can.hasCapability(NetworkCapabilities.NET_CAPABILITY_NOT_METERED) -> Network.UNMETERED
                else -> Network.METERED
            }
        }
    }
}
