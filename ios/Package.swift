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

// MILEPOST_STANDINS=1, on Linux: what stands behind `#if canImport` is compiled against stand-ins of Apple's frameworks
// and tested with them. They are in no product that an app takes.
let standsIn = ProcessInfo.processInfo.environment["MILEPOST_STANDINS"] != nil
let frameworks = standsIn ? ["CoreMotion", "CoreLocation", "BackgroundTasks", "Network", "UIKit"] : []
func standIn(_ name: String, _ dependencies: Target.Dependency...) -> Target {
    .target(name: name, dependencies: dependencies, path: "Tests/AppleStandIns/\(name)")
}
let standIns: [Target] =
    !standsIn
    ? [] : frameworks.map { standIn($0, "AppleFoundation") } + [standIn("AppleFoundation"), standIn("SwiftUI", "UIKit")]
let apple = frameworks.map { Target.Dependency(stringLiteral: $0) }
let asOnIOS: [SwiftSetting] = standsIn ? [.define("MILEPOST_STANDINS")] : []

let package = Package(
    name: "Milepost",
    platforms: [.iOS(.v15), .macOS(.v13)],
    products: [
        .library(name: "MilepostKit", targets: ["MilepostKit"]),
        .library(name: "MilepostTracking", targets: ["MilepostTracking"]),
        // Replays, for the tests of apps.
        .library(name: "MilepostTesting", targets: ["MilepostTesting"]),
    ] + (standsIn ? [.library(name: "AppleStandIns", targets: frameworks + ["SwiftUI"])] : []),
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
        .target(name: "MilepostTracking", dependencies: ["MilepostKit"] + apple, swiftSettings: asOnIOS),
        .testTarget(
            name: "MilepostKitTests", dependencies: ["MilepostKit", "MilepostTesting", "MilepostBindings", "MilepostFFI"]),
        .testTarget(
            name: "MilepostTrackingTests", dependencies: ["MilepostTracking", "MilepostTesting"] + apple,
            swiftSettings: asOnIOS),
        // Replays to compare with, for the tests of both.
        .target(name: "MilepostTesting", dependencies: ["MilepostKit"], path: "Tests/MilepostTesting"),
        // `swift run -c release MilepostCost`: what the way across the boundary costs.
        .executableTarget(name: "MilepostCost", dependencies: ["MilepostKit", "MilepostTesting"]),
    ] + standIns,
    swiftLanguageModes: [.v6]
)
