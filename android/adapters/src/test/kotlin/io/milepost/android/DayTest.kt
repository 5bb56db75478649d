package io.milepost.android

import io.milepost.android.internal.Kept
import io.milepost.android.internal.TrackingService
import kotlinx.coroutines.runBlocking
import org.json.JSONObject
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config

/**
 * A courier's whole day of five hours on a phone, from sensors to server. At 25 Hz, not 100: Robolectric makes every
 * event by reflection, and the engine takes either.
 */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [34], manifest = Config.NONE)
class DayTest {
    private val server = Loopback()

    @After
    fun end() {
        MilepostTracker.reset()
        server.close()
    }

    @Test
    fun `given a courier's day when it is over then the server holds the records of milepost replay, and they are the day's`() {
        val phone = Phone()
        phone.online(metered = false)
        Kept(phone.app).recording = true
        val tracker = phone.onDuty(
            TrackerConfig.build {
                overridesJson = "{\"states\": true}"
                uploadUrl = server.url
            },
        )
        val service = Robolectric.buildService(TrackingService::class.java).create().startCommand(0, 1)
        val day = Phone.simulated("courier_day_25_hz", leavesNs = null, "--seed", "3")
        val noon = day.rows.last().tNs / 2
        val began = System.nanoTime()
        phone.play(day.rows.asSequence().takeWhile { it.tNs < noon }, Os(phone) { tracker }) { tracker }
        // Some of it goes while the day goes on, as it would.
        phone.runUploadJob(flush = true)
        assertTrue(server.held.isNotEmpty())
        phone.play(day.rows.asSequence().dropWhile { it.tNs < noon }, Os(phone) { tracker }) { tracker }
        val ours = runBlocking {
            checkNotNull(tracker.client()).call {
                endInput()
                flush()
                records().map { it.json }.toList()
            }
        }
        tracker.uploadNow()
        phone.runUploadJob(flush = true)
        service.destroy()
        MilepostTracker.reset()

        val recording = tracker.recordings.single()
        val replayed = Phone.replay(recording, recording.resolveSibling("replayed"))
        assertEquals(replayed, ours)
        val last = replayed.map(::JSONObject).groupBy { it.getString("id") }
            .mapValues { (_, revisions) -> revisions.maxBy { it.getInt("rev") }.toString() }
        // A track is a record for the server, and a file of its own (track.csv) for the command.
        val (tracks, records) = server.held.values.partition { it.getString("schema") == "milepost.track/1" }
        assertEquals(last.toSortedMap(), records.associate { it.getString("id") to it.toString() }.toSortedMap())
        assertTrue(tracks.isNotEmpty())

        val found = trips(ours.map(::JSONObject))
        val all = trips(day.records)
        println(
            "a day of ${day.rows.last().tNs / (3600.0 * Phone.SECOND_NS)} h: ${found.size} trips of ${all.size}, " +
                "${found.sum() / 1000} km of ${all.sum() / 1000}, ${last.size} records on the server, " +
                "${(System.nanoTime() - began) / Phone.SECOND_NS} s",
        )
        assertEquals(all.size, found.size)
        assertEquals(all.sum(), found.sum(), MISSED * all.sum())
    }

    /** How far each trip at the wheel went, at its last revision. */
    private fun trips(records: List<JSONObject>): List<Double> = Phone.ended(records)
        .filter { it.optString("mode") == "automotive" }
        .groupBy { it.getString("id") }.map { (_, revisions) -> revisions.maxBy { it.getInt("rev") }.getDouble("distance_m") }

    private companion object {
        /** Of all metres, the beginnings that the phone slept through before a fence fired. */
        const val MISSED = 0.1
    }
}
