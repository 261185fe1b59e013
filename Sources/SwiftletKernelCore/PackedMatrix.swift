import SwiftletMemory

/// The right-hand side of a product in the order in which the tiles read it: panels of
/// `panelWidth` columns, each [depth][panelWidth], the last one padded with zeros.
///
/// A view; whoever packed it keeps the memory alive.
@usableFromInline
package struct PackedMatrix: BitwiseCopyable {
  @usableFromInline package let pointer: UnsafePointer<Float>
  /// The length of the sums, K.
  @usableFromInline package let depth: Int
  /// The columns of the product, N.
  @usableFromInline package let columns: Int
  @usableFromInline package let panelWidth: Int

  @inlinable
  package init(pointer: UnsafePointer<Float>, depth: Int, columns: Int, panelWidth: Int) {
    self.pointer = pointer
    self.depth = depth
    self.columns = columns
    self.panelWidth = panelWidth
  }

  @inlinable
  package var panelCount: Int { (columns + panelWidth - 1) / panelWidth }

  /// Floats that a packed matrix takes.
  @inlinable
  package static func elementCount(depth: Int, columns: Int, panelWidth: Int) -> Int {
    (columns + panelWidth - 1) / panelWidth * panelWidth * depth
  }

  /// Packs the transpose of `source`, whose row n holds column n of the product, as PyTorch's
  /// linear layers store their weights: [N, K] becomes panels of [K][panelWidth].
  @inlinable @inline(__always)
  package static func pack(
    transposing source: Matrix<Float>, into target: UnsafeMutablePointer<Float>, panelWidth: Int
  ) {
    var out = target
    for first in stride(from: 0, to: source.rows, by: panelWidth) {
      for lane in 0..<panelWidth where first + lane < source.rows {
        let row = source.row(first + lane)
        for k in 0..<source.columns { out[k * panelWidth + lane] = row[k] }
      }
      let used = min(panelWidth, source.rows - first)
      for lane in used..<panelWidth {
        for k in 0..<source.columns { out[k * panelWidth + lane] = 0 }
      }
      out += source.columns * panelWidth
    }
  }
}

extension PackedMatrix: @unchecked Sendable {}
