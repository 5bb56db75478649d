package io.milepost

import kotlin.io.path.createTempDirectory

/** The app that scripts/r8-check.sh shrinks together with the SDK: replays what there is and compares. */
fun main(): Unit = kotlinx.coroutines.runBlocking {
    for (replay in Replay.all()) {
        val dir = createTempDirectory("shrunk").toFile()
        Milepost.open(replay.config(dir)).use { milepost ->
            MilepostClient(milepost).use { client ->
                replay.frames().batches(100).forEach(milepost::push)
                milepost.endInput()
                milepost.flush()
                check(milepost.jsonLines() == replay.records) { "$replay: other records than the command's" }
                check(client.call { trips().isNotEmpty() || replay.records.lines().none { "\"ended\"" in it } })
            }
        }
        dir.deleteRecursively()
        println("$replay: the same records, shrunk")
    }
    check(refused()) { "an error of the library is none any more" }
}

private fun refused(): Boolean = try {
    Milepost.open(MilepostConfig(createTempDirectory("refused").toFile()).apply { overridesJson = "[" }).close()
    false
} catch (e: io.milepost.core.MilepostException.InvalidConfig) {
    e.reason.isNotBlank()
}
