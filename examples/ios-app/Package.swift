// swift-tools-version:6.0
import PackageDescription

// `DriverModel` is all that the app decides and says, built and tested anywhere; `App/` shows it, and is empty where there
// is no SwiftUI. The app itself is made by project.yml.
let package = Package(
    name: "DriverApp",
    platforms: [.iOS(.v16), .macOS(.v13)],
    products: [.library(name: "DriverModel", targets: ["DriverModel"])],
    dependencies: [.package(name: "Milepost", path: "../../ios")],
    targets: [
        .target(
            name: "DriverModel",
            dependencies: [
                .product(name: "MilepostKit", package: "Milepost"),
                .product(name: "MilepostTracking", package: "Milepost"),
            ]),
        .target(name: "DriverApp", dependencies: ["DriverModel"], path: "App", exclude: ["Info.plist"]),
        .testTarget(
            name: "DriverModelTests",
            dependencies: ["DriverModel", .product(name: "MilepostTesting", package: "Milepost")]),
    ],
    swiftLanguageModes: [.v6]
)
