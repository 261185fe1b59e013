// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that users of Swiftlet neither fetch nor build the documentation's plugin.

let package = Package(
  name: "SwiftletDocumentation",
  dependencies: [
    .package(name: "Swiftlet", path: ".."),
    .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"),
  ],
  targets: [
    .target(
      name: "Documentation",
      dependencies: [
        .product(name: "Swiftlet", package: "Swiftlet"),
        .product(name: "SwiftletTokenizer", package: "Swiftlet"),
        .product(name: "SwiftletTraining", package: "Swiftlet"),
      ])
  ]
)
