package io.milepost.example

import android.Manifest
import android.app.Activity
import android.graphics.Bitmap
import android.graphics.Canvas
import android.os.Looper
import android.view.View
import android.view.ViewGroup
import android.widget.Switch
import android.widget.TextView
import io.milepost.android.MilepostTracker
import kotlinx.coroutines.runBlocking
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode
import java.io.File
import java.nio.ByteBuffer
import kotlin.io.path.createTempDirectory

/** Clicks through the app as a driver would, and draws what they see. */
@RunWith(RobolectricTestRunner::class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
@Config(sdk = [34], manifest = Config.NONE, application = App::class, qualifiers = "w360dp-h960dp-xhdpi")
class AppTest {
    private val app get() = RuntimeEnvironment.getApplication()
    private val tracker get() = MilepostTracker.get(app)

    @After
    fun end() {
        runBlocking { tracker.client()?.milepost?.close() }
        // The next test's process has a tracker of its own.
        MilepostTracker::class.java.getDeclaredField("instance").apply { isAccessible = true }.set(null, null)
    }

    @Test
    fun `given a new driver when they click through then they agree, begin the shift and allow what is asked`() {
        val activity = Robolectric.buildActivity(MainActivity::class.java).setup().get()
        awaitText(activity, "Off duty")
        activity.click("I agree")
        awaitThat { tracker.state.value.consent }
        activity.switch().performClick()
        awaitThat { tracker.state.value.onDuty }
        assertNotNull(shadowOf(app).nextStartedService)
        assertTrue(activity.texts().any { it.startsWith("To find your trips") })
        activity.click("Continue")
        assertEquals(
            Manifest.permission.ACCESS_FINE_LOCATION,
            shadowOf(activity).lastRequestedPermission.requestedPermissions.first(),
        )
        save(activity, "android-permission-light")
    }

    @Test
    fun `given a drive when the trip is tapped then its way, its events and its score are explained`() = day("light")

    @Test
    @Config(qualifiers = "w360dp-h960dp-night-xhdpi")
    fun `given the dark when looked at then it is dark`() = day("dark")

    @Test
    fun `given a driver who records when they press it then the next drive is a file to share`() {
        val activity = Robolectric.buildActivity(MainActivity::class.java).setup().get()
        awaitText(activity, "Record a drive")
        activity.click("Record")
        awaitThat { tracker.recordings.isNotEmpty() }
        awaitText(activity, "Stop recording")
        activity.click("Stop recording")
        awaitThat { activity.texts().any { it.startsWith("Share drive-") } }
        val shared = RecordingProvider.share(tracker.recordings.first())
        assertEquals(android.content.Intent.ACTION_CHOOSER, shared.action)
    }

    private fun day(look: String) {
        shadowOf(app).grantPermissions(
            Manifest.permission.ACCESS_FINE_LOCATION, Manifest.permission.ACCESS_COARSE_LOCATION,
            Manifest.permission.ACCESS_BACKGROUND_LOCATION, Manifest.permission.ACTIVITY_RECOGNITION,
            Manifest.permission.POST_NOTIFICATIONS,
        )
        tracker.setConsent(true)
        tracker.setDuty(true)
        runBlocking {
            checkNotNull(tracker.client()).call {
                push(ByteBuffer.wrap(drive.readBytes()))
                endInput()
                flush()
            }
        }
        val activity = Robolectric.buildActivity(MainActivity::class.java).setup().get()
        awaitThat { activity.texts().any { "km" in it && "score" in it } }
        activity.find { it.contentDescription?.startsWith("Trip of 8.") == true }.performClick()
        val texts = activity.texts()
        assertTrue("$texts", "Harsh braking" in texts && texts.any { it.startsWith("Braking: ") })
        assertTrue("$texts", texts.any { "from 2.7 on it counts" in it })
        save(activity, "android-$look")
    }

    /** Nine minutes of a driver in a hurry, simulated: all that a phone could sense, as packed frames. */
    private val drive: File by lazy {
        val out = createTempDirectory("drive").toFile()
        command("simulate", "aggressive_drive", "--minutes", "9", "--seed", "4", "--out", out.path)
        out.resolve("frames.bin").also { command("convert", "$out/input", "--to", "frames", "--out", it.path) }
    }

    private fun command(vararg arguments: String) {
        val command = listOf(System.getProperty("milepost.command")) + arguments
        val run = ProcessBuilder(command).redirectErrorStream(true).start()
        val said = run.inputStream.bufferedReader().readText()
        check(run.waitFor() == 0) { said }
    }

    private fun awaitText(activity: Activity, start: String) = awaitThat { activity.texts().any { it.startsWith(start) } }

    private fun awaitThat(is_: () -> Boolean) {
        val deadline = System.nanoTime() + 20_000_000_000
        while (true) {
            shadowOf(Looper.getMainLooper()).idle()
            if (is_()) return
            check(System.nanoTime() < deadline) { "it did not come" }
            Thread.sleep(10)
        }
    }

    private fun Activity.views(): Sequence<View> = sequence {
        suspend fun SequenceScope<View>.walk(view: View) {
            yield(view)
            if (view is ViewGroup) for (i in 0 until view.childCount) walk(view.getChildAt(i))
        }
        walk(window.decorView)
    }

    private fun Activity.find(is_: (View) -> Boolean): View = views().first(is_)
    private fun Activity.texts(): List<String> = views().filterIsInstance<TextView>().map { it.text.toString() }.toList()
    private fun Activity.switch(): Switch = views().filterIsInstance<Switch>().first()

    private fun Activity.click(words: String) {
        find { it is TextView && it.text.toString() == words }.performClick()
        shadowOf(Looper.getMainLooper()).idle()
    }

    private fun save(activity: Activity, name: String) {
        shadowOf(Looper.getMainLooper()).idle()
        val view = activity.window.decorView
        val bitmap = Bitmap.createBitmap(view.width, view.height, Bitmap.Config.ARGB_8888)
        view.draw(Canvas(bitmap))
        val file = File(System.getProperty("milepost.screenshots"), "$name.png")
        file.parentFile?.mkdirs()
        file.outputStream().use { bitmap.compress(Bitmap.CompressFormat.PNG, 100, it) }
    }
}
