package io.milepost.example

import android.content.Context
import android.graphics.Canvas
import android.graphics.Paint
import android.graphics.Path
import android.view.View
import kotlin.math.cos
import kotlin.math.max

/** Draws where a trip went: a line through the points that its records name, and a dot for each event. */
class TrackView(context: Context, private val look: Look, private val points: List<Point>) : View(context) {
    /** Where the trip is known to have been. */
    class Point(val lon: Double, val lat: Double, val isEvent: Boolean)

    private val line = Paint(Paint.ANTI_ALIAS_FLAG).apply {
        style = Paint.Style.STROKE
        strokeWidth = look.px(4f)
        strokeCap = Paint.Cap.ROUND
        strokeJoin = Paint.Join.ROUND
        color = look.accent
    }
    private val dot = Paint(Paint.ANTI_ALIAS_FLAG)

    init {
        minimumHeight = look.px(140f).toInt()
        contentDescription = "The way of the trip, with ${points.count { it.isEvent }} events on it"
    }

    override fun onMeasure(widthSpec: Int, heightSpec: Int) =
        setMeasuredDimension(MeasureSpec.getSize(widthSpec), minimumHeight)

    override fun onDraw(canvas: Canvas) {
        if (points.size < 2) return
        val narrow = cos(Math.toRadians(points[0].lat))
        val xs = points.map { it.lon * narrow }
        val ys = points.map { -it.lat }
        val margin = look.px(16f)
        val span = max(
            (xs.max() - xs.min()) / max(1f, width - 2 * margin),
            (ys.max() - ys.min()) / max(1f, height - 2 * margin),
        ).coerceAtLeast(1e-9)
        val at = points.indices.map { i ->
            val x = width / 2f + ((xs[i] - (xs.max() + xs.min()) / 2) / span).toFloat()
            val y = height / 2f + ((ys[i] - (ys.max() + ys.min()) / 2) / span).toFloat()
            x to y
        }
        val path = Path()
        at.forEachIndexed { i, (x, y) -> if (i == 0) path.moveTo(x, y) else path.lineTo(x, y) }
        canvas.drawPath(path, line)
        points.forEachIndexed { i, point ->
            val isEnd = i == 0 || i == points.lastIndex
            if (!point.isEvent && !isEnd) return@forEachIndexed
            dot.color = if (point.isEvent) look.warn else look.accent
            canvas.drawCircle(at[i].first, at[i].second, look.px(7f), dot)
        }
    }
}
