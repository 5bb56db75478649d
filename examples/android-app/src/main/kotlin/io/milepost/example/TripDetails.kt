package io.milepost.example

import android.content.Context
import android.view.View
import io.milepost.TripAccount
import java.util.Locale

/** What a person may want to know of one trip: its way, what happened on it, and what its score is made of. */
class TripDetails(private val context: Context, private val look: Look) {
    fun of(trip: TripAccount): List<View> = buildList {
        add(TrackView(context, look, points(trip)))
        for (event in trip.events) {
            add(look.line(Words.event(event.type)).apply { setTextColor(look.warn) })
            add(look.note(detail(event)))
        }
        val categories = trip.score?.categories.orEmpty()
        if (categories.isNotEmpty()) add(look.line("What the score is made of"))
        for ((name, rating) in categories) {
            add(look.note("${name.replaceFirstChar { it.titlecase(Locale.ROOT) }}: ${said(rating)}"))
        }
    }

    /** Where the trip is known to have been: its ends, stops and events, in order. */
    private fun points(trip: TripAccount): List<TrackView.Point> {
        val ends = listOf(0.0 to trip.start, trip.durationS to trip.end)
        val stops = ends + trip.stops.map { it.startS to it.place }
        val places = stops.map { Triple(it.first, it.second, false) } + trip.events.map { Triple(it.startS, it.place, true) }
        return places.sortedBy { it.first }.mapNotNull { (_, place, isEvent) ->
            place?.let { TrackView.Point(it.lonDeg, it.latDeg, isEvent) }
        }
    }

    private fun detail(event: TripAccount.Event): String {
        val speed = event.speedMps?.let { "at ${kmh(it)} km/h" }
        val over = event.overMps?.let { "${kmh(it)} km/h over the limit" }
        val peak = event.peakMps2?.let { peak ->
            event.thresholdMps2?.let { String.format(Locale.ROOT, "%.1f m/s², from %.1f on it counts", peak, it) }
        }
        return listOfNotNull(speed, over, peak, event.severity).joinToString(" · ")
    }

    private fun said(rating: TripAccount.Rating): String {
        val value = rating.value ?: return Words.noScore(rating.reason)
        return String.format(Locale.ROOT, "%.0f of 100, over %.1f km", value, rating.exposureKm)
    }

    private fun kmh(mps: Double): Long = Math.round(mps * 3.6)
}
