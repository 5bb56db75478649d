package io.milepost.android

/**
 * Tells what the person does: the OS's steps are built in; an app with Play Services can plug its activity recognition
 * in, by [MilepostTracker.setActivitySource].
 */
public interface ActivitySource {
    /** Begins to tell [sink]; called again only after [stop]. May be called while the app is in the background. */
    public fun start(sink: Sink)

    /** Stops telling. */
    public fun stop()

    /** Who is told; from any thread. */
    public interface Sink {
        /** `still walking running cycling automotive unknown`, with 0–1 or NaN, when on `elapsedRealtimeNanos`. */
        public fun activity(tNs: Long, activity: String, confidence: Float)

        /** Steps since the phone was started. */
        public fun steps(tNs: Long, sinceBoot: Long)
    }
}
