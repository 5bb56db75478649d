package io.milepost.android

import android.Manifest
import android.app.Application
import android.content.Intent
import android.hardware.Sensor
import android.hardware.SensorManager
import android.location.Location
import android.location.LocationManager
import android.os.Looper
import android.os.SystemClock
import android.os.UserManager
import android.provider.Settings
import io.milepost.SignalKind
import io.milepost.android.internal.WakeReceiver
import io.milepost.android.internal.system
import kotlinx.coroutines.runBlocking
import org.json.JSONObject
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.shadows.SensorEventBuilder
import org.robolectric.shadows.ShadowPausedSystemClock
import org.robolectric.shadows.ShadowSensor
import org.robolectric.shadows.ShadowSystemClock
import java.io.File
import java.time.Duration
import kotlin.io.path.createTempDirectory

/** A phone under Robolectric: its sensors, its receiver, its person; and a recorded drive to play through them. */
class Phone(gyroscope: Boolean = true) {
    val app: Application = RuntimeEnvironment.getApplication()
    val sensors = shadowOf(app.system<SensorManager>())
    val triggers = sensors as ShadowTriggers
    val locations = shadowOf(app.system<LocationManager>())
    private var startedMs = System.currentTimeMillis()

    /** What `elapsedRealtimeNanos` said when the rows began. */
    var originNs = START_NS
        private set
    private val accel = ShadowSensor.newInstance(Sensor.TYPE_ACCELEROMETER)
    private val gyro = if (gyroscope) ShadowSensor.newInstance(Sensor.TYPE_GYROSCOPE) else null

    init {
        sensors.addSensor(accel)
        gyro?.let(sensors::addSensor)
        sensors.addSensor(ShadowSensor.newInstance(Sensor.TYPE_SIGNIFICANT_MOTION))
        sensors.addSensor(ShadowSensor.newInstance(Sensor.TYPE_STEP_COUNTER))
        shadowOf(app).grantPermissions(*PERMISSIONS)
        for (provider in PROVIDERS) locations.setProviderEnabled(provider, true)
        advanceTo(START_NS)
    }

    /** The tracker of this process, on duty and agreed to. */
    fun onDuty(config: TrackerConfig = TrackerConfig.build { seed = 7 }): MilepostTracker =
        MilepostTracker.init(app, config).apply {
            setConsent(true)
            setDuty(true)
            settle()
        }

    /** Lets [rows] happen, second by second; the adapters get what they have asked for and nothing else. */
    fun play(rows: Sequence<Row>, os: (Row) -> Unit = {}, tracker: () -> MilepostTracker) {
        var settled = Long.MIN_VALUE
        for (row in rows) {
            advanceTo(originNs + row.tNs)
            when (row) {
                is Row.Imu -> imu(row)
                is Row.Fix -> fix(row)
                is Row.Signal -> tracker().signal(row.kind, row.value)
                is Row.Pause -> Unit
                is Row.FenceLeft -> WakeReceiver().onReceive(app, Intent(WakeReceiver.FENCE))
            }
            os(row)
            if (settled == Long.MIN_VALUE) settled = row.tNs
            if (row.tNs - settled >= SECOND_NS) {
                settled = row.tNs
                tracker().settle()
            }
        }
        tracker().settle()
    }

    /** The phone restarts after [atNs] of the rows: its clock begins anew, and its storage stays locked. */
    fun reboot(atNs: Long) {
        val wallMs = startedMs + (atNs + REBOOT_NS) / NANOS_PER_MS
        ShadowPausedSystemClock.reset()
        originNs = REBOOT_NS - atNs
        advanceTo(REBOOT_NS)
        startedMs = wallMs - atNs / NANOS_PER_MS
        val boots = Settings.Global.getInt(app.contentResolver, Settings.Global.BOOT_COUNT, 0)
        Settings.Global.putInt(app.contentResolver, Settings.Global.BOOT_COUNT, boots + 1)
        shadowOf(app.system<UserManager>()).setUserUnlocked(false)
    }

    /** The person unlocks the phone for the first time since. */
    fun unlock() {
        shadowOf(app.system<UserManager>()).setUserUnlocked(true)
        app.sendBroadcast(Intent(Intent.ACTION_USER_UNLOCKED))
        shadowOf(Looper.getMainLooper()).idle()
    }

    private fun imu(row: Row.Imu) {
        // Making an event that nobody listens to costs as much as one that is heard.
        if (sensors.listeners.isEmpty()) return
        val t = originNs + row.tNs
        send(accel, t, row.v[0], row.v[1], row.v[2])
        if (gyro != null && !row.v[3].isNaN()) send(gyro, t, row.v[3], row.v[4], row.v[5])
    }

    private fun send(sensor: Sensor, tNs: Long, x: Float, y: Float, z: Float) = sensors.sendSensorEventToListeners(
        SensorEventBuilder.newBuilder().setSensor(sensor).setTimestamp(tNs).setValues(floatArrayOf(x, y, z)).build(),
        // Without it every listener there is would get it.
        sensor,
    )

    private fun fix(row: Row.Fix) = locations.simulateLocation(location(row))

    /** A fix as an OS gives it. */
    fun location(row: Row.Fix): Location = Location(LocationManager.FUSED_PROVIDER).apply {
        latitude = row.lat
        longitude = row.lon
        elapsedRealtimeNanos = originNs + row.tNs
        time = startedMs + row.tNs / NANOS_PER_MS
        row.speed?.let { speed = it }
        row.bearing?.let { bearing = it }
        row.hacc?.let { accuracy = it }
    }

    private fun advanceTo(tNs: Long) {
        val ahead = tNs - SystemClock.elapsedRealtimeNanos()
        if (ahead >= NANOS_PER_MS) ShadowSystemClock.advanceBy(Duration.ofMillis(ahead / NANOS_PER_MS))
    }

    /** What happens on a drive, and the records of a phone that senses all of it. */
    class Drive(val rows: List<Row>, private val startNs: Long, private val lines: List<String>) {
        val records: List<JSONObject> get() = lines.map(::JSONObject)
        val distanceM: Double get() = ended(records).last().getDouble("distance_m")

        /** When a record was told, in nanoseconds of the rows. */
        fun toldNs(record: JSONObject): Long = ns(record.getString("t_s")) - startNs
    }

    /** Something that happens. */
    sealed interface Row {
        val tNs: Long

        class Imu(override val tNs: Long, val v: FloatArray) : Row
        class Fix(
            override val tNs: Long,
            val lat: Double,
            val lon: Double,
            val speed: Float?,
            val bearing: Float?,
            val hacc: Float?,
        ) : Row
        class Signal(override val tNs: Long, val kind: SignalKind, val value: String) : Row
        class FenceLeft(override val tNs: Long) : Row

        /** Nothing, but time has passed. */
        class Pause(override val tNs: Long) : Row
    }

    companion object {
        val PERMISSIONS = arrayOf(
            Manifest.permission.ACCESS_FINE_LOCATION, Manifest.permission.ACCESS_COARSE_LOCATION,
            Manifest.permission.ACCESS_BACKGROUND_LOCATION, Manifest.permission.ACTIVITY_RECOGNITION,
            Manifest.permission.POST_NOTIFICATIONS,
        )
        private val PROVIDERS = listOf(
            LocationManager.FUSED_PROVIDER, LocationManager.GPS_PROVIDER, LocationManager.NETWORK_PROVIDER,
            LocationManager.PASSIVE_PROVIDER,
        )
        const val SECOND_NS = 1_000_000_000L
        private const val NANOS_PER_MS = 1_000_000L

        /** The phone has run for so long when a drive begins. */
        const val START_NS = 1_000 * SECOND_NS

        /** So long after a restart the app is started. */
        private const val REBOOT_NS = 40 * SECOND_NS

        /** The simulated driver drives off after 34 s; an OS notices a fence later. */
        private const val LEAVES_NS = 60 * SECOND_NS

        /** Six minutes at the wheel, simulated by the command, and what it makes of all that a phone could sense. */
        val drive: Drive by lazy { simulated("short_drive", LEAVES_NS, "--minutes", "6", "--seed", "1") }

        /** A simulated [scenario], and what the command makes of all that a phone could sense in it. */
        fun simulated(scenario: String, leavesNs: Long?, vararg options: String): Drive {
            val out = createTempDirectory("drive").toFile()
            command("simulate", scenario, *options, "--out", out.path)
            val input = out.resolve("input")
            val replayed = replay(input, out.resolve("replayed"))
            val startNs = table(input, "imu.csv").minOf { ns(it[0]) }
            return Drive(rows(input, startNs, leavesNs), startNs, replayed).also { out.deleteRecursively() }
        }

        /** The revisions of trips that ended and count. */
        fun ended(records: List<JSONObject>): List<JSONObject> =
            records.filter { it.getString("schema") == "milepost.trip/1" && it.getString("status") == "ended" }

        /** The records that `milepost replay` makes of [input]. */
        fun replay(input: File, out: File): List<String> {
            command("replay", input.path, "--out", out.path)
            return out.resolve("records.jsonl").readLines()
        }

        private fun command(vararg arguments: String) {
            val command = listOf(System.getProperty("milepost.command")) + arguments
            val run = ProcessBuilder(command).redirectErrorStream(true).start()
            val said = run.inputStream.bufferedReader().readText()
            check(run.waitFor() == 0) { "$command: $said" }
        }

        /** A plain folder's rows in order of time; what the tracker says by itself is left out. */
        private fun rows(plain: File, start: Long, leavesNs: Long?): List<Row> {
            val imu = table(plain, "imu.csv").map { c ->
                Row.Imu(ns(c[0]) - start, FloatArray(6) { i -> c[1 + i].toFloatOrNull() ?: Float.NaN })
            }
            val fixes = table(plain, "gnss.csv").map { c ->
                val (speed, bearing, hacc) = c.slice(4..6).map { it.toFloatOrNull() }
                Row.Fix(ns(c[0]) - start, c[1].toDouble(), c[2].toDouble(), speed, bearing, hacc)
            }
            val own = setOf("consent", "duty", "permission", "provider", "charging", "power_save")
            val signals = table(plain, "signals.csv").filter { it[1] !in own }.map { c ->
                Row.Signal(ns(c[0]) - start, SignalKind.entries.first { it.wireName == c[1] }, c[2])
            }
            return (imu + fixes + signals + listOfNotNull(leavesNs?.let(Row::FenceLeft))).sortedBy { it.tNs }.toList()
        }

        private fun table(plain: File, name: String): Sequence<List<String>> =
            plain.resolve(name).readLines().drop(1).asSequence().map { it.split(',') }

        private fun ns(seconds: String): Long = seconds.toBigDecimal().scaleByPowerOfTen(9).toLong()
    }
}

/** Ends what is sensed, as a recording ends: every record there is, once all is decided. */
fun MilepostTracker.finish(): List<String> = runBlocking {
    checkNotNull(client()).call {
        endInput()
        flush()
        records().map { it.json }.toList()
    }
}
