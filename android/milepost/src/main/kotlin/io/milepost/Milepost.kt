package io.milepost

import io.milepost.core.Blocker
import io.milepost.core.ChangeListener
import io.milepost.core.MilepostCore
import io.milepost.core.MilepostCoreInterface
import io.milepost.core.MilepostException
import io.milepost.core.Network
import io.milepost.core.NextUpload
import io.milepost.core.StoredRecord
import io.milepost.core.TrackPoint
import io.milepost.core.TripFilter
import io.milepost.core.TripPage
import io.milepost.core.UploadOutcome
import java.io.File
import java.nio.ByteBuffer

/**
 * Finds trips in what a phone senses, says how they were driven and keeps all of it until a server has it.
 *
 * Push what is sensed in batches with [FrameBuffer], be rung by [onChange], then [drain] and [ack]. Any thread may call
 * anything at any time. [flush], [suspend], [close] and whatever reads the database may take milliseconds: not on the
 * main thread. Every function may throw a [MilepostException]; after [close] it is [MilepostException.Closed].
 * Values and errors are in `io.milepost.core`.
 */
public class Milepost private constructor(private val core: MilepostCoreInterface) : AutoCloseable {
    /** Takes everything in [frames] and leaves it empty, whatever happens. Does not wait for the decisions. */
    @Throws(MilepostException::class)
    public fun push(frames: FrameBuffer) {
        if (frames.isEmpty) return
        try {
            core.push(frames.bytes())
        } finally {
            frames.clear()
        }
    }

    /**
     * Takes packed frames (`docs/ffi.md`) from a *direct* buffer, from its position to its limit; neither is changed.
     * If one frame cannot be read, none is taken.
     */
    @Throws(MilepostException::class)
    public fun push(frames: ByteBuffer) {
        // JNA hands over the address of the whole buffer; a slice begins at the position.
        val slice = if (frames.isDirect) frames.slice() else directCopy(frames)
        core.push(slice)
    }

    /** Says what became true at [tNs], on the axis of the frames. Never dropped. */
    @Throws(MilepostException::class)
    public fun signal(tNs: Long, kind: SignalKind, value: String) {
        core.command(tNs, kind.wireName, value)
    }

    /** Begins a trip now, whatever the sensors say. */
    @Throws(MilepostException::class)
    public fun startTrip(tNs: Long) {
        signal(tNs, SignalKind.COMMAND, "start_trip")
    }

    /** Ends the open trip now. */
    @Throws(MilepostException::class)
    public fun stopTrip(tNs: Long) {
        signal(tNs, SignalKind.COMMAND, "stop_trip")
    }

    /** The impact that was told a moment ago was none: the driver says so, within `impact_cancel_s`. */
    @Throws(MilepostException::class)
    public fun denyImpact(tNs: Long) {
        signal(tNs, SignalKind.COMMAND, "deny_impact")
    }

    /** Only replays: nothing more will come, so the open trip ends and the summary is written. */
    @Throws(MilepostException::class)
    public fun endInput() {
        core.endInput()
    }

    /** Returns when everything that was pushed before is decided and stored. */
    @Throws(MilepostException::class)
    public fun flush() {
        core.flush()
    }

    /** The next records after [afterSeq], in the order produced, at most [max]. The same ones again until [ack]. */
    @Throws(MilepostException::class)
    @JvmOverloads
    public fun drain(afterSeq: Long = 0, max: Int = PAGE): List<StoredRecord> = core.drain(afterSeq, max)

    /** Every record after [afterSeq] there is now, read in pages. */
    public fun records(afterSeq: Long = 0): Sequence<StoredRecord> = sequence {
        var last = afterSeq
        while (true) {
            val page = core.drain(last, PAGE)
            if (page.isEmpty()) break
            yieldAll(page)
            last = page.last().seq
        }
    }

    /** The host has handled every record up to [seq]. */
    @Throws(MilepostException::class)
    public fun ack(seq: Long) {
        core.ack(seq)
    }

    /** The number up to which the host has handled everything, through restarts. */
    @Throws(MilepostException::class)
    public fun acked(): Long = core.acked()

    /** The newest trips, newest first, each at its last revision; discarded ones are left out. */
    @Throws(MilepostException::class)
    @JvmOverloads
    public fun trips(limit: Int = PAGE): List<StoredRecord> = core.trips(limit)

    /** Everything about one trip: its revisions, stops, events and score. */
    @Throws(MilepostException::class)
    public fun trip(id: String): List<StoredRecord> = core.trip(id)

    /** Trips that match [filter], newest first, a page at a time: give [TripPage.next] as the next filter's `before`. */
    @Throws(MilepostException::class)
    public fun findTrips(filter: TripFilter): TripPage = core.findTrips(filter)

    /** The smoothed points of a trip in order of time, those from [fromNs] to [toNs] where given. */
    @Throws(MilepostException::class)
    @JvmOverloads
    public fun track(id: String, fromNs: Long? = null, toNs: Long? = null): List<TrackPoint> =
        core.track(id, fromNs, toNs)

    /**
     * What to send now; say how it went with [uploadFinished]. With [flush], what is neither urgent nor much goes too:
     * the app is about to go, or the driver asks.
     */
    @Throws(MilepostException::class)
    @JvmOverloads
    public fun nextUpload(flush: Boolean = false): NextUpload = core.nextUpload(flush)

    /** How an upload went. Returns whether the server wants another token. */
    @Throws(MilepostException::class)
    public fun uploadFinished(id: String, outcome: UploadOutcome): Boolean = core.uploadFinished(id, outcome)

    /**
     * Gives what a server has refused another chance, after an update of the app or of the server: it is sent again. How
     * many records.
     */
    @Throws(MilepostException::class)
    public fun unpark(): Long = core.unpark()

    /** The token that goes into every upload; `null` takes it away. */
    @Throws(MilepostException::class)
    public fun setToken(token: String?) {
        core.setToken(token)
    }

    /** What the phone is connected to, and whether it is on a charger: the rules of uploads ask for it. */
    @Throws(MilepostException::class)
    public fun setNetwork(network: Network, charging: Boolean) {
        core.setNetwork(network, charging)
    }

    /**
     * Forgets everything of a driver, `null`: everything, in the database, its log, recordings and memory; the open trip
     * ends. Bodies of uploads that the app keeps in files of its own are the app's to delete.
     */
    @Throws(MilepostException::class)
    @JvmOverloads
    public fun erase(driverId: String? = null) {
        core.erase(driverId)
    }

    /** Writes all that is known of a driver, `null`: of everyone, into [file], one JSON object a line. How many lines. */
    @Throws(MilepostException::class)
    @JvmOverloads
    public fun export(file: File, driverId: String? = null): Long = core.export(driverId, file.path)

    /** What stands in the way of finding and keeping trips now, each with what the user can do about it. */
    @Throws(MilepostException::class)
    public fun blockers(): List<Blocker> = core.blockers()

    /** What to sense, as JSON; `null` before the first input. */
    @Throws(MilepostException::class)
    public fun plan(): String = core.plan()

    /** Counters, blockers and what went wrong lately, as JSON. */
    @Throws(MilepostException::class)
    public fun diagnostics(): String = core.diagnostics()

    /**
     * Who is rung, on Milepost's own thread, when there is something to [drain] or the plan has changed; `null`:
     * nobody. It should hand over to a thread of its own and return. What it throws is logged and forgotten.
     */
    @Throws(MilepostException::class)
    public fun onChange(listener: Runnable?) {
        core.setListener(listener?.let(::Bell))
    }

    /** Writes everything down, and lets go of every lock on files (also where it could not), until [resume]. */
    @Throws(MilepostException::class)
    public fun suspend() {
        core.suspend()
    }

    /** Takes up work after [suspend]. */
    @Throws(MilepostException::class)
    public fun resume() {
        core.resume()
    }

    /** Writes everything down and stops. A second time does nothing. */
    @Throws(MilepostException::class)
    override fun close() {
        // The native object is left to the cleaner: a thread that is still calling gets Closed, not a dead handle.
        try {
            core.shutdown()
        } catch (_: MilepostException.Closed) {
        }
    }

    public companion object {
        /** Records in a page of [drain]: a few hundred kilobytes of JSON at most. */
        private const val PAGE = 256

        /** Opens the database in the folder of [config], restores what an earlier process left, and starts. */
        @JvmStatic
        @Throws(MilepostException::class)
        public fun open(config: MilepostConfig): Milepost = Milepost(MilepostCore.open(config.options()))
    }
}

private class Bell(private val listener: Runnable) : ChangeListener {
    override fun onChange() {
        listener.run()
    }
}

private fun directCopy(frames: ByteBuffer): ByteBuffer =
    ByteBuffer.allocateDirect(frames.remaining()).put(frames.duplicate()).flip()
