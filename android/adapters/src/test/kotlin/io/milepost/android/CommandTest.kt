package io.milepost.android

import kotlinx.coroutines.runBlocking
import org.json.JSONObject
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config

/** What a person says by hand: trips begun and ended, impacts denied; and what is said in vain. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [34], manifest = Config.NONE)
class CommandTest {
    private val phone = Phone()

    @After
    fun end() = MilepostTracker.reset()

    @Test
    fun `given a vehicle that stands when a trip is begun and ended by hand then it is as long as was said`() {
        val tracker = phone.onDuty()
        play(0, BEGUN, tracker)
        tracker.startTrip()
        play(BEGUN, ENDED, tracker)
        assertTrue(trips(tracker).single().getString("status") == "open")
        tracker.stopTrip()
        tracker.settle()
        val records = tracker.finish().map(::JSONObject)
        val trip = records.last { it.getString("schema") == TRIP }
        assertEquals("ended" to "command", trip.getString("status") to trip.getString("end_reason"))
        assertEquals(axisS(BEGUN), trip.getDouble("start_t_s"), 1.0)
        assertEquals(axisS(ENDED), trip.getDouble("end_t_s"), 1.0)
        assertTrue(trip.getDouble("distance_m") > 500)
    }

    @Test
    fun `given a trip ended by hand when it is ended again, or begun twice, then each counts once`() {
        val tracker = phone.onDuty()
        play(0, BEGUN, tracker)
        tracker.startTrip()
        tracker.startTrip()
        play(BEGUN, ENDED, tracker)
        tracker.stopTrip()
        play(ENDED, ENDED + LATE, tracker)
        val once = trips(tracker)
        assertEquals("command", once.single { it.getString("status") == "ended" }.getString("end_reason"))
        tracker.stopTrip()
        play(ENDED + LATE, ENDED + 2 * LATE, tracker)
        assertEquals(once.map { it.toString() }, trips(tracker).map { it.toString() })
        // The driver has said that it is over: what they drive on is no trip before they have stood.
        assertEquals(1, trips(tracker).map { it.getString("id") }.toSet().size)
        tracker.startTrip()
        play(ENDED + 2 * LATE, ENDED + 4 * LATE, tracker)
        assertEquals(2, trips(tracker).map { it.getString("id") }.toSet().size)
    }

    @Test
    fun `given nothing to end and nothing to deny when it is said then nothing is recorded, and nothing breaks`() {
        val tracker = phone.onDuty()
        tracker.stopTrip()
        tracker.denyImpact()
        tracker.signal(io.milepost.SignalKind.COMMAND, "fly")
        play(0, BEGUN, tracker)
        val said = tracker.finish().map(::JSONObject).map { it.getString("schema") }.toSet()
        assertTrue("$said", said.none { it == TRIP || it == EVENT })
        assertEquals(null, tracker.state.value.error)
    }

    @Test
    fun `given a person off duty or without consent when a trip is begun then there is none, nor later on duty`() {
        val tracker = phone.onDuty()
        val said = listOf<() -> Unit>(
            { tracker.setDuty(false) }, tracker::startTrip, { tracker.setDuty(true) },
            { tracker.setConsent(false) }, tracker::startTrip, { tracker.setConsent(true) },
        )
        said.forEachIndexed { second, say ->
            phone.play(sequenceOf(Phone.Row.Pause(second * Phone.SECOND_NS))) { tracker }
            say()
        }
        play(said.size.toLong(), BEGUN, tracker)
        assertEquals(emptyList<JSONObject>(), tracker.finish().map(::JSONObject).filter { it.getString("schema") == TRIP })
    }

    @Test
    fun `given an impact when the driver denies it then it is cancelled, and denied again it stays so`() {
        val tracker = phone.onDuty()
        val toldS = untilTold(tracker)
        tracker.denyImpact()
        play(toldS + LATE, toldS + 3 * LATE, tracker, crash)
        val cancelled = impacts(tracker).last()
        assertEquals("denied" to "unconfirmed", cancelled.getString("cancelled") to cancelled.getString("status"))
        tracker.denyImpact()
        tracker.settle()
        assertEquals(cancelled.toString(), tracker.finish().map(::JSONObject).last(::isImpact).toString())
    }

    @Test
    fun `given an impact when the driver denies it too late then it stands`() {
        val tracker = phone.onDuty()
        val toldS = untilTold(tracker)
        play(toldS + LATE, toldS + TOO_LATE, tracker, crash)
        tracker.denyImpact()
        tracker.settle()
        val impact = tracker.finish().map(::JSONObject).last(::isImpact)
        assertTrue("$impact", impact.isNull("cancelled"))
        assertEquals("confirmed", impact.getString("status"))
    }

    /** Drives into the impact and on until it is told, in seconds of the drive. */
    private fun untilTold(tracker: MilepostTracker): Long {
        val toldS = crash.toldNs(crash.records.first(::isImpact)) / Phone.SECOND_NS + 1
        play(0, toldS + LATE, tracker, crash)
        val told = impacts(tracker).single()
        assertTrue("$told", told.isNull("cancelled"))
        return toldS
    }

    private fun play(fromS: Long, untilS: Long, tracker: MilepostTracker, drive: Phone.Drive = Phone.drive) = phone.play(
        drive.rows.asSequence().filter { it.tNs >= fromS * Phone.SECOND_NS && it.tNs < untilS * Phone.SECOND_NS },
    ) { tracker }

    private fun axisS(driveS: Long): Double = (phone.originNs / Phone.SECOND_NS + driveS).toDouble()

    private fun isImpact(record: JSONObject) = record.getString("schema") == EVENT && record.getString("type") == "driving.impact"

    private fun impacts(tracker: MilepostTracker) = records(tracker).filter(::isImpact)

    private fun trips(tracker: MilepostTracker) = records(tracker).filter { it.getString("schema") == TRIP }
        .groupBy { it.getString("id") }.values.map { revisions -> revisions.last() }

    private fun records(tracker: MilepostTracker): List<JSONObject> = runBlocking {
        checkNotNull(tracker.client()).call { records().map { JSONObject(it.json) }.toList() }
    }

    private companion object {
        const val TRIP = "milepost.trip/1"
        const val EVENT = "milepost.event/1"

        /** Before the simulated driver drives off, and in the middle of the drive: seconds of it. */
        const val BEGUN = 20L
        const val ENDED = 150L

        /** What is decided is known so much later: the engine waits for streams that are late. */
        const val LATE = 12L

        /** Longer than `impact_cancel_s`. */
        const val TOO_LATE = 45L

        val crash: Phone.Drive by lazy { Phone.simulated("rear_end", 60 * Phone.SECOND_NS, "--seed", "1") }
    }
}
