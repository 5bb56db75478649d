// swift-tools-version:6.0
import Foundation
import PackageDescription

// The Rust library, from one of two places. Never a toggle that is committed: the environment says it.
//   MILEPOST_XCFRAMEWORK=path/to/Milepost.xcframework   for iOS, made by scripts/make-xcframework.sh
//   nothing                                             libmilepost_ffi on the linker's path, for tests on Linux and macOS
// `Generated/` is made by scripts/generate-bindings.sh and not committed.
let xcframework = ProcessInfo.processInfo.environment["MILEPOST_XCFRAMEWORK"]

let library: Target =
    if let xcframework {
        .binaryTarget(name: "MilepostFFI", path: xcframework)
    } else {
        .systemLibrary(name: "MilepostFFI", path: "Generated/MilepostFFI")
    }

let package = Package(
    name: "Milepost",
    platforms: [.iOS(.v15), .macOS(.v13)],
    products: [
        .library(name: "MilepostKit", targets: ["MilepostKit"]),
        .library(name: "MilepostTracking", targets: ["MilepostTracking"]),
        // Replays, for the tests of apps.
        .library(name: "MilepostTesting", targets: ["MilepostTesting"]),
    ],
    targets: [
        library,
        .target(
            name: "MilepostBindings",
            dependencies: ["MilepostFFI"],
            path: "Generated/MilepostBindings",
            linkerSettings: xcframework == nil ? [.linkedLibrary("milepost_ffi")] : []
        ),
        .target(
            name: "MilepostKit", dependencies: ["MilepostBindings"], resources: [.copy("PrivacyInfo.xcprivacy")]),
        .target(name: "MilepostTracking", dependencies: ["MilepostKit"]),
        .testTarget(name: "MilepostKitTests", dependencies: ["MilepostKit", "MilepostTesting"]),
        .testTarget(name: "MilepostTrackingTests", dependencies: ["MilepostTracking", "MilepostTesting"]),
        // Replays to compare with, for the tests of both.
        .target(name: "MilepostTesting", dependencies: ["MilepostKit"], path: "Tests/MilepostTesting"),
        // `swift run -c release MilepostCost`: what the way across the boundary costs.
        .executableTarget(name: "MilepostCost", dependencies: ["MilepostKit", "MilepostTesting"]),
    ],
    swiftLanguageModes: [.v6]
)
