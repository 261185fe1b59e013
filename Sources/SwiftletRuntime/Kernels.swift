package import SwiftletKernelCore
import SwiftletKernelsBaseline
import SwiftletSystem

#if arch(x86_64)
import SwiftletKernelsAVX2
import SwiftletKernelsAVX512
import SwiftletKernelsAVX512BF16
#endif

/// The implementation of the matrix products.
package enum GEMMBackend: String, CaseIterable, Sendable {
  /// Native kernels on x86-64, where they are faster; elsewhere CBLAS, if available.
  case automatic
  /// Swiftlet's own kernels.
  case native
  /// `cblas_sgemm` of OpenBLAS, or of the library in `SWIFTLET_BLAS`.
  case cblas
}

/// The number type of the linear layers' weights and products.
package enum Precision: String, CaseIterable, Sendable {
  case float32
  /// Weights and activations of 16 bits, of which 8 are significant, summed in float32; attention of
  /// longer texts too. Everything else stays float32. Only some instruction sets have it.
  case bfloat16
  /// Weights of 8 bits with a scale for each output, activations of 8 bits with a scale for each
  /// row, exact sums of 32 bits; with VNNI attention of longer texts too. The word embeddings have 8
  /// bits with a scale for each row. Everything else stays float32.
  case int8

  /// Whether an instruction set has the precision's kernels.
  package func isSupported(by table: KernelTable) -> Bool {
    switch self {
    case .float32, .int8: true
    case .bfloat16: table.bfloat16 != nil
    }
  }
}

/// The kernels of one instruction set, and the BLAS library if products go there.
package struct Kernels: Sendable {
  package let table: KernelTable
  /// nil if the products run in `table` too.
  package let blas: BLAS?
  package let precision: Precision

  /// Chooses by the processor's features, by `SWIFTLET_ISA`, and by `SWIFTLET_GEMM` if `backend` is
  /// automatic. Native kernels compute the products of bfloat16 and int8, whatever the backend.
  ///
  /// - Throws: `KernelsError.noBFloat16` if the chosen instruction set has no kernels of bfloat16.
  package init(
    backend: GEMMBackend = .automatic, precision: Precision = .float32
  ) throws(KernelsError) {
    try self.init(
      instructionSet: environment("SWIFTLET_ISA"), backend: backend, precision: precision)
  }

  /// Chooses the kernels of a named instruction set; nil takes the best one.
  package init(
    instructionSet: String?, backend: GEMMBackend, precision: Precision = .float32
  ) throws(KernelsError) {
    self.precision = precision
    table = try Self.table(named: instructionSet)
    guard precision.isSupported(by: table) else {
      throw .noBFloat16(instructionSet: table.name)
    }
    switch try Self.resolve(backend) {
    case .native: blas = nil
    case .cblas: blas = try BLAS.shared.get()
    case .automatic:
      #if arch(x86_64)
      blas = nil
      #else
      blas = try? BLAS.shared.get()
      #endif
    }
  }

  /// Whether weights that are stored as float16 stay float16.
  var keepsFloat16: Bool {
    precision == .float32 && blas == nil && table.products.multiplyFloat16 != nil
  }

  /// The row count that a pass computes for `count` rows: rounded up to four, since one or two
  /// remaining rows take as long as four.
  package func rows(for count: Int) -> Int {
    blas != nil || count <= 2 ? count : (count + 3) / 4 * 4
  }

  /// The attention kernel for a number of keys and a head size. Nothing else decides, so that a
  /// text's result does not depend on its batch.
  package func attention(length: Int, headSize: Int) -> AttentionKernels.Attend {
    guard headSize % 16 == 0 else { return table.attention.float32 }
    switch precision {
    case .bfloat16 where length >= Self.minBFloat16Length: return bfloat16.attend
    case .int8 where length >= Self.minInt8Length:
      // `??` would allocate a closure for each head.
      guard let integer = table.attention.int8 else { return table.attention.float32 }
      return integer
    default: return table.attention.float32
    }
  }

  /// Floats of scratch that the attention kernels need for at most `length` tokens.
  package func attentionScratchCount(length: Int, headSize: Int) -> Int {
    let floats = table.attention.scratchCount(length, headSize)
    guard precision == .bfloat16 else { return floats }
    return max(floats, bfloat16.attentionScratchCount(length, headSize))
  }

  /// With fewer keys, packing them takes longer than faster products save.
  private static let minBFloat16Length = 16
  private static let minInt8Length = 64

  /// The kernels of ``Precision/bfloat16``, whose presence the initialiser has checked.
  var bfloat16: BFloat16Kernels {
    guard let kernels = table.bfloat16 else { stop("no kernels of bfloat16") }
    return kernels
  }

  /// These kernels, for layers that stay float32.
  package var float32: Kernels { Kernels(table: table, blas: blas, precision: .float32) }

  private init(table: KernelTable, blas: BLAS?, precision: Precision) {
    self.table = table
    self.blas = blas
    self.precision = precision
  }

  /// The tables that this machine can run, best first.
  package static let available: [KernelTable] = {
    var tables = [SwiftletKernelsBaseline.kernels]
    #if arch(x86_64)
    let features = ProcessorFeatures.current
    if features.hasAVX2 { tables.insert(SwiftletKernelsAVX2.kernels, at: 0) }
    if features.hasAVX512 { tables.insert(SwiftletKernelsAVX512.kernels, at: 0) }
    if features.hasBFloat16 {
      let bfloat16 = SwiftletKernelsAVX512BF16.kernels
      tables.insert(SwiftletKernelsAVX512.kernels.adding(bfloat16, name: "avx512bf16"), at: 0)
    }
    #endif
    return tables
  }()

  private static func table(named name: String?) throws(KernelsError) -> KernelTable {
    guard let name else { return available[0] }
    if let table = available.first(where: { $0.name == name }) { return table }
    guard ["avx512bf16", "avx512", "avx2", "baseline"].contains(name) else {
      throw .unknownInstructionSet(name)
    }
    throw .unsupportedInstructionSet(name, available: available.map(\.name))
  }

  private static func resolve(_ backend: GEMMBackend) throws(KernelsError) -> GEMMBackend {
    guard backend == .automatic, let name = environment("SWIFTLET_GEMM") else { return backend }
    guard let named = GEMMBackend(rawValue: name) else { throw .unknownBackend(name) }
    return named
  }
}
