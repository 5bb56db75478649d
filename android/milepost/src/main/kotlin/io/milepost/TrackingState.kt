package io.milepost

import io.milepost.internal.Json
import io.milepost.internal.long
import io.milepost.internal.obj
import io.milepost.internal.text

/** What Milepost is doing, and what stands in its way. */
public data class TrackingState(
    /** What it wants to be sensed; its `reason` is what it is doing: `idle`, `driving`, … */
    public val plan: SensingPlan,
    /** Empty when all is well. */
    public val blockers: List<Blocker>,
    /** Records that no server has yet. */
    public val unsent: Long,
    /** Records that the server refused. */
    public val parked: Long,
    /** Why capture gave itself up so as not to take the app down; `null`: it did not. */
    public val disabled: String?,
) {
    /** Whether a trip is going on or about to. */
    public val isMoving: Boolean get() = plan.reason in MOVING

    /** One thing that stands in the way; the words are those of `docs/records.md`. */
    public data class Blocker(
        /** `no_consent`, `permission_denied`, … */
        public val name: String,
        /** What to do about it: `ask_for_consent`, `allow_location`, …; `null` where nobody can. */
        public val remedy: String?,
    )

    public companion object {
        private val MOVING = setOf("candidate", "driving", "standing", "stop_timeout")

        /** From what [Milepost.plan] and [Milepost.diagnostics] say. */
        @JvmStatic
        public fun parse(plan: String, diagnostics: String): TrackingState {
            val all = Json.obj(diagnostics)
            val remedies = all.obj("remedies").orEmpty()
            val names = (all["blockers"] as? List<*>).orEmpty().filterIsInstance<String>()
            return TrackingState(
                plan = SensingPlan.parse(plan),
                blockers = names.map { Blocker(it, remedies[it] as? String) },
                unsent = all.obj("outbox")?.long("unsent") ?: 0,
                parked = all.obj("outbox")?.long("parked") ?: 0,
                disabled = all.text("disabled"),
            )
        }
    }
}
