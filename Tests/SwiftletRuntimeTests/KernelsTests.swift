import Foundation
import SwiftletKernelCore
import SwiftletSystem
import Testing

@testable import SwiftletRuntime

struct KernelsTests {
  @Test func `the baseline is on every machine, and the default is the best table`() throws {
    let names = Kernels.available.map(\.name)
    #expect(names.last == "baseline")
    #expect(try Kernels(instructionSet: nil, backend: .native).table.name == names.first)
    #expect(names == ["avx512bf16", "avx512", "avx2", "baseline"].filter(names.contains))
  }

  @Test(arguments: Kernels.available)
  func `a supported table can be chosen by name`(table: KernelTable) throws {
    let kernels = try Kernels(instructionSet: table.name, backend: .native)
    #expect(kernels.table.name == table.name)
    #expect(kernels.blas == nil)
  }

  @Test(arguments: ["", "AVX2", "sse", "avx512 ", "neon"])
  func `the error on an unknown instruction set names it`(name: String) {
    #expect(throws: KernelsError.unknownInstructionSet(name)) {
      _ = try Kernels(instructionSet: name, backend: .native)
    }
    #expect("\(KernelsError.unknownInstructionSet(name))".contains("\"\(name)\""))
  }

  /// Only where the machine lacks one of them can that be asked for.
  @Test(.enabled(if: Kernels.available.count < 4))
  func `an unsupported instruction set is refused with the supported ones`() throws {
    let available = Kernels.available.map(\.name)
    for name in ["avx512bf16", "avx512", "avx2"] where !available.contains(name) {
      #expect(throws: KernelsError.unsupportedInstructionSet(name, available: available)) {
        _ = try Kernels(instructionSet: name, backend: .native)
      }
    }
  }

  @Test(arguments: Kernels.available)
  func `bfloat16 is an error where the instruction set lacks it`(table: KernelTable) {
    func make() throws(KernelsError) -> Kernels {
      try Kernels(instructionSet: table.name, backend: .native, precision: .bfloat16)
    }
    if Precision.bfloat16.isSupported(by: table) {
      #expect(throws: Never.self) { try make() }
    } else {
      #expect(throws: KernelsError.noBFloat16(instructionSet: table.name)) { _ = try make() }
    }
  }

  @Test func `AVX2 and the baseline compute float32 and int8 only`() {
    for table in Kernels.available where ["avx2", "baseline"].contains(table.name) {
      #expect(Precision.allCases.filter { $0.isSupported(by: table) } == [.float32, .int8])
    }
  }

  @Test func `errors name the variable and its valid values`() {
    let errors: [(KernelsError, [String])] = [
      (
        .unsupportedInstructionSet("avx512", available: ["baseline"]), ["SWIFTLET_ISA", "baseline"]
      ),
      (
        .noBFloat16(instructionSet: "avx2"),
        ["AVX512_BF16", "Zen 4", "avx2", "SWIFTLET_ISA", "float32", "int8"]
      ),
      (.unknownBackend("cuda"), ["SWIFTLET_GEMM", "cuda", "native"]),
      (.invalidThreadCount("many"), ["SWIFTLET_THREADS", "many", "4096"]),
      (.noBLAS(tried: ["x.so"], reason: "gone"), ["SWIFTLET_BLAS", "x.so", "gone"]),
    ]
    for (error, words) in errors {
      for word in words { #expect("\(error)".contains(word)) }
    }
  }

  @Test func `the error on a missing BLAS library names it`() {
    let names = ["libswiftlet-no-such-blas.so", "/nonexistent/libblas.so"]
    let error = #expect(throws: KernelsError.self) {
      _ = try BLAS(loadingFirstOf: names, features: .current)
    }
    guard case .noBLAS(let tried, let reason) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(tried == names)
    #expect(reason.contains("nonexistent"))
  }

  @Test func `a library without cblas_sgemm is skipped`() {
    let error = #expect(throws: KernelsError.self) {
      _ = try BLAS(loadingFirstOf: ["libc.so.6"], features: .current)
    }
    #expect(error.map { "\($0)".contains("libc.so.6 has no cblas_sgemm") } == true)
  }

  @Test(.enabled(if: LinearPath.hasBLAS))
  func `the first library that loads is taken`() throws {
    let shared = try BLAS.shared.get()
    let blas = try BLAS(
      loadingFirstOf: ["libswiftlet-no-such-blas.so", shared.library], features: .current)
    #expect(blas.library == shared.library)
    #expect(blas.core == shared.core)
  }
}

struct ProcessorTests {
  @Test(arguments: [
    ("200000 100000", 2), ("max 100000", nil), ("50000 100000", 1), ("150000 100000", 2),
    ("-1 100000", nil), ("", nil), ("100000", nil), ("a b", nil), ("1 2 3", nil), ("100000 0", nil),
    ("100000 -1", nil), ("0 100000", nil), ("9223372036854775807 1", Int.max),
    ("9223372036854775807 2", Int.max / 2 + 1), ("99999999999999999999 1", nil),
    ("200000 100000\n", 2), ("\t400000\t100000 ", 4),
  ])
  func `a quota is rounded up to whole processors`(line: String, count: Int?) {
    #expect(ProcessorCount.processors(cpuMax: line) == count)
  }

  @Test(arguments: [
    ("0-1", 2), ("0", 1), ("0-3,8,10-11", 7), ("\t0-1\n", 2), ("5-5", 1), ("", nil), (",", nil),
    ("x", nil), ("0-x", nil), ("3-1", nil), ("-5", nil), ("5-", nil), ("0-1-2", nil), ("1--3", nil),
    ("0-", nil), ("-", nil), ("0--1", nil), ("0-99999999999999999999", nil), ("0-4294967296", nil),
    ("0,x", nil),
  ])
  func `a list of processors is counted, or refused`(list: String, count: Int?) {
    #expect(ProcessorCount.processors(cpuList: list) == count)
  }

  /// Files below a folder that replaces /sys/fs/cgroup, and the quota of a process in these groups.
  @Test(
    arguments: [
      ("0::/a/b", ["a/b/cpu.max": "300000 100000"], 3),
      ("0::/a/b", ["a/cpu.max": "100000 100000", "a/b/cpu.max": "max 100000"], 1),
      ("0::/a/b", ["a/cpu.max": "400000 100000", "a/b/cpu.max": "200000 100000"], 2),
      ("0::/elsewhere", ["cpu.max": "200000 100000"], 2), ("0::/", ["cpu.max": "max 100000"], nil),
      (
        "3:memory:/m\n2:cpu,cpuacct:/job\n1:name=systemd:/",
        ["cpu/job/cpu.cfs_quota_us": "150000", "cpu/job/cpu.cfs_period_us": "100000"], 2
      ),
      ("2:cpu:/job", ["cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"], nil),
      ("", ["cpu.max": "100000 100000"], nil), ("nonsense", [:], nil), ("0::", [:], nil),
      ("5:cpuset:/a", ["cpu/a/cpu.cfs_quota_us": "1", "cpu/a/cpu.cfs_period_us": "1"], nil),
    ] as [(String, [String: String], Int?)])
  func `the smallest quota counts, from the process's group up to the root`(
    membership: String, files: [String: String], count: Int?
  ) throws {
    let root = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: root) }
    for (path, text) in files {
      let file = root.appending(path: path)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try text.write(to: file, atomically: false, encoding: .utf8)
    }
    #expect(ProcessorCount.quota(root: root.path, membership: membership) == count)
  }

  @Test func `the processor count is at least one`() throws {
    #expect(try ProcessorCount.available() >= 1)
  }

  private static let haswell =
    "fpu sse2 sse4_2 avx avx2 fma f16c bmi1 bmi2 movbe abm popcnt"
  private static let skylake = haswell + " avx512f avx512bw avx512cd avx512dq avx512vl"
  private static let cascadeLake = skylake + " avx512_vnni"
  private static let cooperLake = cascadeLake + " avx512_bf16"

  @Test(arguments: [
    (cooperLake, true, true, true), (cascadeLake, true, true, false),
    (cooperLake.replacing(" avx512_vnni", with: ""), true, false, false),
    (skylake, true, false, false), (haswell, true, false, false),
    ("fpu sse2", false, false, false),
    (haswell.replacing("fma", with: "fma4"), false, false, false),
    (cooperLake.replacing("avx2 ", with: ""), false, false, false), ("", false, false, false),
  ])
  func `a tier needs every flag that its code has`(
    flags: String, hasAVX2: Bool, hasAVX512: Bool, hasBFloat16: Bool
  ) {
    let features = ProcessorFeatures(
      cpuinfo: "processor\t: 0\nmodel name\t: Any avx2 CPU\nflags\t\t: \(flags)\nbugs\t\t:\n")
    #expect(features.hasAVX2 == hasAVX2)
    #expect(features.hasAVX512 == hasAVX512)
    #expect(features.hasBFloat16 == hasBFloat16)
  }

  @Test func `a flag counts if both sources have it`() {
    let (all, some) = (Self.features(Self.cascadeLake), Self.features(Self.haswell))
    #expect(all.intersection(all) == all)
    #expect(all.intersection(some) == some && some.intersection(all) == some)
    #expect(some.intersection(Self.features("sse2")) == Self.features("sse2"))
  }

  private static func features(_ flags: String) -> ProcessorFeatures {
    ProcessorFeatures(cpuinfo: "flags : \(flags)")
  }

  @Test func `the processor itself has what its kernel lists`() throws {
    let file = try FileContents(path: "/proc/cpuinfo", loading: .read)
    let listed = ProcessorFeatures(cpuinfo: String(decoding: file.bytes, as: UTF8.self))
    #expect(ProcessorFeatures.current == listed)
  }

  @Test func `the affinity mask has the processors that /proc lists`() throws {
    let count = try #require(ProcessorCount.processorsOfMask())
    let status = try FileContents(path: "/proc/self/status", loading: .read)
    let text = String(decoding: status.bytes, as: UTF8.self)
    let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("Cpus_allowed_list") })
    #expect(ProcessorCount.processors(cpuList: String(line.split(separator: ":")[1])) == count)
  }

  @Test(arguments: ["", "flags", "processor : 0\nFeatures : fp asimd\n", "vmx flags : avx2 fma"])
  func `a text without flags has no tier`(cpuinfo: String) {
    let features = ProcessorFeatures(cpuinfo: cpuinfo)
    #expect(!features.hasAVX2 && !features.hasAVX512 && !features.hasBFloat16)
  }
}
