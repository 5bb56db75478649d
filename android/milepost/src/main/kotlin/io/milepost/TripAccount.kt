package io.milepost

import io.milepost.core.StoredRecord
import io.milepost.internal.Json
import io.milepost.internal.double
import io.milepost.internal.long
import io.milepost.internal.obj
import io.milepost.internal.text

/**
 * Everything about one trip that a screen shows: the trip, its stops, events and score, each at its last revision. What
 * it leaves out is in the records themselves. Words are those of `docs/records.md`, and there may be new ones.
 */
public data class TripAccount(
    /** Of the trip, the same through all revisions. */
    public val id: String,
    /** `open`, `ended`, `discarded` */
    public val status: String,
    /** Means of transport: `automotive`, `cycling`, … */
    public val mode: String,
    /** Metres so far. */
    public val distanceM: Double,
    /** Seconds so far. */
    public val durationS: Double,
    /** When it began, epoch milliseconds; `null` while the wall clock is not known. */
    public val startedAtMs: Long?,
    /** When it ended; `null` while it is open, too. */
    public val endedAtMs: Long?,
    /** Where it began; `null` where nobody may know or nobody saw it. */
    public val start: Place?,
    /** Where it ended. */
    public val end: Place?,
    /** In the order of time. */
    public val stops: List<Stop>,
    /** In the order of time, without those that turned out to be none. */
    public val events: List<Event>,
    /** `null` while the trip is open. */
    public val score: Score?,
) {
    /** It goes on. */
    public val isOpen: Boolean get() = status == "open"

    /** A point on the earth, WGS84. */
    public data class Place(
        /** Degrees north. */
        public val latDeg: Double,
        /** Degrees east. */
        public val lonDeg: Double,
    )

    /** The vehicle stood. */
    public data class Stop(
        /** Why: `light`, `jam`, `delivery`, `break`, `unknown` */
        public val type: String,
        /** Since when, in seconds of the trip. */
        public val startS: Double,
        /** For how long. */
        public val durationS: Double,
        /** Where. */
        public val place: Place?,
    )

    /** Something happened on the way. */
    public data class Event(
        /** `driving.harsh_braking`, … */
        public val type: String,
        /** When it began, in seconds of the trip. */
        public val startS: Double,
        /** `low`, `medium`, `high` */
        public val severity: String?,
        /** Positions agree; others never enter a score. */
        public val isConfirmed: Boolean,
        /** How fast it was before, m/s. */
        public val speedMps: Double?,
        /** The largest acceleration, m/s². */
        public val peakMps2: Double?,
        /** From where on it counts, m/s². */
        public val thresholdMps2: Double?,
        /** Of speeding: how much over the limit, m/s. */
        public val overMps: Double?,
        /** Where, at its worst. */
        public val place: Place?,
    )

    /** How it was driven. */
    public data class Score(
        /** Of the whole. */
        public val overall: Rating,
        /** One by one, by name: `braking`, … */
        public val categories: Map<String, Rating>,
    )

    /** One number of a score. */
    public data class Rating(
        /** 0–100, 100 is best; `null`: there is none. */
        public val value: Double?,
        /** Why there is none: `too_short`, … */
        public val reason: String?,
        /** Kilometres that it rests on. */
        public val exposureKm: Double,
    )

    public companion object {
        /** From all that [Milepost.trip] gives; `null` where there is no trip in it. */
        @JvmStatic
        public fun of(records: List<StoredRecord>): TripAccount? {
            val last = records.groupBy { it.id }.values.map { revisions -> revisions.maxBy { it.rev } }
            fun bodies(kind: String) = last.filter { it.schema == "milepost.$kind/1" }.map { Json.obj(it.json) }
            val trip = bodies("trip").firstOrNull() ?: return null
            val startS = trip.double("start_t_s") ?: return null
            return TripAccount(
                id = trip.text("id") ?: return null,
                status = trip.text("status").orEmpty(),
                mode = trip.text("mode") ?: "unknown",
                distanceM = trip.double("distance_m") ?: 0.0,
                durationS = trip.double("duration_s") ?: 0.0,
                startedAtMs = trip.wallMs(startS),
                endedAtMs = trip.double("end_t_s")?.let { trip.wallMs(it) },
                start = trip.place("start"),
                end = trip.place("end"),
                stops = bodies("stop").map { stop(it, startS) }.sortedBy { it.startS },
                events = bodies("event").filter { it["cancelled"] == null }.map { event(it, startS) }.sortedBy { it.startS },
                score = bodies("score").firstOrNull()?.let(::score),
            )
        }

        private fun stop(stop: Map<*, *>, tripS: Double): Stop {
            val fromS = stop.double("start_t_s") ?: tripS
            return Stop(
                type = stop.text("class") ?: "unknown",
                startS = fromS - tripS,
                durationS = (stop.double("end_t_s") ?: fromS) - fromS,
                place = stop.place("position"),
            )
        }

        private fun event(event: Map<*, *>, tripS: Double) = Event(
            type = event.text("type").orEmpty(),
            startS = (event.double("start_t_s") ?: tripS) - tripS,
            severity = event.text("severity"),
            isConfirmed = event.text("status") == "confirmed",
            speedMps = event.double("speed_in_mps"),
            peakMps2 = event.double("peak_mps2"),
            thresholdMps2 = event.double("threshold_mps2"),
            overMps = event.double("over_mps"),
            place = event.place("position"),
        )

        private fun score(score: Map<*, *>): Score = Score(
            overall = rating(score.obj("overall")),
            categories = score.obj("categories").orEmpty().entries
                .associate { (name, rating) -> name.toString() to rating(rating as? Map<*, *>) },
        )

        private fun rating(rating: Map<*, *>?) =
            Rating(rating?.double("value"), rating?.text("reason"), rating?.double("exposure_km") ?: 0.0)

        private fun Map<*, *>.place(key: String): Place? {
            val (lon, lat) = (this[key] as? List<*>)?.filterIsInstance<Number>()?.takeIf { it.size == 2 } ?: return null
            return Place(lat.toDouble(), lon.toDouble())
        }

        /** The wall clock at [tS] of the axis, by when the record itself became true. */
        private fun Map<*, *>.wallMs(tS: Double): Long? {
            val (atMs, atS) = (long("occurred_at") ?: return null) to (double("t_s") ?: return null)
            return atMs + Math.round((tS - atS) * MS_PER_S)
        }

        private const val MS_PER_S = 1000
    }
}
