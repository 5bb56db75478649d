package io.milepost

import io.milepost.core.Blocker
import io.milepost.core.MilepostException
import io.milepost.core.StoredRecord
import io.milepost.core.TrackPoint
import io.milepost.core.TripFilter
import io.milepost.core.TripPage
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.asCoroutineDispatcher
import kotlinx.coroutines.cancel
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.flowOn
import kotlinx.coroutines.flow.mapNotNull
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import java.io.File
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.Executor
import java.util.function.Consumer

/**
 * [Milepost] for coroutines and for Java: a state to look at, a flow of records, and reading off the caller's thread.
 * Takes the one listener of [Milepost] for itself; pushing goes to [milepost] directly.
 *
 * @param milepost stays open when this is closed
 * @param dispatcher where the database is read
 */
public class MilepostClient @JvmOverloads constructor(
    public val milepost: Milepost,
    private val dispatcher: CoroutineDispatcher = Dispatchers.IO,
) : AutoCloseable {
    private val scope = CoroutineScope(SupervisorJob() + dispatcher)

    /** Counts the rings; a slow reader sees the last one only. */
    private val rings = MutableStateFlow(0L)
    private val latest = MutableStateFlow(read())
    private val listeners = CopyOnWriteArrayList<(TrackingState) -> Unit>()

    /** What Milepost is doing, and what stands in its way. */
    public val state: StateFlow<TrackingState> = latest.asStateFlow()

    init {
        milepost.onChange { rings.value++ }
        scope.launch {
            rings.collect {
                val state = tried { read() } ?: return@collect
                if (state == latest.value) return@collect
                latest.value = state
                listeners.forEach { it(state) }
            }
        }
    }

    /**
     * Every record after [afterSeq], those that are there and those to come, in the order produced. It does not end by
     * itself. What was handled is said by [ack]; what was not comes again in the next process.
     */
    public fun records(afterSeq: Long): Flow<StoredRecord> = flow {
        var last = afterSeq
        rings.collect {
            milepost.records(last).forEach { record ->
                emit(record)
                last = record.seq
            }
        }
    }.flowOn(dispatcher)

    /** Every record that was not handled yet. */
    public fun records(): Flow<StoredRecord> = flow { records(call { acked() }).collect { emit(it) } }

    /** The host has handled every record up to [seq]. */
    @Throws(MilepostException::class)
    public suspend fun ack(seq: Long): Unit = call { ack(seq) }

    /** The newest trips, newest first. */
    @Throws(MilepostException::class)
    public suspend fun trips(limit: Int = TRIPS): List<StoredRecord> = call { trips(limit) }

    /** Everything about one trip: its revisions, stops, events and score. */
    @Throws(MilepostException::class)
    public suspend fun trip(id: String): List<StoredRecord> = call { trip(id) }

    /** The newest trips with all that a screen shows of them, now and whenever any of it changes. Does not end by itself. */
    @JvmOverloads
    public fun tripAccounts(limit: Int = ACCOUNTS): Flow<List<TripAccount>> = rings
        .mapNotNull { tried { trips(limit).mapNotNull { TripAccount.of(trip(it.id)) } } }
        .distinctUntilChanged().flowOn(dispatcher)

    /** Trips that match [filter], newest first, a page at a time. */
    @Throws(MilepostException::class)
    public suspend fun findTrips(filter: TripFilter): TripPage = call { findTrips(filter) }

    /** The smoothed points of a trip in order of time, those from [fromNs] to [toNs] where given. */
    @Throws(MilepostException::class)
    public suspend fun track(id: String, fromNs: Long? = null, toNs: Long? = null): List<TrackPoint> =
        call { track(id, fromNs, toNs) }

    /** What stands in the way of finding and keeping trips now, each with what the user can do about it. */
    @Throws(MilepostException::class)
    public suspend fun blockers(): List<Blocker> = call { blockers() }

    /** Returns when everything that was pushed before is decided and stored. */
    @Throws(MilepostException::class)
    public suspend fun flush(): Unit = call { flush() }

    /** Forgets everything of a driver, `null`: everything. See [Milepost.erase]. */
    @Throws(MilepostException::class)
    public suspend fun erase(driverId: String? = null): Unit = call { erase(driverId) }

    /** Writes all that is known of a driver, `null`: of everyone, into [file], one JSON object a line. How many lines. */
    @Throws(MilepostException::class)
    public suspend fun export(file: File, driverId: String? = null): Long = call { export(file, driverId) }

    /** Gives what a server has refused another chance: it is sent again. How many records. */
    @Throws(MilepostException::class)
    public suspend fun unpark(): Long = call { unpark() }

    /** Any other call that waits for the database, off the caller's thread. */
    @Throws(MilepostException::class)
    public suspend fun <T> call(call: Milepost.() -> T): T = withContext(dispatcher) { milepost.call() }

    /** For Java: [listener] hears of the state now and at every change, on [executor], until the result is closed. */
    public fun addStateListener(executor: Executor, listener: Consumer<TrackingState>): AutoCloseable {
        val tell = { state: TrackingState -> executor.execute { listener.accept(state) } }
        listeners.add(tell)
        tell(state.value)
        return AutoCloseable { listeners.remove(tell) }
    }

    /** Looks at the state again; for what changes without a ring, such as the outbox after an upload. */
    public fun refresh() {
        rings.value++
    }

    /** Stops listening. */
    override fun close() {
        scope.cancel()
        try {
            milepost.onChange(null)
        } catch (_: MilepostException) {
            // Closed before this: it rings nobody any more.
        }
    }

    private fun read() = TrackingState.parse(milepost.plan(), milepost.diagnostics())

    private fun <T> tried(read: Milepost.() -> T): T? = try {
        milepost.read()
    } catch (_: MilepostException) {
        // Suspended or closed meanwhile: what was read last stands, and the next ring reads again.
        null
    }

    public companion object {
        private const val TRIPS = 100

        /** A day's trips on a screen: each is read with all its records. */
        private const val ACCOUNTS = 20

        /** For Java: reads on [executor]. */
        @JvmStatic
        public fun on(milepost: Milepost, executor: Executor): MilepostClient =
            MilepostClient(milepost, executor.asCoroutineDispatcher())
    }
}
