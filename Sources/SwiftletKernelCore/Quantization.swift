/// x[r, k] ≈ q[r, k] * scale[r]: each row of activations as bytes, with a scale of its own, symmetric
/// around 0, -127 ... 127.
///
/// The instructions multiply unsigned by signed bytes. So the bytes are shifted to 1 ... 255, and
/// each sum starts at the negative of what the shift adds. AVX2 only has an instruction that
/// saturates, which can't happen with magnitudes: there a step stores a mask of the signs of four
/// activations and their magnitudes, and the signs are applied to the weights. -w is ~w + 1:
/// inverting takes one instruction of any vector unit, and the magnitudes of the negative
/// activations are added to the row's sums at the end.
///
/// A row with an infinity or NaN gets the scale NaN and no bytes: every result computed from it is
/// NaN, as in float32.
@usableFromInline
package enum Quantization<Vector: KernelVector> {
  /// Quantises each row of `input` into a row of `output`, `bytesPerActivation` bytes for each
  /// column. With two bytes, rows are padded to whole vectors, and the surplus bytes must meet zero
  /// weights.
  @inlinable @inline(__always)
  package static func rows(
    _ input: Matrix<Float>, into output: Matrix<UInt8>, scales: UnsafeMutablePointer<RowScale>
  ) {
    for index in 0..<input.rows {
      scales[index] = row(input.row(index), count: input.columns, into: output.row(index))
    }
  }

  @inlinable @inline(__always)
  static func row(
    _ x: UnsafePointer<Float>, count: Int, into output: UnsafeMutablePointer<UInt8>
  ) -> RowScale {
    let lanes = Vector.laneCount
    let whole = count / lanes * lanes
    let rest = count - whole
    let magnitudes = Vector.folding(x, count: count, joining: { $0.maximumOfMagnitudes($1) }) {
      $0.maximumOfMagnitudes($1.magnitude())
    }
    let largest = magnitudes.largestMagnitude()
    guard largest < .infinity else { return RowScale(scale: .nan, start: 0) }
    // A row whose largest magnitude is about 0 quantises to zeros; 127 / largest would overflow.
    let isZero = largest <= 127 / .greatestFiniteMagnitude
    let factor = Vector(repeating: isZero ? 0 : 127 / largest)
    var negatives = Vector.zero
    for index in stride(from: 0, to: whole, by: lanes) {
      let scaled = Vector(loading: x + index) * factor
      scaled.storeActivations(
        to: output + index * Vector.bytesPerActivation, count: lanes, negatives: &negatives)
    }
    if rest > 0 {
      let scaled = Vector(loading: x + whole, count: rest, filler: 0) * factor
      scaled.storeActivations(
        to: output + whole * Vector.bytesPerActivation, count: rest, negatives: &negatives)
    }
    // Integers, whose sum is exact for any realistic row length.
    return RowScale(
      scale: isZero ? 0 : largest / 127, start: Int32(exactly: -negatives.sum()) ?? 0)
  }
}

/// Weights of int8 with a scale for each column of the product, packed alike for every instruction
/// set: panels of `panelWidth` columns, each [K / 4][panelWidth][4], padded with zeros.
package struct QuantizedMatrix: BitwiseCopyable, @unchecked Sendable {
  package let packed: PackedMatrix
  /// w[k, c] ≈ q[k, c] * scale[c], padded to whole panels.
  package let scales: UnsafePointer<Float>
  /// -128 Σₖ q[k, c], which cancels the shift of the activations; padded to whole panels.
  package let start: UnsafePointer<Int32>
  /// The length of the sums, K.
  package let depth: Int

  package init(
    packed: PackedMatrix, scales: UnsafePointer<Float>, start: UnsafePointer<Int32>, depth: Int
  ) {
    self.packed = packed
    self.scales = scales
    self.start = start
    self.depth = depth
  }

  /// The first `columns` columns.
  package func prefix(columns: Int) -> QuantizedMatrix {
    QuantizedMatrix(
      packed: packed.prefix(columns: columns), scales: scales, start: start, depth: depth)
  }

  package static let panelWidth = 32

  /// The steps of the sums, four elements each.
  package static func steps(depth: Int) -> Int { (depth + 3) / 4 }
}
