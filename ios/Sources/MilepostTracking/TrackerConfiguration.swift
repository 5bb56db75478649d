import Foundation
import MilepostKit

/// How a driver app tracks; everything has a default.
public struct TrackerConfiguration: Sendable {
    /// Whose day it is.
    public var preset = Preset.courier
    /// Thresholds that differ from the preset's: flat JSON with the keys of `docs/records.md`.
    public var overridesJSON = "{}"
    /// Where records go, https or on this very machine; `nil`: nowhere, they wait.
    public var uploadURL: URL?
    /// Uploads wait for a network that costs nothing by the byte.
    public var unmeteredOnly = false
    /// The 64 bits that ids are made from; `nil`: drawn once and kept.
    public var seed: UInt64?
    /// A folder that belongs to Milepost alone.
    public var directory = URL.applicationSupport.appendingPathComponent("milepost", isDirectory: true)

    public init(preset: Preset = .courier, uploadURL: URL? = nil) {
        self.preset = preset
        self.uploadURL = uploadURL
    }

    /// Database and recordings, and nothing else.
    var coreDirectory: URL { directory.appendingPathComponent("core", isDirectory: true) }

    /// For the core. A phone's host says consent and duty, so neither is assumed.
    func core(device: String, record: Bool, inFlight: [String]) -> Configuration {
        var core = Configuration(directory: coreDirectory)
        core.preset = preset
        core.overridesJSON = Self.withoutAssumptions(overridesJSON)
        core.seed = seed
        core.device = device
        core.uploadURL = uploadURL
        core.uploadsInFlight = inFlight
        core.record = record
        return core
    }

    /// What is no JSON is left as it is: the core refuses it and says why.
    private static func withoutAssumptions(_ json: String) -> String {
        guard var all = try? JSONDecoder().decode([String: ConfigValue].self, from: Data(json.utf8)) else { return json }
        all["assume_consent"] = .bool(false)
        all["assume_duty"] = .bool(false)
        guard let merged = try? JSONEncoder().encode(all) else { return json }
        return String(decoding: merged, as: UTF8.self)
    }
}

extension URL {
    /// Not seen by the person, not thrown away by iOS.
    static var applicationSupport: URL {
        FileManager.default.urls(for: .applicationSupportDirectory, in: .userDomainMask).first
            ?? FileManager.default.temporaryDirectory
    }
}
