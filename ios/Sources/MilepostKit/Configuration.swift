import Foundation
import MilepostBindings

/// Whose day it is: what counts as a stop, how long one may last.
public enum Preset: String, CaseIterable, Sendable {
    /// Many short stops at doors.
    case courier
    /// Passengers get in and out, the engine stays on.
    case rideHailing = "ride_hailing"
    /// From home to work and back.
    case privateCar = "private_car"
}

/// How to open Milepost; everything but the folder has a default.
public struct Configuration: Sendable {
    /// A folder that belongs to Milepost alone. Made when it is not there.
    public var directory: URL
    /// Whose day it is.
    public var preset = Preset.courier
    /// Thresholds that differ from the preset's: flat JSON with the keys of the summary's `config`.
    public var overridesJSON = "{}"
    /// The 64 bits that ids are made from; `nil`: drawn once and kept. A replay gives the recording's.
    public var seed: UInt64?
    /// The platform, for recordings.
    public var platform: String? = "ios"
    /// The phone's model, for recordings.
    public var device: String?
    /// Where records go, https or on this very machine; `nil`: nowhere, they wait.
    public var uploadURL: URL?
    /// The uploads that a background session still carries since an earlier process, by their ids.
    public var uploadsInFlight: [String] = []
    /// Writes everything that is pushed to a recording for `milepost replay`.
    public var record = false

    public init(directory: URL) {
        self.directory = directory
    }

    var options: Options {
        Options(
            dir: directory.path,
            configJson: overridesJSON,
            preset: preset.rawValue,
            seed: seed.map(Int64.init(bitPattern:)),
            platform: platform,
            device: device,
            uploadUrl: uploadURL?.absoluteString,
            uploadsInFlight: uploadsInFlight,
            record: record
        )
    }
}

extension Bundle {
    /// What comes with this package: its privacy manifest.
    static let milepostKit = Bundle.module
}
