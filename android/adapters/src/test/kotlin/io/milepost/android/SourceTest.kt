package io.milepost.android

import io.milepost.TripAccount
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit

/** What an app plugs in, and what it is shown. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [34], manifest = Config.NONE)
class SourceTest {
    private val phone = Phone()

    @After
    fun end() = MilepostTracker.reset()

    @Test
    fun `given another source of positions when driving then it alone is asked, by the plan, until it is taken out`() {
        val tracker = phone.onDuty()
        val source = Source()
        tracker.setLocationSource(source)
        tracker.settle()
        assertEquals(LOW_POWER, source.asked.single())
        var platform = false
        phone.play(
            Phone.drive.rows.asSequence().takeWhile { it.tNs < HALF_NS },
            { row ->
                if (row is Phone.Row.Fix) source.sink?.location(phone.location(row))
                platform = platform || phone.locations.locationUpdateListeners.isNotEmpty()
            },
        ) { tracker }
        assertTrue("the platform was asked too", !platform)
        assertEquals(1_000L to false, source.asked.last())
        assertTrue("${tracker.state.value}", tracker.state.value.tracking?.plan?.reason == "driving")
        tracker.setLocationSource(null)
        tracker.settle()
        assertEquals(null, source.sink)
        assertTrue(phone.locations.locationUpdateListeners.isNotEmpty())
    }

    @Test
    fun `given a drive when shown then the list of trips follows it, for Kotlin and Java, also through a new opening`() {
        val tracker = phone.onDuty()
        val heard = LinkedBlockingQueue<List<TripAccount>>()
        val listening = tracker.addTripsListener(Runnable::run, heard::add)
        assertEquals(emptyList<TripAccount>(), heard.poll(WAIT_S, TimeUnit.SECONDS))
        phone.play(Phone.drive.rows.asSequence().takeWhile { it.tNs < HALF_NS }) { tracker }
        val open = trips(tracker) { it.isNotEmpty() }.single()
        assertTrue("$open", open.isOpen)
        tracker.setRecording(true)
        tracker.settle()
        phone.play(Phone.drive.rows.asSequence().dropWhile { it.tNs < HALF_NS }) { tracker }
        tracker.stopTrip()
        tracker.settle()
        tracker.setDuty(false)
        tracker.settle()
        val ended = trips(tracker) { trips -> trips.any { it.score != null } }.single()
        assertEquals(open.id, ended.id)
        assertTrue("$ended", ended.distanceM > open.distanceM && ended.endedAtMs != null && ended.end != null)
        var last = heard.poll(WAIT_S, TimeUnit.SECONDS)
        while (last != null && last != listOf(ended)) last = heard.poll(WAIT_S, TimeUnit.SECONDS)
        assertEquals(listOf(ended), last)
        listening.close()
    }

    /** What hangs fails. */
    private fun trips(tracker: MilepostTracker, are: (List<TripAccount>) -> Boolean) =
        runBlocking { withTimeout(WAIT_S * 1_000) { tracker.trips().first(are) } }

    private class Source : LocationSource {
        val asked = mutableListOf<Pair<Long, Boolean>>()

        @Volatile
        var sink: LocationSource.Sink? = null

        override fun start(intervalMs: Long, lowPower: Boolean, sink: LocationSource.Sink) {
            asked += intervalMs to lowPower
            this.sink = sink
        }

        override fun stop() {
            sink = null
        }
    }

    private companion object {
        const val HALF_NS = 200 * Phone.SECOND_NS
        const val WAIT_S = 20L
        val LOW_POWER = 15 * 60_000L to true
    }
}
