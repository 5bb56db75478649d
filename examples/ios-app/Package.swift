// swift-tools-version:6.0
import Foundation
import PackageDescription

// MILEPOST_STANDINS=1, on Linux: `App/` is compiled against stand-ins of Apple's frameworks (ios/Tests/AppleStandIns).
let standsIn = ProcessInfo.processInfo.environment["MILEPOST_STANDINS"] != nil
let apple: [Target.Dependency] = standsIn ? [.product(name: "AppleStandIns", package: "Milepost")] : []

// `DriverModel` is all that the app decides and says, built and tested anywhere; `App/` shows it, and is empty where there
// is no SwiftUI. The app itself is made by project.yml.
let milepost: [Target.Dependency] = [
    .product(name: "MilepostKit", package: "Milepost"), .product(name: "MilepostTracking", package: "Milepost"),
]

let package = Package(
    name: "DriverApp",
    platforms: [.iOS(.v16), .macOS(.v13)],
    products: [.library(name: "DriverModel", targets: ["DriverModel"])],
    dependencies: [.package(name: "Milepost", path: "../../ios")],
    targets: [
        .target(name: "DriverModel", dependencies: milepost),
        .target(
            name: "DriverApp", dependencies: ["DriverModel"] + apple, path: "App", exclude: ["Info.plist"],
            swiftSettings: standsIn ? [.define("MILEPOST_STANDINS")] : []),
        .testTarget(
            name: "DriverModelTests",
            dependencies: ["DriverModel", .product(name: "MilepostTesting", package: "Milepost")]),
    ]
        // As docs/ios.md shows it, so without `#if`.
        + (standsIn ? [.target(name: "Starter", dependencies: milepost + apple, path: "Starter")] : []),
    swiftLanguageModes: [.v6]
)
