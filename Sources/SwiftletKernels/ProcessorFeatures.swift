import SwiftletMemory

/// The instruction sets that the processor has and the operating system lets programs use.
package struct ProcessorFeatures: Sendable {
  package let hasAVX2: Bool
  package let hasAVX512: Bool

  /// What /proc/cpuinfo says: the kernel lists a flag there only if it saves the registers that the
  /// instructions need. Where the file can't be read, the baseline is used.
  package static let current: ProcessorFeatures = {
    guard let file = try? FileContents(path: "/proc/cpuinfo", loading: .read) else {
      return ProcessorFeatures(flags: [])
    }
    return ProcessorFeatures(cpuinfo: String(decoding: file.bytes, as: UTF8.self))
  }()

  /// The first processor's `flags` line decides.
  package init(cpuinfo: String) {
    let line = cpuinfo.split(separator: "\n").first { $0.hasPrefix("flags") } ?? ""
    self.init(flags: Set(line.split(whereSeparator: { " \t:".contains($0) })))
  }

  /// Each tier asks for what its target's code has. That is less than the processor for which it is
  /// compiled: hypervisors hide instructions that a compiler writes only if it is told to, such as
  /// `rdseed`, and `scripts/check-symbols` shows that the objects have none of those.
  private init(flags: Set<Substring>) {
    let haswell: Set<Substring> = [
      "avx", "avx2", "fma", "f16c", "bmi1", "bmi2", "movbe", "abm", "popcnt", "sse4_2",
    ]
    let cascadelake: Set<Substring> = [
      "avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl", "avx512_vnni",
    ]
    hasAVX2 = haswell.isSubset(of: flags)
    hasAVX512 = hasAVX2 && cascadelake.isSubset(of: flags)
  }
}
