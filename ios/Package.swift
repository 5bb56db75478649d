// swift-tools-version:6.0
import PackageDescription

// `Generated/` is made by scripts/generate-bindings.sh and not committed.
let package = Package(
    name: "Milepost",
    platforms: [.iOS(.v15), .macOS(.v13)],
    products: [.library(name: "MilepostKit", targets: ["MilepostKit"])],
    targets: [
        .systemLibrary(name: "MilepostFFI", path: "Generated/MilepostFFI"),
        .target(
            name: "MilepostBindings",
            dependencies: ["MilepostFFI"],
            path: "Generated/MilepostBindings",
            linkerSettings: [.linkedLibrary("milepost_ffi")]
        ),
        .target(name: "MilepostKit", dependencies: ["MilepostBindings"]),
        .testTarget(name: "MilepostKitTests", dependencies: ["MilepostKit"]),
    ],
    swiftLanguageModes: [.v6]
)
