package io.milepost.example

import android.app.Activity
import android.content.Intent
import android.os.Build
import android.os.Bundle
import android.provider.Settings
import android.view.View
import android.widget.ScrollView
import android.widget.Switch
import io.milepost.TrackingState.Blocker
import io.milepost.android.MilepostTracker
import io.milepost.android.Permissions
import io.milepost.android.TrackerState
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.asCoroutineDispatcher
import kotlinx.coroutines.cancel
import kotlinx.coroutines.flow.collectLatest
import kotlinx.coroutines.launch
import java.util.concurrent.Executor

/** The one screen: the shift, what stands in its way, today's trips, what waits for upload, and recordings. */
class MainActivity : Activity() {
    private val scope = CoroutineScope(SupervisorJob() + Executor { runOnUiThread(it) }.asCoroutineDispatcher())
    private val tracker by lazy { MilepostTracker.get(this) }
    private val look by lazy { Look(this) }
    private val page by lazy { look.column() }
    private val trips by lazy { TripList(look, TripDetails(this, look)::of) }

    override fun onCreate(saved: Bundle?) {
        // The manifest's is for the Androids that know no dark.
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.Q) setTheme(android.R.style.Theme_DeviceDefault_DayNight)
        super.onCreate(saved)
        title = "Milepost"
        val inside = look.px(16f).toInt()
        page.setPadding(inside, inside, inside, inside)
        setContentView(ScrollView(this).apply {
            setBackgroundColor(look.page)
            addView(page)
            fitsSystemWindows = true
        })
        scope.launch { tracker.state.collectLatest(::show) }
        scope.launch { trips.follow(tracker) }
    }

    override fun onResume() {
        super.onResume()
        show(tracker.state.value)
    }

    override fun onDestroy() {
        scope.cancel()
        super.onDestroy()
    }

    override fun onRequestPermissionsResult(code: Int, permissions: Array<out String>, results: IntArray) {
        tracker.resume()
        show(tracker.state.value)
    }

    private fun show(state: TrackerState) {
        page.removeAllViews()
        page.addView(duty(state))
        Permissions.of(this).next?.let { page.addView(permission(it)) }
        state.tracking?.blockers.orEmpty().filter { it.name !in ELSEWHERE }.forEach { page.addView(blocker(it)) }
        page.addView(look.title("Trips").apply { setPadding(0, look.px(20f).toInt(), 0, 0) })
        page.addView(trips.view)
        page.addView(uploads(state))
        page.addView(recordings(state))
    }

    private fun duty(state: TrackerState): View {
        val switch = Switch(this).apply {
            text = "On duty"
            textSize = 18f
            setTextColor(look.text)
            minHeight = look.px(48f).toInt()
            isChecked = state.onDuty
            contentDescription = "On duty: your trips are recorded while it is on"
            setOnCheckedChangeListener { _, on -> tracker.setDuty(on) }
        }
        val refused = Words.service(state.service)?.let { look.note(it, look.warn) }
        return look.card(switch, look.line(Words.doing(state)), refused)
    }

    private fun permission(step: Permissions.Step): View = look.card(
        look.line(Words.step(step)),
        look.button("Continue") { Permissions.request(this, REQUEST) },
        look.note("If nothing happens, it was refused before: allow it in the settings."),
        look.button("Settings") { open(Permissions.settings(this)) },
    )

    private fun blocker(blocker: Blocker): View {
        val (words, help) = Words.blocker(blocker.name)
        return look.card(
            look.line(words).apply { setTextColor(look.warn) },
            help?.let { look.button(it) { help(blocker) } },
        )
    }

    private fun help(blocker: Blocker) = when (blocker.remedy) {
        "ask_for_consent" -> tracker.setConsent(true)
        "turn_location_on" -> open(Intent(Settings.ACTION_LOCATION_SOURCE_SETTINGS))
        "set_clock_automatically" -> open(Intent(Settings.ACTION_DATE_SETTINGS))
        "free_storage" -> open(Intent(Settings.ACTION_INTERNAL_STORAGE_SETTINGS))
        else -> open(Permissions.settings(this))
    }

    private fun uploads(state: TrackerState): View {
        val waiting = state.tracking?.unsent ?: 0
        val to = if (tracker.config.uploadUrl == null) " No server is set." else ""
        return look.card(
            look.line(if (waiting == 0L) "Everything is uploaded." else "$waiting records wait for upload."),
            if (to.isEmpty() && waiting > 0) look.button("Send now", tracker::uploadNow) else look.note("Kept here.$to"),
        )
    }

    private fun recordings(state: TrackerState): View {
        val newest = tracker.recordings.firstOrNull()
        return look.card(
            look.line("Record a drive"),
            look.note("Writes down everything that is sensed, for “milepost replay” on a laptop. It holds where you were."),
            look.button(if (state.recording) "Stop recording" else "Record") { tracker.setRecording(!state.recording) },
            newest?.takeIf { !state.recording }?.let { file ->
                look.button("Share ${file.name}") { open(RecordingProvider.share(file)) }
            },
        )
    }

    private fun open(intent: Intent) {
        if (intent.resolveActivity(packageManager) != null) startActivity(intent)
    }

    private companion object {
        const val REQUEST = 1

        /** Said by the switch and the permission card already. */
        val ELSEWHERE = setOf("off_duty", "permission_denied", "permission_while_in_use", "reduced_accuracy")
    }
}
