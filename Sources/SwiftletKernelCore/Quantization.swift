/// x[r, k] ≈ q[r, k] * scale[r]: each row of activations as bytes, with a scale of its own, symmetric
/// around 0, -127 ... 127.
///
/// The instructions multiply unsigned bytes with signed ones. So the bytes are shifted to 1 ... 255,
/// and what that adds to a sum is taken off where the sum begins. AVX2 has only an instruction that
/// saturates, which can't happen to absolute values: there a step is a mask of the signs of four
/// activations and their absolute values, and the signs go to the weights. -w is ~w + 1: inverting is
/// one instruction that all units can do, and the absolute values of the negative activations are
/// added to the sums of the row at last.
///
/// A row with something that is infinite or not a number has no bytes of its own and the scale NaN: all
/// that is computed from it is not a number either, as in float32.
@usableFromInline
package enum Quantization<Vector: KernelVector> {
  /// `output` has a row of bytes for each row of `input`, `bytesPerActivation` for each of its columns,
  /// or up to whole vectors of them if those are two; surplus bytes must meet weights that are zero.
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
    let most = Vector.folding(x, count: count, joining: { $0.maximumOfMagnitudes($1) }) {
      $0.maximumOfMagnitudes($1.magnitude())
    }
    let largest = most.largestMagnitude()
    guard largest < .infinity else { return RowScale(scale: .nan, start: 0) }
    // Of a row that is all but zero nothing is left: its factor would be infinite.
    let isNothing = largest <= 127 / .greatestFiniteMagnitude
    let factor = Vector(repeating: isNothing ? 0 : 127 / largest)
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
    // Whole numbers, whose sum is exact in all but absurdly long rows.
    return RowScale(
      scale: isNothing ? 0 : largest / 127, start: Int32(exactly: -negatives.sum()) ?? 0)
  }
}

/// Weights of int8 with a scale for each column of the product, packed alike for every instruction
/// set: panels of `panelWidth` columns, each [K / 4][panelWidth][4], padded with zeros.
package struct QuantizedMatrix: BitwiseCopyable, @unchecked Sendable {
  package let packed: PackedMatrix
  /// w[k, c] ≈ q[k, c] * scale[c], padded to whole panels.
  package let scales: UnsafePointer<Float>
  /// -128 Σₖ q[k, c], which cancels the shift of the activations; padded likewise.
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

  /// Seen up to a column.
  package func prefix(columns: Int) -> QuantizedMatrix {
    QuantizedMatrix(
      packed: packed.prefix(columns: columns), scales: scales, start: start, depth: depth)
  }

  package static let panelWidth = 32

  /// Four bytes are multiplied at a time.
  package static func steps(depth: Int) -> Int { (depth + 3) / 4 }
}
