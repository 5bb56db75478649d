package io.milepost

import java.io.File
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.util.Properties

/** A recording that the `milepost` command has replayed: what to push, and what must come out. */
class Replay(private val folder: File) {
    private val session = Properties().apply { folder.resolve("session.properties").bufferedReader().use(::load) }

    /** Everything as packed frames, with one version byte. */
    val packed: ByteBuffer = folder.resolve("frames.bin").readBytes().let { bytes ->
        ByteBuffer.allocateDirect(bytes.size).order(ByteOrder.LITTLE_ENDIAN).put(bytes).flip()
    }

    /** The command's `records.jsonl`. */
    val records: String = folder.resolve("records.jsonl").readText()

    /** How the command was configured. */
    fun config(dir: File): MilepostConfig = MilepostConfig(dir).apply {
        preset = Preset.valueOf(session.getProperty("preset").uppercase())
        overridesJson = session.getProperty("config")
        seed = java.lang.Long.parseUnsignedLong(session.getProperty("seed"))
    }

    /** The frames in order, without the one that says that nothing more comes: a test says that by itself. */
    fun frames(): List<Frame> = allFrames().filter { it.kind != KIND_END }

    /** All of it to its end. */
    fun play(milepost: Milepost) {
        frames().batches(100).forEach(milepost::push)
        milepost.endInput()
        milepost.flush()
    }

    private fun allFrames(): List<Frame> = buildList {
        val rest = packed.duplicate().order(ByteOrder.LITTLE_ENDIAN)
        check(rest.get() == 1.toByte())
        while (rest.hasRemaining()) {
            val start = rest.position()
            val length = rest.getInt()
            val kind = rest.get().toInt()
            add(Frame(kind, packed.slice(start, HEAD_BYTES + length)))
            rest.position(start + HEAD_BYTES + length)
        }
    }

    override fun toString(): String = folder.name

    /** One frame with its head. */
    class Frame(val kind: Int, private val bytes: ByteBuffer) {
        val sizeBytes: Int get() = bytes.limit()
        fun body(): ByteBuffer = bytes.slice(HEAD_BYTES, sizeBytes - HEAD_BYTES).order(ByteOrder.LITTLE_ENDIAN)
        fun whole(): ByteBuffer = bytes.duplicate()
    }

    companion object {
        private const val HEAD_BYTES = 5
        private const val KIND_END = 6

        /** All there are: scripts/make-vectors.sh makes them. */
        @JvmStatic
        fun all(): List<Replay> {
            val folder = File(System.getProperty("milepost.vectors"))
            val found = folder.listFiles { file -> file.resolve("frames.bin").exists() }.orEmpty().sorted()
            check(found.isNotEmpty()) { "no replays in $folder: run scripts/make-vectors.sh" }
            return found.map(::Replay)
        }

        /** The one that scripts/make-vectors.sh makes. */
        fun made(): Replay = all().first { it.folder.name == "made" }
    }
}

/** Whole frames with a version byte, at most [framesPerBatch] in each buffer. */
fun List<Replay.Frame>.batches(framesPerBatch: Int): Sequence<ByteBuffer> = chunked(framesPerBatch).asSequence().map { frames ->
    val batch = ByteBuffer.allocateDirect(1 + frames.sumOf { it.sizeBytes }).put(1)
    frames.forEach { batch.put(it.whole()) }
    batch.flip()
}

/** Every record there is, as the command writes them. */
fun Milepost.jsonLines(): String = records().joinToString("") { it.json + "\n" }
