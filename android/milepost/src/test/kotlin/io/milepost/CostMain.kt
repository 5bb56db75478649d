package io.milepost

import java.lang.management.ManagementFactory
import kotlin.io.path.createTempDirectory

/** At 100 Hz a batch a second. */
private const val BATCH = 100

/** So long that a call's own cost vanishes: what is left of a push is the core's reading of each sample. */
private const val LONG = 20_000

/** Until the JVM has compiled what it runs. */
private const val WARM_UP = 3_000
private const val ROUNDS = 2_000
private const val GOAL_NS = 300.0

/**
 * What the way from Kotlin to Rust costs; scripts/kotlin-cost.sh runs it. Processor time of the calling thread, so that
 * what the core does on its own thread is not in it; the median of many rounds, and the least beside it.
 */
fun main() {
    val folder = createTempDirectory("cost").toFile()
    Milepost.open(MilepostConfig(folder.resolve("cost"))).use { milepost ->
        val meter = Meter(milepost)
        repeat(WARM_UP) { meter.cost(BATCH) }
        val batches = List(ROUNDS) { meter.cost(BATCH) }
        val long = List(ROUNDS / 100) { meter.cost(LONG) }
        val reading = long.map { it.second }.median()
        val packing = batches.map { it.first }
        val pushing = batches.map { it.second }
        val above = packing.median() + maxOf(0.0, pushing.median() - reading)
        println("100 samples a call, each with accelerometer and gyroscope; median (least) of $ROUNDS calls")
        line("packing a sample (FrameBuffer)", packing.median(), packing.min())
        line("a sample's part of a push", pushing.median(), pushing.min())
        line("  of which the core's own reading of it", reading, long.minOf { it.second })
        line("above the core's own, a sample; goal: $GOAL_NS ns or less", above, null)
        println(if (above <= GOAL_NS) "reached" else "MISSED")
    }
    folder.deleteRecursively()
}

/** Fills a buffer, pushes it, and says what both took of the calling thread, in ns a sample. */
private class Meter(private val milepost: Milepost) {
    private val threads = ManagementFactory.getThreadMXBean()
    private val buffer = FrameBuffer()
    private var tNs = 0L

    fun cost(samples: Int): Pair<Double, Double> {
        val start = threads.currentThreadCpuTime
        repeat(samples) {
            tNs += 10_000_000
            val shake = (tNs / 10_000_000 % 7) * 0.001f
            check(buffer.imu(tNs, shake, 0.02f, 9.81f, 0.001f, shake, 0.002f))
        }
        val packed = threads.currentThreadCpuTime
        milepost.push(buffer)
        val pushed = threads.currentThreadCpuTime
        milepost.flush()
        return (packed - start).toDouble() / samples to (pushed - packed).toDouble() / samples
    }
}

private fun List<Double>.median(): Double = sorted()[size / 2]

private fun line(what: String, ns: Double, least: Double?) =
    println("%-58s %8.1f ns%s".format(what, ns, least?.let { " (%.1f)".format(it) } ?: ""))
