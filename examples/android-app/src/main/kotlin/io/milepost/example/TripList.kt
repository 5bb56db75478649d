package io.milepost.example

import android.view.View
import io.milepost.TripAccount
import io.milepost.android.MilepostTracker
import java.text.DateFormat
import java.util.Date
import java.util.Locale

/** Shows trips, newest first and as they change; the one that is tapped with its [details]. */
class TripList(private val look: Look, private val details: (TripAccount) -> List<View>) {
    val view = look.column()
    private var openTrip: String? = null

    suspend fun follow(tracker: MilepostTracker) = tracker.trips().collect(::show)

    private fun show(trips: List<TripAccount>) {
        view.removeAllViews()
        if (trips.isEmpty()) view.addView(look.card(look.note("None yet. They appear by themselves when you drive.")))
        for (trip in trips) view.addView(card(trip) { show(trips) })
    }

    private fun card(trip: TripAccount, again: () -> Unit): View {
        val isOpen = trip.id == openTrip
        val title = String.format(Locale.ROOT, "%.1f km, %d min", trip.distanceM / 1000, Math.round(trip.durationS / 60))
        val score = trip.score?.overall?.value?.let { " · score ${it.toInt()}" }.orEmpty()
        val ended = trip.endedAtMs?.let { "ended at " + DateFormat.getTimeInstance(DateFormat.SHORT).format(Date(it)) }
        val subtitle = ended ?: if (trip.isOpen) "now" else "ended"
        val card = look.card(look.line(title + score), look.note(subtitle + if (isOpen) "" else " · tap for more"))
        card.contentDescription = "Trip of $title, $subtitle"
        card.setOnClickListener {
            openTrip = if (isOpen) null else trip.id
            again()
        }
        if (isOpen) details(trip).forEach(card::addView)
        return card
    }
}
