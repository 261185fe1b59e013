// swift-tools-version: 6.2
import PackageDescription

/// A user's package in small: built and run by `scripts/check-consumer`.
let package = Package(
  name: "Consumer",
  dependencies: [
    .package(name: "Swiftlet", path: "../..")
  ],
  targets: [
    .executableTarget(
      name: "Consumer",
      dependencies: [
        .product(name: "Swiftlet", package: "Swiftlet"),
        .product(name: "SwiftletWeights", package: "Swiftlet"),
      ]
    )
  ]
)
