package io.milepost.android.internal

import android.app.Notification
import android.app.NotificationChannel
import android.app.NotificationManager
import android.app.PendingIntent
import android.content.Context
import io.milepost.android.TrackerConfig

/** The notification of the foreground service: quiet, always there while on duty, opens the app. */
internal object Notice {
    const val ID = 0x6d70
    private const val CHANNEL = "io.milepost.duty"

    fun build(context: Context, config: TrackerConfig): Notification {
        val manager = context.system<NotificationManager>()
        val channel = NotificationChannel(CHANNEL, config.notificationTitle, NotificationManager.IMPORTANCE_LOW)
        channel.setShowBadge(false)
        manager.createNotificationChannel(channel)
        val app = context.packageManager.getLaunchIntentForPackage(context.packageName)
        val icon = config.notificationIcon.takeIf { it != 0 } ?: android.R.drawable.ic_menu_mylocation
        return Notification.Builder(context, CHANNEL)
            .setContentTitle(config.notificationTitle)
            .setContentText(config.notificationText)
            .setSmallIcon(icon)
            .setOngoing(true)
            .setCategory(Notification.CATEGORY_SERVICE)
            .setContentIntent(app?.let { PendingIntent.getActivity(context, 0, it, PendingIntent.FLAG_IMMUTABLE) })
            .build()
    }
}
