package io.milepost

import io.milepost.core.Options
import java.io.File

/** Whose day it is: what counts as a stop, how long one may last. */
public enum class Preset(internal val wireName: String) {
    /** Many short stops at doors. */
    COURIER("courier"),

    /** Passengers get in and out, the engine stays on. */
    RIDE_HAILING("ride_hailing"),

    /** From home to work and back. */
    PRIVATE_CAR("private_car"),
}

/** How to open Milepost; everything but the folder has a default. [dir] belongs to Milepost alone. */
public class MilepostConfig(public val dir: File) {
    /** Whose day it is. */
    public var preset: Preset = Preset.COURIER

    /** Thresholds that differ from the preset's: flat JSON with the keys of the summary's `config`. */
    public var overridesJson: String = "{}"

    /** The 64 bits that ids are made from; `null`: drawn once and kept. A replay gives the recording's. */
    public var seed: Long? = null

    /** The platform, for recordings. */
    public var platform: String? = "android"

    /** The phone's model, for recordings. */
    public var device: String? = null

    /** Where records go, https or on this very machine; `null`: nowhere, they wait. */
    public var uploadUrl: String? = null

    /** The uploads that the app's HTTP still carries since an earlier process, by their ids. */
    public var uploadsInFlight: List<String> = emptyList()

    /** Writes everything that is pushed to a recording for `milepost replay`. */
    public var record: Boolean = false

    internal fun options(): Options = Options(
        dir = dir.path,
        configJson = overridesJson,
        preset = preset.wireName,
        seed = seed,
        platform = platform,
        device = device,
        uploadUrl = uploadUrl,
        uploadsInFlight = uploadsInFlight,
        record = record,
    )
}
