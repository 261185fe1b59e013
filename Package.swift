// swift-tools-version: 6.2
import PackageDescription

/// What every target is built with.
let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// Kernel code is optimised in debug builds too, and for `processor` where one is named. Its inlined
/// bodies name what they import, which rules out imports that are internal by default.
func kernelSettings(processor: String? = nil, defines: [String] = []) -> [SwiftSetting] {
  let target = processor.map { ["-Xcc", "-march=\($0)", "-target-cpu", $0] } ?? []
  return [
    .enableUpcomingFeature("ExistentialAny"), .enableExperimentalFeature("BuiltinModule"),
    .unsafeFlags(target + ["-O"]),
  ]
    + defines.map { .define($0) }
}

/// One instruction set's instance of the kernels, whose only source all of them share.
func kernels(
  _ instructionSet: String, processor: String? = nil, defines: String...
) -> Target {
  .target(
    name: "SwiftletKernels" + instructionSet, dependencies: ["SwiftletKernelCore", "CBFloat16"],
    swiftSettings: kernelSettings(processor: processor, defines: defines))
}

var instructionSets = [kernels("Baseline")]
#if arch(x86_64)
instructionSets += [
  kernels("AVX2", processor: "haswell", defines: "SWIFTLET_AVX2"),
  kernels("AVX512", processor: "cascadelake", defines: "SWIFTLET_AVX512"),
  kernels(
    "AVX512BF16", processor: "cooperlake", defines: "SWIFTLET_AVX512", "SWIFTLET_BFLOAT16"),
]
#endif
let kernelTargets: [Target] =
  [
    .target(name: "SwiftletKernelCore", swiftSettings: kernelSettings()),
    // A header; nothing is compiled or linked.
    .systemLibrary(name: "CBFloat16", path: "Sources/CBFloat16"),
  ] + instructionSets
let kernelDependencies: [Target.Dependency] =
  ["SwiftletSystem", "SwiftletKernelCore"] + instructionSets.map { .target(name: $0.name) }

/// A product that only the HTTP server uses: without the trait, its package is not even fetched.
func server(_ product: String, _ package: String) -> Target.Dependency {
  .product(name: product, package: package, condition: .when(traits: ["Server"]))
}

/// A product that only the downloads from the Hugging Face Hub use.
func hub(_ product: String, _ package: String) -> Target.Dependency {
  .product(name: product, package: package, condition: .when(traits: ["Hub"]))
}

/// The downloads themselves: without the trait, programs don't even build the empty module.
let swiftletHub = Target.Dependency.target(name: "SwiftletHub", condition: .when(traits: ["Hub"]))

/// libswiftlet.so contains the Swift runtime, exports its own functions alone, and is never unloaded, as
/// its threads may still run.
let sharedLibraryFlags =
  ["-static-stdlib"]
  + [
    "-soname", "libswiftlet.so.0", "-z", "nodelete",
    "--version-script=\(Context.packageDirectory)/Sources/SwiftletC/exports.map",
  ].flatMap { ["-Xlinker", $0] }

func tests(_ module: String, _ others: Target.Dependency...) -> Target {
  .testTarget(
    name: module + "Tests", dependencies: [.target(name: module)] + others, swiftSettings: settings)
}

let testTargets: [Target] = [
  .target(name: "SwiftletTestSupport", path: "Tests/TestSupport", swiftSettings: settings),
  tests("SwiftletSystem", "SwiftletKernelCore", "SwiftletTestSupport"),
  tests("SwiftletJSON"),
  tests("SwiftletSafetensors", "SwiftletSystem", "SwiftletTestSupport"),
  tests("SwiftletTokenizer"),
  tests("SwiftletRecords", "SwiftletSystem"),
  tests("SwiftletRuntime", "SwiftletKernelCore", "SwiftletSystem"),
  tests("SwiftletCheckpoint", "SwiftletSafetensors", "SwiftletSystem", "SwiftletTestSupport"),
  tests("SwiftletONNX", "SwiftletCheckpoint", "SwiftletSafetensors", "SwiftletSystem"),
  tests(
    "SwiftletEncoder", "SwiftletCheckpoint", "SwiftletRuntime", "SwiftletKernelCore",
    "SwiftletSystem", "SwiftletSafetensors"),
  tests(
    "Swiftlet", "SwiftletSafetensors", "SwiftletTokenizer", "SwiftletWeights", "SwiftletRuntime",
    "SwiftletEncoder", "SwiftletCheckpoint"),
  tests(
    "SwiftletTraining", "Swiftlet", "SwiftletEncoder", "SwiftletCheckpoint", "SwiftletRuntime",
    "SwiftletKernelCore", "SwiftletRecords", "SwiftletSafetensors", "SwiftletTokenizer",
    "SwiftletWeights", "SwiftletSystem", "SwiftletJSON"),
  // A program and no bundle of tests, because it replaces `malloc`.
  .executableTarget(
    name: "RuntimeChecks",
    dependencies: [
      "Swiftlet", "SwiftletCheckpoint", "SwiftletEncoder", "SwiftletRuntime", "SwiftletKernelCore",
      "SwiftletSystem", "SwiftletSafetensors",
    ],
    path: "Tests/RuntimeChecks", swiftSettings: settings,
    linkerSettings: [
      .unsafeFlags([
        "-Xlinker", "--defsym=malloc=counted_malloc", "-Xlinker", "--export-dynamic",
      ])
    ]),
  .executableTarget(
    name: "SwiftletFuzzing",
    dependencies: [
      "SwiftletTokenizer", "SwiftletSafetensors", "SwiftletCheckpoint", "SwiftletRecords",
      "SwiftletONNX",
    ],
    path: "Tests/Fuzzing", exclude: ["corpus"], swiftSettings: settings),
  tests(
    "SwiftletCLI", swiftletHub, "Swiftlet", "SwiftletTraining", "SwiftletRecords", "SwiftletJSON",
    .product(name: "ArgumentParser", package: "swift-argument-parser")),
  tests(
    "SwiftletServer", "Swiftlet", "SwiftletEncoder", "SwiftletTokenizer",
    server("Hummingbird", "hummingbird"), server("HummingbirdTesting", "hummingbird"),
    server("HTTPTypes", "swift-http-types"), server("Logging", "swift-log"),
    server("Metrics", "swift-metrics"), server("NIOCore", "swift-nio"),
    server("NIOEmbedded", "swift-nio"), server("NIOHTTP1", "swift-nio"),
    server("NIOHTTPTypes", "swift-nio-extras"),
    server("ServiceLifecycle", "swift-service-lifecycle"),
    server("Tracing", "swift-distributed-tracing")),
  tests("SwiftletHub", "Swiftlet", "SwiftletSystem", "SwiftletJSON"),
]

let package = Package(
  name: "Swiftlet",
  products: [
    .library(name: "Swiftlet", targets: ["Swiftlet"]),
    .library(name: "SwiftletTokenizer", targets: ["SwiftletTokenizer"]),
    .library(name: "SwiftletSafetensors", targets: ["SwiftletSafetensors"]),
    .library(name: "SwiftletTraining", targets: ["SwiftletTraining"]),
    .library(name: "SwiftletWeights", targets: ["SwiftletWeights"]),
    .library(name: "SwiftletServer", targets: ["SwiftletServer"]),
    .library(name: "SwiftletHub", targets: ["SwiftletHub"]),
    // Installed as libswiftlet.so; a product may not have the executable's name.
    .library(name: "SwiftletC", type: .dynamic, targets: ["SwiftletC"]),
    .executable(name: "swiftlet", targets: ["SwiftletCLI"]),
    .executable(name: "swiftlet-server", targets: ["SwiftletServerCLI"]),
  ],
  traits: [
    .trait(
      name: "Server",
      description: "SwiftletServer and swiftlet-server, and the packages that they need"),
    .trait(
      name: "Hub",
      description: "SwiftletHub, which downloads models by name, and the packages that it needs"),
  ],
  dependencies: [
    // For the executables alone: the libraries need no outside package.
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    // For the server alone.
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
    .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.0"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
    .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    // For downloads from the Hub, with SwiftNIO.
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
  ],
  targets: kernelTargets + [
    .target(name: "SwiftletSystem", swiftSettings: settings),
    .target(name: "SwiftletJSON", swiftSettings: settings),
    .target(
      name: "SwiftletSafetensors", dependencies: ["SwiftletSystem", "SwiftletJSON"],
      swiftSettings: settings),
    .target(
      name: "SwiftletTokenizer", dependencies: ["SwiftletSystem", "SwiftletJSON"],
      exclude: ["Unicode/make_tables.py"], swiftSettings: settings),
    .target(
      name: "SwiftletRuntime", dependencies: kernelDependencies,
      swiftSettings: settings + [.enableExperimentalFeature("BuiltinModule")]),
    .target(
      name: "SwiftletCheckpoint",
      dependencies: ["SwiftletSystem", "SwiftletJSON", "SwiftletSafetensors"],
      swiftSettings: settings),
    .target(
      name: "SwiftletONNX",
      dependencies: ["SwiftletSystem", "SwiftletSafetensors", "SwiftletCheckpoint"],
      swiftSettings: settings),
    .target(
      name: "SwiftletEncoder",
      dependencies: [
        "SwiftletSystem", "SwiftletSafetensors", "SwiftletCheckpoint", "SwiftletKernelCore",
        "SwiftletRuntime",
      ],
      swiftSettings: settings),
    .target(
      name: "Swiftlet",
      dependencies: [
        "SwiftletSystem", "SwiftletJSON", "SwiftletSafetensors", "SwiftletTokenizer",
        "SwiftletCheckpoint", "SwiftletONNX", "SwiftletKernelCore", "SwiftletRuntime",
        "SwiftletEncoder",
      ],
      swiftSettings: settings),
    .target(
      name: "SwiftletWeights",
      dependencies: ["Swiftlet", "SwiftletSystem", "SwiftletWeightsFiles"],
      path: "weights", exclude: ["sentiment", "files.c"], swiftSettings: settings),
    // The files of the model beside every program, without the import of Foundation that SwiftPM adds
    // to a Swift target with resources.
    .target(
      name: "SwiftletWeightsFiles", path: "weights",
      exclude: ["SentimentModel.swift", "ResourceSearch.swift"], sources: ["files.c"],
      resources: [.copy("sentiment")], publicHeadersPath: "."),
    .target(
      name: "SwiftletRecords", dependencies: ["SwiftletSystem", "SwiftletJSON"],
      swiftSettings: settings),
    .target(
      name: "SwiftletTraining",
      dependencies: [
        "SwiftletSystem", "SwiftletJSON", "SwiftletSafetensors", "SwiftletTokenizer",
        "SwiftletRecords", "SwiftletCheckpoint", "SwiftletKernelCore", "SwiftletRuntime",
        "SwiftletEncoder", "Swiftlet",
      ],
      swiftSettings: settings),
    .target(
      name: "SwiftletHub",
      dependencies: [
        "Swiftlet", "SwiftletCheckpoint", "SwiftletTokenizer", "SwiftletSystem", "SwiftletJSON",
        hub("AsyncHTTPClient", "async-http-client"), hub("NIOCore", "swift-nio"),
        hub("NIOHTTP1", "swift-nio"),
        hub("NIOHTTPCompression", "swift-nio-extras"), hub("NIOPosix", "swift-nio"),
        hub("NIOSSL", "swift-nio-ssl"),
      ],
      swiftSettings: settings),
    .executableTarget(
      name: "SwiftletCLI",
      dependencies: [
        swiftletHub,
        "Swiftlet", "SwiftletTraining", "SwiftletONNX", "SwiftletTokenizer", "SwiftletSafetensors",
        "SwiftletWeights",
        "SwiftletRecords", "SwiftletCheckpoint", "SwiftletEncoder", "SwiftletSystem",
        "SwiftletJSON",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: settings),
    .target(
      name: "SwiftletServer",
      dependencies: [
        "Swiftlet", "SwiftletCheckpoint", "SwiftletEncoder", "SwiftletRuntime", "SwiftletSystem",
        "SwiftletTokenizer",
        "SwiftletJSON",
        server("Hummingbird", "hummingbird"), server("HummingbirdCore", "hummingbird"),
        .target(name: "CZlib", condition: .when(traits: ["Server"])),
        server("HTTPTypes", "swift-http-types"),
        server("NIOHTTPTypes", "swift-nio-extras"),
        server("NIOHTTPTypesHTTP1", "swift-nio-extras"), server("Logging", "swift-log"),
        server("Metrics", "swift-metrics"), server("Tracing", "swift-distributed-tracing"),
        server("DequeModule", "swift-collections"), server("NIOCore", "swift-nio"),
        server("NIOHTTP1", "swift-nio"), server("NIOSSL", "swift-nio-ssl"),
        server("ServiceLifecycle", "swift-service-lifecycle"),
      ],
      resources: ["Page/head.html", "Page/ui.html", "Page/docs.html", "OpenAPI/openapi.json"]
        .map { .embedInCode($0) },
      swiftSettings: settings),
    // The system's zlib, whose headers SwiftNIO's packages need too.
    .systemLibrary(name: "CZlib", path: "Sources/CZlib", providers: [.apt(["zlib1g-dev"])]),
    .executableTarget(
      name: "SwiftletServerCLI",
      dependencies: [
        swiftletHub,
        "Swiftlet", "SwiftletServer", "SwiftletWeights", "SwiftletSystem",
        server("Logging", "swift-log"),
        server("ServiceLifecycle", "swift-service-lifecycle"),
        server("UnixSignals", "swift-service-lifecycle"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: settings),
    // The header, which says what SwiftletC must define.
    .systemLibrary(name: "CSwiftlet", path: "Sources/SwiftletC/include"),
    .target(
      name: "SwiftletC",
      dependencies: [
        "CSwiftlet", "Swiftlet", "SwiftletTraining", "SwiftletWeights", "SwiftletRecords",
        "SwiftletEncoder", "SwiftletTokenizer", "SwiftletJSON",
      ],
      exclude: ["include", "exports.map", "swiftlet.pc.in"], swiftSettings: settings,
      linkerSettings: [.unsafeFlags(sharedLibraryFlags)]),
  ] + testTargets,
  swiftLanguageModes: [.v6]
)
