import SwiftletMemory

/// The right-hand side of a product in the order in which the tiles read it: panels of
/// `panelWidth` columns, each [steps][panelWidth] words of four bytes, the last one padded with
/// zeros. A word is a float, or four int8 of one column, or, of two bytes, a float16. A panel is as wide as a tile, or holds
/// several tiles side by side.
///
/// A view; whoever packed it keeps the memory alive.
@usableFromInline
package struct PackedMatrix: BitwiseCopyable {
  @usableFromInline package let pointer: UnsafeRawPointer
  /// The steps of the sums: K, or a quarter of it.
  @usableFromInline package let steps: Int
  /// The columns of the product, N.
  @usableFromInline package let columns: Int
  @usableFromInline package let panelWidth: Int
  @usableFromInline package let wordBytes: Int

  @inlinable
  package init(
    pointer: UnsafeRawPointer, steps: Int, columns: Int, panelWidth: Int, wordBytes: Int = 4
  ) {
    self.pointer = pointer
    self.steps = steps
    self.columns = columns
    self.panelWidth = panelWidth
    self.wordBytes = wordBytes
  }

  @inlinable
  package var panelCount: Int { (columns + panelWidth - 1) / panelWidth }

  /// Bytes from one panel to the next.
  @inlinable
  package var panelBytes: Int { steps * panelWidth * wordBytes }

  /// Bytes from one step to the next within a panel.
  @inlinable
  package var stepBytes: Int { panelWidth * wordBytes }

  /// The first step of a column that begins a tile.
  @inlinable
  package func block(_ column: Int) -> UnsafeRawPointer {
    pointer + column / panelWidth * panelBytes + column % panelWidth * wordBytes
  }

  /// Seen up to a column.
  @inlinable
  package func prefix(columns: Int) -> PackedMatrix {
    PackedMatrix(
      pointer: pointer, steps: steps, columns: columns, panelWidth: panelWidth,
      wordBytes: wordBytes)
  }

  /// Words that a packed matrix takes.
  @inlinable
  package static func wordCount(steps: Int, columns: Int, panelWidth: Int) -> Int {
    (columns + panelWidth - 1) / panelWidth * panelWidth * steps
  }
}

extension PackedMatrix: @unchecked Sendable {}
