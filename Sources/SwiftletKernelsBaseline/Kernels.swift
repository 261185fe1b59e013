import SwiftletKernelCore
import SwiftletMemory

// The kernels of one instruction set. This one file is the source of every instruction-set target:
// the others link to it and define which they are.
//
// It is a single file, nothing in it but the table is visible outside, and every generic kernel is
// inlined whole into the functions below: so no weak symbol is left of which the linker might keep
// one target's copy for all, and run AVX-512 code on a CPU that has none. `scripts/check-symbols`
// holds it to that.

#if SWIFTLET_AVX512
// AVX-512 F, BW, CD, DQ, VL and VNNI: Cascade Lake, Ice Lake, Zen 4 and what followed them.
private let instructionSetName = "avx512"
private typealias Lanes = SIMD16<Float>
private typealias LaneBits = SIMD16<Int32>
/// 24 of the 32 registers hold sums.
private typealias FullTile = Tile12<Vector>
#elseif SWIFTLET_AVX2
// AVX2 and FMA: Haswell, Zen and what followed them.
private let instructionSetName = "avx2"
private typealias Lanes = SIMD8<Float>
private typealias LaneBits = SIMD8<Int32>
/// 12 of the 16 registers hold sums.
private typealias FullTile = Tile6<Vector>
#else
// Any 64-bit CPU: SSE2 on x86-64, NEON on arm64.
private let instructionSetName = "baseline"
private typealias Lanes = SIMD4<Float>
private typealias LaneBits = SIMD4<Int32>
/// 12 of the 16 registers of x86-64 hold sums.
private typealias FullTile = Tile6<Vector>
#endif

/// One register of floats.
private struct Vector: KernelVector {
  var lanes: Lanes

  @inline(__always)
  init(_ lanes: Lanes) { self.lanes = lanes }

  @inline(__always)
  static var laneCount: Int { Lanes.scalarCount }

  @inline(__always)
  init(repeating value: Float) { lanes = Lanes(repeating: value) }

  @inline(__always)
  init(loading pointer: UnsafePointer<Float>) {
    lanes = UnsafeRawPointer(pointer).loadUnaligned(as: Lanes.self)
  }

  @inline(__always)
  func store(to pointer: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(pointer).storeBytes(of: lanes, as: Lanes.self)
  }

  @inline(__always)
  static func + (left: Self, right: Self) -> Self { Self(left.lanes + right.lanes) }

  @inline(__always)
  static func - (left: Self, right: Self) -> Self { Self(left.lanes - right.lanes) }

  @inline(__always)
  static func * (left: Self, right: Self) -> Self { Self(left.lanes * right.lanes) }

  @inline(__always)
  static func / (left: Self, right: Self) -> Self { Self(left.lanes / right.lanes) }

  @inline(__always)
  func adding(_ left: Self, times right: Self) -> Self {
    #if SWIFTLET_AVX512 || SWIFTLET_AVX2
    Self(lanes.addingProduct(left.lanes, right.lanes))
    #else
    // Without an instruction for it, `addingProduct` would call the C library for every lane.
    Self(lanes + left.lanes * right.lanes)
    #endif
  }

  @inline(__always)
  func minimum(_ other: Self) -> Self {
    Self(lanes.replacing(with: other.lanes, where: other.lanes .< lanes))
  }

  @inline(__always)
  func maximum(_ other: Self) -> Self {
    Self(lanes.replacing(with: other.lanes, where: lanes .< other.lanes))
  }

  @inline(__always)
  func scaled(byPowerIn shifted: Self) -> Self {
    let exponent = unsafeBitCast(shifted.lanes, to: LaneBits.self) &<< 23
    return Self(
      unsafeBitCast(unsafeBitCast(lanes, to: LaneBits.self) &+ exponent, to: Lanes.self))
  }

  @inline(__always)
  func sum() -> Float {
    let four = folded { $0 + $1 }
    return (four[0] + four[2]) + (four[1] + four[3])
  }

  @inline(__always)
  func largest() -> Float {
    let four = folded { $0.replacing(with: $1, where: $0 .< $1) }
    return max(max(four[0], four[1]), max(four[2], four[3]))
  }

  /// The lanes reduced to four by halving.
  @inline(__always)
  private func folded(
    _ combine: (SIMD4<Float>, SIMD4<Float>) -> SIMD4<Float>
  ) -> SIMD4<Float> {
    #if SWIFTLET_AVX512
    combine(
      combine(lanes.lowHalf.lowHalf, lanes.highHalf.lowHalf),
      combine(lanes.lowHalf.highHalf, lanes.highHalf.highHalf))
    #elseif SWIFTLET_AVX2
    combine(lanes.lowHalf, lanes.highHalf)
    #else
    lanes
    #endif
  }
}

/// Every kernel, instantiated for this target's instruction set.
package let kernels = KernelTable(
  name: instructionSetName, panelWidth: GEMM<Vector>.panelWidth,
  multiplyBias: multiplyBias, multiplyBiasGELU: multiplyBiasGELU,
  multiplyBiasResidual: multiplyBiasResidual, finish: finish, activate: activate,
  layerNorm: layerNorm, attentionScratch: attentionScratch, attention: attention)

private func multiplyBias(
  _ x: Matrix<Float>, _ weights: PackedMatrix, _ bias: UnsafePointer<Float>,
  _ panels: Range<Int>, _ out: Matrix<Float>
) {
  GEMM<Vector>.multiply(FullTile.self, x, weights, panels, AddBias(output: out, bias: bias))
}

private func multiplyBiasGELU(
  _ x: Matrix<Float>, _ weights: PackedMatrix, _ bias: UnsafePointer<Float>,
  _ panels: Range<Int>, _ out: Matrix<Float>
) {
  GEMM<Vector>.multiply(FullTile.self, x, weights, panels, AddBiasGELU(output: out, bias: bias))
}

private func multiplyBiasResidual(
  _ x: Matrix<Float>, _ weights: PackedMatrix, _ bias: UnsafePointer<Float>,
  _ residual: Matrix<Float>, _ panels: Range<Int>, _ out: Matrix<Float>
) {
  GEMM<Vector>.multiply(
    FullTile.self, x, weights, panels,
    AddBiasResidual(output: out, bias: bias, residual: residual))
}

private func finish(
  _ out: Matrix<Float>, _ bias: UnsafePointer<Float>, _ ending: LinearEnding
) {
  switch ending {
  case .bias:
    finishRows(out, row: 0, column: 0, AddBias<Vector>(output: out, bias: bias))
  case .biasGELU:
    finishRows(out, row: 0, column: 0, AddBiasGELU<Vector>(output: out, bias: bias))
  case .biasResidual(let residual):
    finishRows(
      out, row: 0, column: 0,
      AddBiasResidual<Vector>(output: out, bias: bias, residual: residual))
  }
}

private func activate(_ rows: Matrix<Float>, _ activation: Activation) {
  Activate<Vector>.rows(rows, activation)
}

private func layerNorm(
  _ input: Matrix<Float>, _ weight: UnsafePointer<Float>, _ bias: UnsafePointer<Float>,
  _ epsilon: Float, _ output: Matrix<Float>
) {
  LayerNorm<Vector>.rows(input, weight: weight, bias: bias, epsilon: epsilon, output: output)
}

private func attentionScratch(_ length: Int, _ headSize: Int) -> Int {
  Attention<FullTile, Products>.scratchCount(length: length, headSize: headSize)
}

private func attention(
  _ query: Matrix<Float>, _ key: Matrix<Float>, _ value: Matrix<Float>,
  _ output: Matrix<Float>, _ scale: Float, _ scratch: UnsafeMutablePointer<Float>
) {
  Attention<FullTile, Products>.head(
    query: query, key: key, value: value, output: output, scale: scale, scratch: scratch)
}

/// The steps of attention, each a function of its own: together they are more than the optimiser
/// inlines into one.
private enum Products: AttentionProducts {
  @inline(never)
  static func scores(_ query: Matrix<Float>, _ keys: PackedMatrix, _ scores: Matrix<Float>) {
    GEMM<Vector>.multiply(
      FullTile.self, query, keys, 0..<keys.panelCount, StoreSums(output: scores))
  }

  @inline(never)
  static func numerators(
    _ row: UnsafeMutablePointer<Float>, count: Int, scale: Float
  ) -> Float {
    Softmax<Vector>.numerators(row, count: count, scale: scale)
  }

  @inline(never)
  static func context(
    _ scores: Matrix<Float>, _ values: PackedMatrix, _ factors: UnsafePointer<Float>,
    _ output: Matrix<Float>
  ) {
    GEMM<Vector>.multiply(
      FullTile.self, scores, values, 0..<values.panelCount,
      ScaleRows(output: output, factors: factors))
  }
}
