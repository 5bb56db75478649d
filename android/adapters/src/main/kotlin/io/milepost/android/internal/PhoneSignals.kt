package io.milepost.android.internal

import android.app.KeyguardManager
import android.app.UiModeManager
import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import android.content.IntentFilter
import android.location.LocationManager
import android.media.AudioManager
import android.os.BatteryManager
import android.os.Build
import android.os.Handler
import android.os.PowerManager
import android.provider.Settings
import io.milepost.SignalKind
import io.milepost.android.Permissions
import java.util.TimeZone

/**
 * What the phone itself is doing: screen, lock, charger, power saving, calls, car mode, location switch, permission,
 * clock. Says everything at the start and what changed afterwards. Leaves activities and wake-ups to others.
 */
internal class PhoneSignals(private val context: Context, private val handler: Handler, private val sink: Sink) {
    private val power = context.system<PowerManager>()
    private val keyguard = context.system<KeyguardManager>()
    private val battery = context.system<BatteryManager>()
    private val locations = context.system<LocationManager>()
    private val audio = context.system<AudioManager>()
    private val said = mutableMapOf<SignalKind, String>()
    private var calls: AudioManager.OnModeChangedListener? = null

    /** Called after anything that positions depend on has changed. */
    var onLocationChange: () -> Unit = {}

    private val receiver = object : BroadcastReceiver() {
        override fun onReceive(context: Context, intent: Intent) {
            when (intent.action) {
                Intent.ACTION_TIME_CHANGED, Intent.ACTION_TIMEZONE_CHANGED -> clock()
                // What it says is not yet what the system service says.
                Intent.ACTION_POWER_CONNECTED -> say(SignalKind.CHARGING, "on")
                Intent.ACTION_POWER_DISCONNECTED -> say(SignalKind.CHARGING, "off")
                UiModeManager.ACTION_ENTER_CAR_MODE -> say(SignalKind.VEHICLE_AUDIO, "connected:car mode")
                UiModeManager.ACTION_EXIT_CAR_MODE -> say(SignalKind.VEHICLE_AUDIO, "disconnected")
                else -> look()
            }
        }
    }

    fun start() {
        clock()
        look()
        say(SignalKind.CHARGING, if (battery.isCharging) "on" else "off")
        // All are of the system, which may send them to a receiver that is not exported.
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.TIRAMISU) {
            context.registerReceiver(receiver, FILTER, null, handler, Context.RECEIVER_NOT_EXPORTED)
        } else {
            context.registerReceiver(receiver, FILTER, null, handler)
        }
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) {
            val listener = AudioManager.OnModeChangedListener(::call)
            audio.addOnModeChangedListener({ handler.post(it) }, listener)
            calls = listener
        }
    }

    fun stop() {
        context.unregisterReceiver(receiver)
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) calls?.let(audio::removeOnModeChangedListener)
    }

    /** Looks at everything that can be asked for, and says what has changed. */
    fun look() {
        say(SignalKind.SCREEN, if (power.isInteractive) "on" else "off")
        say(SignalKind.LOCK, if (keyguard.isKeyguardLocked) "locked" else "unlocked")
        say(SignalKind.POWER_SAVE, if (power.isPowerSaveMode) "on" else "off")
        val provider = say(SignalKind.PROVIDER, if (isLocationOn()) "on" else "off")
        val permission = say(SignalKind.PERMISSION, Permissions.of(context).signal)
        if (provider || permission) onLocationChange()
    }

    private fun clock() {
        val now = System.currentTimeMillis()
        val boot = Settings.Global.getInt(context.contentResolver, Settings.Global.BOOT_COUNT, 0)
        sink.clock(now, boot.toString(), TimeZone.getDefault().getOffset(now) / MS_PER_MIN)
    }

    private fun call(mode: Int) {
        val value = when (mode) {
            AudioManager.MODE_RINGTONE -> "ringing"
            AudioManager.MODE_IN_CALL, AudioManager.MODE_IN_COMMUNICATION ->
                if (handsFree()) "hands_free" else "handheld"
            else -> "none"
        }
        say(SignalKind.CALL, value)
    }

    @Suppress("DEPRECATION") // the one question that needs no permission
    private fun handsFree(): Boolean = audio.isSpeakerphoneOn || audio.isBluetoothScoOn

    private fun isLocationOn(): Boolean =
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.P) {
            locations.isLocationEnabled
        } else {
            locations.isProviderEnabled(LocationManager.GPS_PROVIDER) ||
                locations.isProviderEnabled(LocationManager.NETWORK_PROVIDER)
        }

    private fun say(kind: SignalKind, value: String): Boolean {
        if (said.put(kind, value) == value) return false
        sink.signal(kind, value)
        return true
    }

    private companion object {
        const val MS_PER_MIN = 60_000

        val FILTER = IntentFilter().apply {
            addAction(Intent.ACTION_SCREEN_ON)
            addAction(Intent.ACTION_SCREEN_OFF)
            addAction(Intent.ACTION_USER_PRESENT)
            addAction(Intent.ACTION_POWER_CONNECTED)
            addAction(Intent.ACTION_POWER_DISCONNECTED)
            addAction(Intent.ACTION_TIME_CHANGED)
            addAction(Intent.ACTION_TIMEZONE_CHANGED)
            addAction(PowerManager.ACTION_POWER_SAVE_MODE_CHANGED)
            addAction(LocationManager.PROVIDERS_CHANGED_ACTION)
            addAction(LocationManager.MODE_CHANGED_ACTION)
            addAction(UiModeManager.ACTION_ENTER_CAR_MODE)
            addAction(UiModeManager.ACTION_EXIT_CAR_MODE)
        }
    }
}
