package io.milepost.android.internal

import android.content.Context

/** One of the managers that every Android phone has. */
internal inline fun <reified T : Any> Context.system(): T =
    checkNotNull(getSystemService(T::class.java)) { "a phone without ${T::class.java.simpleName}" }
