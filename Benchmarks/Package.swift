// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that users of Swiftlet neither fetch nor build what measuring needs.

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// Training is measured step by step, below the public interface: the targets are compiled as parts of
/// Swiftlet's package, whose name for the compiler comes from its folder.
let swiftlet = Context.packageDirectory.split(separator: "/").dropLast().last ?? "swiftlet"
let packageName = String(swiftlet.lowercased().map { $0.isLetter || $0.isNumber ? $0 : "_" })
let packageFlags = ["-package-name", packageName]

/// One source, compiled once for each instruction set, as the kernels are.
func limitTarget(
  _ name: String, processor: String? = nil, defines: String..., header: Target.Dependency? = nil
) -> Target {
  let target = processor.map { ["-Xcc", "-march=\($0)", "-target-cpu", $0] } ?? []
  let flags = target + packageFlags + ["-O"]
  return .target(
    name: name,
    dependencies: header.map { [$0] } ?? [],
    packageAccess: false,
    swiftSettings: settings + [.unsafeFlags(flags)] + defines.map { .define($0) }
  )
}

var limits = [limitTarget("LimitBaseline")]
var headers: [Target] = []
#if arch(x86_64)
limits += [
  limitTarget("LimitAVX2", processor: "haswell", defines: "LIMIT_AVX2"),
  limitTarget("LimitAVX512", processor: "cascadelake", defines: "LIMIT_AVX512"),
  limitTarget(
    "LimitAVX512BF16", processor: "cooperlake", defines: "LIMIT_AVX512", "LIMIT_BFLOAT16",
    header: "CLimitBFloat16"),
]
headers.append(.systemLibrary(name: "CLimitBFloat16"))
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
  targets: headers + limits + [
    .executableTarget(
      name: "SwiftletBenchmark",
      dependencies: limits.map { .target(name: $0.name) } + [
        .product(name: "Swiftlet", package: "Swiftlet"),
        .product(name: "SwiftletTokenizer", package: "Swiftlet"),
        .product(name: "SwiftletSafetensors", package: "Swiftlet"),
        .product(name: "SwiftletTraining", package: "Swiftlet"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      packageAccess: false,
      swiftSettings: settings + [.unsafeFlags(packageFlags)]),
    .testTarget(
      name: "SwiftletBenchmarkTests", dependencies: ["SwiftletBenchmark"], swiftSettings: settings),
  ],
  swiftLanguageModes: [.v6]
)
