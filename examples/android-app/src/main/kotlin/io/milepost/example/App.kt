package io.milepost.example

import android.app.Application
import io.milepost.Preset
import io.milepost.android.MilepostTracker
import io.milepost.android.TrackerConfig

/** All that it takes to track: the rest of this app shows it. */
class App : Application() {
    override fun onCreate() {
        super.onCreate()
        MilepostTracker.init(this, CONFIG)
    }

    companion object {
        val CONFIG = TrackerConfig.build {
            preset = Preset.COURIER
            notificationTitle = "On duty"
            notificationText = "Your trips are being found. End your shift in the app."
        }
    }
}
