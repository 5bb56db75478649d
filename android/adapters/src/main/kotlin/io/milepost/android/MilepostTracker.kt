package io.milepost.android

import android.app.Activity
import android.app.Application
import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import android.content.IntentFilter
import android.os.Build
import android.os.Bundle
import android.os.Handler
import android.os.HandlerThread
import android.os.UserManager
import android.util.Log
import io.milepost.Milepost
import io.milepost.MilepostClient
import io.milepost.MilepostConfig
import io.milepost.SignalKind
import io.milepost.TrackingState
import io.milepost.TripAccount
import io.milepost.android.TrackerState.Service
import io.milepost.android.internal.Kept
import io.milepost.android.internal.Sensing
import io.milepost.android.internal.Sink
import io.milepost.android.internal.TrackingService
import io.milepost.android.internal.UploadJob
import io.milepost.android.internal.refusal
import io.milepost.android.internal.system
import io.milepost.core.MilepostException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.asCoroutineDispatcher
import kotlinx.coroutines.cancel
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.channelFlow
import kotlinx.coroutines.flow.collectLatest
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeoutOrNull
import org.json.JSONException
import org.json.JSONObject
import java.io.File
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.CountDownLatch
import java.util.concurrent.Executor
import java.util.concurrent.TimeUnit
import java.util.function.Consumer
import java.util.function.Supplier

/**
 * Milepost in an Android app: opens the core, senses what its plan asks for, keeps the foreground service up while the
 * person is on duty, and uploads. One for the process; [init] it in `Application.onCreate`.
 *
 * Every function returns at once and may be called from any thread, the main one included; the work is done on a
 * thread of its own. Nothing is sensed without [setConsent] and [setDuty].
 */
public class MilepostTracker internal constructor(private val context: Context) {
    private val kept = Kept(context)
    private val thread = HandlerThread("milepost-sensing").apply { start() }
    private val handler = Handler(thread.looper)
    private val now = MutableStateFlow(
        TrackerState(kept.onDuty, kept.consent, Service.Stopped, null, kept.recording, null),
    )
    private val listeners = CopyOnWriteArrayList<() -> Unit>()

    /** The open core; another one after [setRecording]. */
    private val clients = MutableStateFlow<MilepostClient?>(null)
    private var activitySource: ActivitySource? = null
    private var locationSource: LocationSource? = null

    @Volatile
    private var tokens: Supplier<String?> = Supplier { null }

    /** Everything below belongs to the sensing thread; [opened] is waited for by others. */
    private var sensing: Sensing? = null
    private var client: MilepostClient?
        get() = clients.value
        set(value) {
            clients.value = value
        }
    private var unsent = 0L

    @Volatile
    private var opened = CompletableDeferred<MilepostClient?>()

    /** As the app gave it, or the process before. */
    public val config: TrackerConfig get() = kept.config

    /** Everything that a screen has to show. */
    public val state: StateFlow<TrackerState> = now.asStateFlow()

    /** Where the database and the recordings are; not backed up, because it belongs to this phone. */
    public val dir: File = File(context.noBackupFilesDir, "milepost")

    /** Recorded drives, newest first, for `milepost replay`. The first may still be written to. */
    public val recordings: List<File>
        get() = dir.listFiles { file -> file.extension == "mprec" }.orEmpty().sortedByDescending { it.lastModified() }

    internal val isWanted: Boolean get() = kept.onDuty && kept.consent

    init {
        whenUnlocked { handler.post(::open) }
        (context as? Application)?.registerActivityLifecycleCallbacks(OnScreen())
    }

    /** The records and trips: waits until the core is open; `null` if it cannot be opened ([TrackerState.error]). */
    public suspend fun client(): MilepostClient? = opened.await()

    /** The newest trips with all that a screen shows of them, now and whenever any of it changes. Never ends by itself. */
    @JvmOverloads
    public fun trips(limit: Int = TRIPS): Flow<List<TripAccount>> =
        channelFlow { clients.collectLatest { it?.tripAccounts(limit)?.collect(::send) } }

    /** The person agrees to be tracked while on duty, or no longer does. */
    public fun setConsent(given: Boolean) {
        kept.consent = given
        now.update { it.copy(consent = given) }
        signal(SignalKind.CONSENT, if (given) "granted" else "revoked")
        resume()
    }

    /** The shift begins or ends. Call it with the app on the screen: from the background the OS refuses the service. */
    public fun setDuty(on: Boolean) {
        kept.onDuty = on
        now.update { it.copy(onDuty = on) }
        signal(SignalKind.DUTY, if (on) "on" else "off")
        if (on) resume() else endService()
    }

    /** Says anything else that the app knows: who drives, a tag, a call, the car's Bluetooth. */
    public fun signal(kind: SignalKind, value: String) {
        // It is true from now on, however long the core takes to open.
        val tNs = Sink.nowNs()
        sense({ it.sink.signal(kind, value, tNs) })
    }

    /** Begins a trip now, whatever the sensors say. */
    public fun startTrip(): Unit = signal(SignalKind.COMMAND, "start_trip")

    /** Ends the open trip now. */
    public fun stopTrip(): Unit = signal(SignalKind.COMMAND, "stop_trip")

    /** The impact that was told a moment ago was none: the driver says so. */
    public fun denyImpact(): Unit = signal(SignalKind.COMMAND, "deny_impact")

    /** Records everything that is sensed from now on, or stops; the core is opened anew for it. */
    public fun setRecording(on: Boolean) {
        kept.recording = on
        now.update { it.copy(recording = on) }
        post(::reopen)
    }

    /** Who knows the upload token; asked on a thread of its own, also when the server has refused the last one. */
    public fun setTokenSource(source: Supplier<String?>) {
        tokens = source
    }

    /** Activity recognition beside the phone's steps, for apps with Play Services. Set it right after [init]. */
    public fun setActivitySource(source: ActivitySource?): Unit = post {
        activitySource = source
        if (sensing != null) reopen()
    }

    /** Where positions come from; `null`: the OS's own manager. Set it right after [init]. */
    public fun setLocationSource(source: LocationSource?): Unit = post {
        locationSource = source
        if (sensing != null) reopen()
    }

    /** Sends everything that waits as soon as there is a network: the driver asks for it. */
    public fun uploadNow(): Unit = UploadJob.scheduleNow(context)

    /** Forgets everything of a driver, `null`: everything, and what is on its way to the server. Throws where it could not. */
    @Throws(MilepostException::class)
    public suspend fun erase(driverId: String? = null) {
        val client = client() ?: throw MilepostException.Storage(state.value.error ?: "not open")
        cancelUploads()
        client.erase(driverId)
        // Another job may have begun meanwhile, with what is erased now.
        cancelUploads()
    }

    /**
     * Looks again at what may have changed, and tries again what was refused. Called by itself when the app comes to
     * the screen, after a restart of the phone and at every wake-up.
     */
    public fun resume() {
        if (!isWanted) return endService()
        if (now.value.service == Service.Running) return
        now.update { it.copy(service = Service.Starting) }
        val refused = refusal { context.startForegroundService(Intent(context, TrackingService::class.java)) }
        if (refused != null) serviceAnswered(refused)
    }

    /** For Java: [listener] hears of the state now and at every change, on [executor], until the result is closed. */
    public fun addStateListener(executor: Executor, listener: Consumer<TrackerState>): AutoCloseable {
        val tell = { executor.execute { listener.accept(now.value) } }
        listeners.add(tell)
        tell()
        return AutoCloseable { listeners.remove(tell) }
    }

    /** For Java: [listener] hears of [trips] on [executor], until the result is closed. */
    @JvmOverloads
    public fun addTripsListener(
        executor: Executor,
        listener: Consumer<List<TripAccount>>,
        limit: Int = TRIPS,
    ): AutoCloseable {
        val scope = CoroutineScope(executor.asCoroutineDispatcher())
        scope.launch { trips(limit).collect(listener::accept) }
        return AutoCloseable { scope.cancel() }
    }

    internal fun serviceAnswered(refused: Service.Refused?) {
        if (refused != null) Log.i(Sink.TAG, "no foreground service: ${refused.why} ${refused.reason}")
        now.update { it.copy(service = refused ?: Service.Running) }
        changed()
    }

    internal fun serviceEnded() {
        now.update { if (it.service is Service.Refused) it else it.copy(service = Service.Stopped) }
        changed()
    }

    internal fun token(): String? = tokens.get()

    internal fun refresh() {
        post { client?.refresh() }
    }

    /** Does [work] on the sensing thread once the core is open, and [then] in any case. */
    internal fun sense(work: (Sensing) -> Unit, then: () -> Unit = {}): Unit = post {
        sensing?.let(work)
        then()
    }

    /** For a thread that may wait; `null` if the core cannot be opened in time. */
    internal fun awaitMilepost(): Milepost? =
        runBlocking { withTimeoutOrNull(OPEN_MS) { opened.await()?.milepost } }

    /** Waits until all that was sensed is decided and the plan that follows is obeyed: a test's time runs faster. */
    internal fun settle() {
        val done = CountDownLatch(1)
        sense({ sensing ->
            sensing.sink.push()
            client?.run {
                milepost.flush()
                follow(TrackingState.parse(milepost.plan(), milepost.diagnostics()))
            }
        }, then = done::countDown)
        check(done.await(OPEN_MS, TimeUnit.MILLISECONDS)) { "the sensing thread hangs" }
    }

    /** Writes everything down and stops: the process ends, or a test. */
    internal fun shutdown() {
        post(::close)
        thread.quitSafely()
        thread.join()
    }

    private fun cancelUploads() {
        if (config.uploadUrl != null) UploadJob.cancel(context, config.unmeteredOnly)
    }

    private fun post(work: () -> Unit) {
        handler.post(work)
    }

    private fun reopen() {
        close()
        opened = CompletableDeferred()
        open()
    }

    private fun open() {
        if (sensing != null) return
        try {
            val milepost = Milepost.open(coreConfig())
            val client = MilepostClient(milepost)
            val sensing = Sensing(context, milepost, handler, locationSource)
            this.sensing = sensing
            sensing.start(activitySource)
            // A snapshot may be older than what the person has said since.
            sensing.sink.signal(SignalKind.CONSENT, if (kept.consent) "granted" else "revoked")
            sensing.sink.signal(SignalKind.DUTY, if (kept.onDuty) "on" else "off")
            now.update { it.copy(error = null) }
            this.client = client
            client.addStateListener({ handler.post(it) }, ::follow)
            opened.complete(client)
        } catch (e: MilepostException) {
            Log.w(Sink.TAG, "cannot be opened: $e")
            now.update { it.copy(error = e.toString()) }
            opened.complete(null)
        }
        changed()
    }

    private fun follow(state: TrackingState) {
        sensing?.follow(state.plan)
        now.update { it.copy(tracking = state) }
        if (state.unsent > unsent && config.uploadUrl != null) UploadJob.schedule(context, config.unmeteredOnly)
        unsent = state.unsent
        changed()
    }

    private fun close() {
        sensing?.stop()
        sensing = null
        val closing = client ?: return
        client = null
        closing.close()
        try {
            closing.milepost.close()
        } catch (e: MilepostException) {
            Log.w(Sink.TAG, "cannot be closed: $e")
        }
    }

    private fun endService() {
        context.stopService(Intent(context, TrackingService::class.java))
        now.update { it.copy(service = Service.Stopped) }
        changed()
    }

    private fun changed() = listeners.forEach { it() }

    private fun coreConfig(): MilepostConfig {
        val config = kept.config
        val overrides = try {
            JSONObject(config.overridesJson)
        } catch (_: JSONException) {
            // Left as it is: the core refuses it and says why.
            null
        }
        // A phone's host says both; a replay assumes them.
        overrides?.put("assume_consent", false)?.put("assume_duty", false)
        return MilepostConfig(dir).apply {
            preset = config.preset
            overridesJson = overrides?.toString() ?: config.overridesJson
            seed = config.seed
            device = "${Build.MANUFACTURER} ${Build.MODEL}"
            uploadUrl = config.uploadUrl
            record = kept.recording
        }
    }

    /** Right after a restart the phone's storage is locked until the person unlocks it once. */
    private fun whenUnlocked(then: () -> Unit) {
        if (context.system<UserManager>().isUserUnlocked) return then()
        val receiver = object : BroadcastReceiver() {
            override fun onReceive(c: Context, intent: Intent) {
                context.unregisterReceiver(this)
                then()
                resume()
            }
        }
        context.registerReceiver(receiver, IntentFilter(Intent.ACTION_USER_UNLOCKED))
    }

    /** The app came to the screen: a permission may have changed in the settings, and the service may start now. */
    private inner class OnScreen : Application.ActivityLifecycleCallbacks {
        override fun onActivityResumed(activity: Activity) {
            sense({ it.look() })
            resume()
        }

        override fun onActivityCreated(activity: Activity, state: Bundle?) = Unit
        override fun onActivityStarted(activity: Activity) = Unit
        override fun onActivityPaused(activity: Activity) = Unit
        override fun onActivityStopped(activity: Activity) = Unit
        override fun onActivitySaveInstanceState(activity: Activity, state: Bundle) = Unit
        override fun onActivityDestroyed(activity: Activity) = Unit
    }

    public companion object {
        /** A database is open in milliseconds; one that is migrated takes longer. */
        private const val OPEN_MS = 30_000L

        /** A day's on a screen. */
        private const val TRIPS = 20

        private var instance: MilepostTracker? = null

        /** Keeps [config] and begins. A config that differs from the last is taken at the next start of the process. */
        @JvmStatic
        public fun init(context: Context, config: TrackerConfig): MilepostTracker {
            Kept(context).config = config
            return get(context).also { it.resume() }
        }

        /** The one of this process. */
        @JvmStatic
        @Synchronized
        public fun get(context: Context): MilepostTracker =
            instance ?: MilepostTracker(context.applicationContext).also { instance = it }

        /** Ends this process's one, as a kill would but in order: the next [get] makes another. For tests of apps. */
        @Synchronized
        internal fun reset() {
            instance?.shutdown()
            instance = null
        }
    }
}
