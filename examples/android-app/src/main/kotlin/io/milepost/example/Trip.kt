package io.milepost.example

import io.milepost.core.StoredRecord
import org.json.JSONArray
import org.json.JSONObject
import java.text.DateFormat
import java.util.Date
import java.util.Locale

/** A trip as a screen wants it, from the records about it. */
class Trip(
    val id: String,
    val isOpen: Boolean,
    val distanceM: Double,
    private val durationS: Double,
    private val endedAtMs: Long?,
    val events: List<Event>,
    val score: Int?,
    val categories: List<Pair<String, String>>,
    val points: List<Point>,
) {
    /** Something on the way: when, what, how hard. */
    class Event(val type: String, val detail: String)

    /** Where the trip is known to have been: its ends, stops and events, in order. */
    class Point(val tS: Double, val lon: Double, val lat: Double, val isEvent: Boolean)

    val title: String
        get() = String.format(Locale.ROOT, "%.1f km, %d min", distanceM / 1000, Math.round(durationS / 60))

    val subtitle: String
        get() = if (isOpen) "now" else endedAtMs?.let { "ended at " + TIME.format(Date(it)) } ?: "ended"

    companion object {
        private val TIME = DateFormat.getTimeInstance(DateFormat.SHORT)

        /** From [records], everything that the SDK has about one trip. */
        fun of(records: List<StoredRecord>): Trip? {
            val last = records.groupBy { it.id }.map { (_, revs) -> JSONObject(revs.maxBy { it.rev }.json) }
            fun all(schema: String) = last.filter { it.getString("schema") == schema }
            val trip = all("milepost.trip/1").firstOrNull() ?: return null
            val events = all("milepost.event/1").sortedBy { it.getDouble("start_t_s") }
            val score = all("milepost.score/1").firstOrNull()
            val ends = listOfNotNull(
                trip.point("start", trip.getDouble("start_t_s")),
                trip.point("end", trip.optDouble("end_t_s")),
            )
            val between = all("milepost.stop/1").mapNotNull { it.point("position", it.getDouble("start_t_s")) } +
                events.mapNotNull { it.point("position", it.getDouble("start_t_s"), isEvent = true) }
            return Trip(
                id = trip.getString("id"),
                isOpen = trip.getString("status") == "open",
                distanceM = trip.getDouble("distance_m"),
                durationS = trip.getDouble("duration_s"),
                endedAtMs = trip.optLong("occurred_at").takeIf { it != 0L },
                events = events.map { Event(it.getString("type"), detail(it)) },
                score = score?.getJSONObject("overall")?.optDouble("value")?.takeIf { !it.isNaN() }?.toInt(),
                categories = score?.getJSONObject("categories")?.let(::categories).orEmpty(),
                points = (ends + between).sortedBy { it.tS },
            )
        }

        private fun JSONObject.point(key: String, tS: Double, isEvent: Boolean = false): Point? {
            val at: JSONArray = optJSONArray(key) ?: return null
            return Point(tS, at.getDouble(0), at.getDouble(1), isEvent)
        }

        private fun detail(event: JSONObject): String {
            val mps = event.optDouble("speed_in_mps").takeIf { !it.isNaN() }
            val speed = mps?.let { "at ${Math.round(it * 3.6)} km/h" }
            val peak = event.optDouble("peak_mps2").takeIf { !it.isNaN() }?.let { peak ->
                String.format(Locale.ROOT, "%.1f m/s², from %.1f on it counts", peak, event.optDouble("threshold_mps2"))
            }
            return listOfNotNull(speed, peak, event.getString("severity")).joinToString(" · ")
        }

        private fun categories(all: JSONObject): List<Pair<String, String>> = all.keys().asSequence().map { name ->
            val one = all.getJSONObject(name)
            val value = one.optDouble("value")
            val said = if (value.isNaN()) Words.noScore(one.optString("reason")) else {
                String.format(Locale.ROOT, "%.0f of 100, over %.1f km", value, one.getDouble("exposure_km"))
            }
            name.replaceFirstChar { it.titlecase(Locale.ROOT) } to said
        }.toList()
    }
}
