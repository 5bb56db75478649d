package io.milepost.example

import android.content.Context
import android.content.res.Configuration
import android.graphics.Color
import android.graphics.drawable.GradientDrawable
import android.view.View
import android.view.ViewGroup.LayoutParams.MATCH_PARENT
import android.view.ViewGroup.LayoutParams.WRAP_CONTENT
import android.widget.Button
import android.widget.LinearLayout
import android.widget.TextView

/** Colours for light and dark, and the few kinds of views that this app is made of. Text is in sp and grows. */
class Look(private val context: Context) {
    private val night = context.resources.configuration.uiMode and Configuration.UI_MODE_NIGHT_MASK ==
        Configuration.UI_MODE_NIGHT_YES

    val page = Color.parseColor(if (night) "#101418" else "#F3F5F7")
    private val card = Color.parseColor(if (night) "#1B2127" else "#FFFFFF")
    val text = Color.parseColor(if (night) "#E6EAEE" else "#14181C")
    val soft = Color.parseColor(if (night) "#A3ADB8" else "#55606B")
    val accent = Color.parseColor(if (night) "#6CB6FF" else "#0B5CAD")
    val warn = Color.parseColor(if (night) "#FFB074" else "#B3480B")

    fun px(dp: Float): Float = dp * context.resources.displayMetrics.density

    fun column(): LinearLayout = LinearLayout(context).apply { orientation = LinearLayout.VERTICAL }

    fun card(vararg views: View?): LinearLayout = column().apply {
        val inside = px(16f).toInt()
        setPadding(inside, inside, inside, inside)
        background = GradientDrawable().apply {
            setColor(card)
            cornerRadius = px(12f)
        }
        layoutParams = LinearLayout.LayoutParams(MATCH_PARENT, WRAP_CONTENT).apply { topMargin = px(12f).toInt() }
        views.filterNotNull().forEach(::addView)
    }

    fun title(words: String): TextView = words(words, 22f, text)

    fun line(words: String): TextView = words(words, 16f, text)

    fun note(words: String, color: Int = soft): TextView = words(words, 14f, color)

    fun button(words: String, act: () -> Unit): Button = Button(context).apply {
        text = words
        isAllCaps = false
        minHeight = px(48f).toInt()
        setOnClickListener { act() }
    }

    private fun words(words: String, sp: Float, color: Int) = TextView(context).apply {
        text = words
        textSize = sp
        setTextColor(color)
        setPadding(0, px(3f).toInt(), 0, px(3f).toInt())
    }
}
