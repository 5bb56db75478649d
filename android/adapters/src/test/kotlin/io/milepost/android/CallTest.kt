package io.milepost.android

import io.milepost.Milepost
import io.milepost.core.MilepostCoreInterface
import kotlinx.coroutines.runBlocking
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config
import java.lang.reflect.InvocationTargetException
import java.lang.reflect.Proxy
import java.util.concurrent.atomic.AtomicInteger

/** How often the boundary is crossed: each call costs, and a phone that crosses it all night wakes all night. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [34], manifest = Config.NONE)
class CallTest {
    private val phone = Phone()
    private val calls = AtomicInteger()

    @After
    fun end() = MilepostTracker.reset()

    @Test
    fun `given a drive when a minute of it is sensed then there are two calls a second or fewer`() {
        val tracker = phone.onDuty()
        val rows = Phone.drive.rows
        phone.play(rows.asSequence().filter { it.tNs < FROM }) { tracker }
        assertTrue("${tracker.state.value}", (tracker.state.value.tracking?.plan?.imuHz ?: 0) > 0)
        count(tracker)
        phone.play(rows.asSequence().filter { it.tNs >= FROM && it.tNs < FROM + MINUTE }) { tracker }
        val aSecond = calls.get() / 60.0
        println("calls in a simulated minute at the wheel: ${calls.get()}, $aSecond a second; goal: 2 or fewer")
        assertTrue("$aSecond", aSecond <= 2)
        assertTrue("nothing was sensed: $aSecond", aSecond > 0.3)
    }

    @Test
    fun `given a phone at rest when hours pass then there is a call a minute or fewer`() {
        val tracker = phone.onDuty()
        phone.play(minutes(0, 30), Os(phone) { tracker }) { tracker }
        assertEquals(0, tracker.state.value.tracking?.plan?.imuHz)
        count(tracker)
        phone.play(minutes(31, 150), Os(phone) { tracker }) { tracker }
        val aMinute = calls.get() / 120.0
        println("calls in two hours at rest: ${calls.get()}, $aMinute a minute; goal: 1 or fewer")
        assertTrue("$aMinute", aMinute <= 1)
        // It sleeps, and is not dead.
        val before = calls.get()
        phone.play(sequenceOf(Phone.Row.FenceLeft(152 * MINUTE))) { tracker }
        assertTrue(calls.get() > before)
    }

    private fun minutes(from: Long, until: Long) = (from..until).asSequence().map { Phone.Row.Pause(it * MINUTE) }

    /** Counts what crosses from now on, but for what a test's settling asks for by itself. */
    private fun count(tracker: MilepostTracker) {
        val milepost = checkNotNull(runBlocking { tracker.client() }).milepost
        val field = Milepost::class.java.getDeclaredField("core").apply { isAccessible = true }
        val core = field.get(milepost)
        val type = MilepostCoreInterface::class.java
        val counting = Proxy.newProxyInstance(type.classLoader, arrayOf(type)) { _, method, arguments ->
            val settling = Thread.currentThread().name == "milepost-sensing" && method.name in READS
            if (!settling && method.name != "flush") calls.incrementAndGet()
            try {
                method.invoke(core, *arguments.orEmpty())
            } catch (e: InvocationTargetException) {
                throw e.targetException
            }
        }
        field.set(milepost, counting)
    }

    private companion object {
        const val MINUTE = 60 * Phone.SECOND_NS

        /** In the middle of the drive. */
        const val FROM = 180 * Phone.SECOND_NS
        val READS = setOf("plan", "diagnostics")
    }
}
