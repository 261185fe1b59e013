import SwiftletMemory

/// x[r, k] ≈ (q[r, k] - 128) * scale[r]: each row of activations as bytes, with a scale of its own.
///
/// Symmetric around 0, -127 ... 127, and then shifted to 1 ... 255, because the instructions multiply
/// unsigned bytes with signed ones; what the shift adds to a sum is taken off where the sum begins.
@usableFromInline
package enum Quantization<Vector: KernelVector> {
  /// `output` has a row of bytes for each row of `input`, as many as its columns, which are at least
  /// those of the input; surplus bytes must meet weights that are zero.
  @inlinable @inline(__always)
  package static func rows(
    _ input: Matrix<Float>, into output: Matrix<UInt8>, scales: UnsafeMutablePointer<Float>
  ) {
    for index in 0..<input.rows {
      scales[index] = row(input.row(index), count: input.columns, into: output.row(index))
    }
  }

  @inlinable @inline(__always)
  static func row(
    _ x: UnsafePointer<Float>, count: Int, into output: UnsafeMutablePointer<UInt8>
  ) -> Float {
    let lanes = Vector.laneCount
    let whole = count / lanes * lanes
    let rest = count - whole
    let most = Vector.folding(x, count: count, joining: { $0.maximum($1) }) {
      $0.maximum($1.magnitude())
    }
    let largest = most.largest()
    let factor = Vector(repeating: largest > 0 ? 127 / largest : 0)
    for index in stride(from: 0, to: whole, by: lanes) {
      (Vector(loading: x + index) * factor).storeShiftedBytes(to: output + index, count: lanes)
    }
    if rest > 0 {
      (Vector(loading: x + whole, count: rest, filler: 0) * factor)
        .storeShiftedBytes(to: output + whole, count: rest)
    }
    return largest / 127
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
