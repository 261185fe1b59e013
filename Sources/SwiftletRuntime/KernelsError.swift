package import SwiftletSystem

/// Why the requested kernels or threads can't be used.
package enum KernelsError: Error, Equatable, Sendable, CustomStringConvertible {
  case unknownInstructionSet(String)
  case unsupportedInstructionSet(String, available: [String])
  case unknownBackend(String)
  case invalidThreadCount(String)
  /// The instruction set has no products of bfloat16.
  case noBFloat16(instructionSet: String)
  case noBLAS(tried: [String], reason: String)
  /// The system starts fewer threads than needed.
  case noThreads(wanted: Int, found: Int, reason: String)
  /// The system refuses memory for the threads.
  case noMemory(MemoryError)

  /// What bfloat16 needs and the kernels of an instruction set lack, to follow "bfloat16" in an error.
  package static func bfloat16Need(_ instructionSet: String) -> String {
    "needs a processor with AVX512_BF16 (AMD Zen 4 and 5; Intel Cooper Lake, Sapphire Rapids and "
      + "later), but the kernels are those of \(instructionSet), which the processor or "
      + "SWIFTLET_ISA selects"
  }

  package var description: String {
    switch self {
    case .unknownInstructionSet(let name):
      "SWIFTLET_ISA is \"\(name)\"; it may be avx512bf16, avx512, avx2 or baseline"
    case .unsupportedInstructionSet(let name, let available):
      "SWIFTLET_ISA is \"\(name)\", which this machine does not support; it supports "
        + available.joined(separator: ", ")
    case .unknownBackend(let name):
      "SWIFTLET_GEMM is \"\(name)\"; it may be automatic, native or cblas"
    case .invalidThreadCount(let text):
      "SWIFTLET_THREADS is \"\(text)\"; it must be a number between 1 and 4096"
    case .noBFloat16(let name):
      "precision bfloat16 \(Self.bfloat16Need(name)). Use precision float32, or int8 for speed"
    case .noBLAS(let tried, let reason):
      "no BLAS library could be loaded (tried \(tried.joined(separator: ", "))): \(reason). "
        + "Install libopenblas0, or name a library in SWIFTLET_BLAS, or use the native kernels"
    case .noMemory(let error): error.description
    case .noThreads(let wanted, let found, let reason):
      "\(wanted) more threads are needed, and the system starts only \(found): \(reason). Raise the "
        + "process limit (ulimit -u, or pids of the container) or the address limit (ulimit -v), or "
        + "give the process fewer processors"
    }
  }
}
