// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that users of Swiftlet neither fetch nor build what measuring needs.

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// One source, compiled once for each instruction set, as the kernels are.
func limitTarget(_ name: String, processor: String? = nil, define: String? = nil) -> Target {
  let target = processor.map { ["-Xcc", "-march=\($0)", "-target-cpu", $0] } ?? []
  return .target(
    name: name,
    swiftSettings: settings + [.unsafeFlags(target + ["-O"])] + (define.map { [.define($0)] } ?? [])
  )
}

var limits = [limitTarget("LimitBaseline")]
#if arch(x86_64)
limits += [
  limitTarget("LimitAVX2", processor: "haswell", define: "LIMIT_AVX2"),
  limitTarget("LimitAVX512", processor: "cascadelake", define: "LIMIT_AVX512"),
]
#endif

let package = Package(
  name: "SwiftletBenchmarks",
  products: [
    .executable(name: "swiftlet-benchmark", targets: ["SwiftletBenchmark"])
  ],
  dependencies: [
    .package(name: "Swiftlet", path: ".."),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
  ],
  targets: limits + [
    .executableTarget(
      name: "SwiftletBenchmark",
      dependencies: limits.map { .target(name: $0.name) } + [
        .product(name: "Swiftlet", package: "Swiftlet"),
        .product(name: "SwiftletTokenizer", package: "Swiftlet"),
        .product(name: "SwiftletSafetensors", package: "Swiftlet"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: settings),
    .testTarget(
      name: "SwiftletBenchmarkTests", dependencies: ["SwiftletBenchmark"], swiftSettings: settings),
  ],
  swiftLanguageModes: [.v6]
)
