import SwiftletSystem

#if arch(x86_64)
import Builtin
import _Builtin_intrinsics.intel.cpuid
#endif

/// The instruction sets that the processor has and the operating system enables.
package struct ProcessorFeatures: Equatable, Sendable {
  package let hasAVX2: Bool
  package let hasAVX512: Bool
  /// AVX-512 with products of bfloat16.
  package let hasBFloat16: Bool

  /// The features that both CPUID and /proc/cpuinfo report.
  ///
  /// An emulator, such as valgrind, answers CPUID itself and shows the host's /proc/cpuinfo. The
  /// kernel omits a flag from /proc/cpuinfo that it was told not to use, such as by `clearcpuid`,
  /// while CPUID still reports it. If the file can't be read, CPUID decides alone.
  package static let current: ProcessorFeatures = {
    let processor = ProcessorFeatures(flags: processorFlags())
    guard let file = try? FileContents(path: "/proc/cpuinfo", loading: .read) else {
      return processor
    }
    let kernel = ProcessorFeatures(cpuinfo: String(decoding: file.bytes, as: UTF8.self))
    return processor.intersection(kernel)
  }()

  /// The first processor's `flags` line decides.
  package init(cpuinfo: String) {
    let line = cpuinfo.split(separator: "\n").first { $0.hasPrefix("flags") } ?? ""
    self.init(flags: Set(line.split(whereSeparator: { " \t:".contains($0) })))
  }

  /// Each tier requires the features that its target's code uses. They are fewer than those of the
  /// processor for which it is compiled: hypervisors hide instructions such as `rdseed`, and
  /// `scripts/test symbols` checks that the objects contain none of them.
  init(flags: Set<Substring>) {
    let haswell: Set<Substring> = [
      "avx", "avx2", "fma", "f16c", "bmi1", "bmi2", "movbe", "abm", "popcnt", "sse4_2",
    ]
    let cascadelake: Set<Substring> = [
      "avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl", "avx512_vnni",
    ]
    let cooperlake = cascadelake.union(["avx512_bf16"])
    self.init(
      hasAVX2: haswell.isSubset(of: flags),
      hasAVX512: haswell.union(cascadelake).isSubset(of: flags),
      hasBFloat16: haswell.union(cooperlake).isSubset(of: flags))
  }

  private init(hasAVX2: Bool, hasAVX512: Bool, hasBFloat16: Bool) {
    self.hasAVX2 = hasAVX2
    self.hasAVX512 = hasAVX512
    self.hasBFloat16 = hasBFloat16
  }

  /// The features of both.
  package func intersection(_ other: ProcessorFeatures) -> ProcessorFeatures {
    ProcessorFeatures(
      hasAVX2: hasAVX2 && other.hasAVX2, hasAVX512: hasAVX512 && other.hasAVX512,
      hasBFloat16: hasBFloat16 && other.hasBFloat16)
  }
}

#if arch(x86_64)
/// The features that CPUID reports, by their names in /proc/cpuinfo, except those whose registers
/// the operating system does not save.
///
/// Intel, "Intel 64 and IA-32 Architectures Software Developer's Manual", volume 1, 14.3 and 15.2.
private func processorFlags() -> Set<Substring> {
  let basic = cpuid(1)
  let extended = cpuid(7)
  let further = cpuid(7, 1)
  let more = cpuid(0x8000_0001)
  // XGETBV is valid only if the operating system has enabled it.
  let saved = basic.c & 1 << 27 == 0 ? 0 : UInt64(bitPattern: extendedControlRegister())
  let savesAVX = saved & 0b110 == 0b110
  let savesAVX512 = saved & 0b1110_0110 == 0b1110_0110
  let plain: [(Substring, UInt32, Int)] = [
    ("sse4_2", basic.c, 20), ("movbe", basic.c, 22), ("popcnt", basic.c, 23),
    ("bmi1", extended.b, 3), ("bmi2", extended.b, 8), ("abm", more.c, 5),
  ]
  let wide: [(Substring, UInt32, Int)] = [
    ("fma", basic.c, 12), ("avx", basic.c, 28), ("f16c", basic.c, 29), ("avx2", extended.b, 5),
  ]
  let widest: [(Substring, UInt32, Int)] = [
    ("avx512f", extended.b, 16), ("avx512dq", extended.b, 17), ("avx512cd", extended.b, 28),
    ("avx512bw", extended.b, 30), ("avx512vl", extended.b, 31), ("avx512_vnni", extended.c, 11),
    ("avx512_bf16", further.a, 5),
  ]
  let known = plain + (savesAVX ? wide : []) + (savesAVX512 ? widest : [])
  return Set(known.filter { $0.1 & 1 << $0.2 != 0 }.map(\.0))
}

/// The registers A, B and C of a leaf of CPUID; zeros where the processor has no such leaf.
private func cpuid(_ leaf: UInt32, _ subleaf: UInt32 = 0) -> (a: UInt32, b: UInt32, c: UInt32) {
  var (a, b, c, d) = (UInt32(0), UInt32(0), UInt32(0), UInt32(0))
  guard __get_cpuid_count(leaf, subleaf, &a, &b, &c, &d) != 0 else { return (0, 0, 0) }
  return (a, b, c)
}

/// XCR0: which registers the operating system saves.
private func extendedControlRegister() -> Int64 { Int64(Builtin.int_x86_xgetbv(Int32(0)._value)) }
#else
private func processorFlags() -> Set<Substring> { [] }
#endif
