/// The right-hand side of a product in the order in which the tiles read it: panels of `panelWidth`
/// columns, the last one padded with zeros.
///
///     weights [N, K], as stored          packed, panelWidth = 4
///
///          k →                           panel 0 (n 0–3)   panel 1 (n 4–7)
///     n ┌ a0 a1 a2 …                     step 0: a0 b0 c0 d0   e0 f0 g0 h0
///     ↓ │ b0 b1 b2 …                     step 1: a1 b1 c1 d1   e1 f1 g1 h1
///       │ c0 c1 c2 …                     step 2: a2 b2 c2 d2   e2 f2 g2 h2
///       └ …                              …  all steps of panel 0, then all of panel 1
///
/// A word is a float, a float16 of two bytes, or four int8 or two bfloat16 of one column: there a step is
/// four or two k. A panel is as wide as a tile, or holds several tiles side by side.
///
/// A view, which does not own the memory.
@usableFromInline
package struct PackedMatrix: BitwiseCopyable {
  @usableFromInline package let pointer: UnsafeRawPointer
  /// The steps of the sums: K, or a quarter or half of it.
  @usableFromInline package let steps: Int
  /// The columns of the product, N.
  @usableFromInline package let columns: Int
  @usableFromInline package let panelWidth: Int
  @usableFromInline package let wordBytes: Int
  /// Bytes from one panel to the next.
  @usableFromInline package let panelBytes: Int

  /// `panelBytes` is larger than a panel if other steps lie between the panels.
  @inlinable
  package init(
    pointer: UnsafeRawPointer, steps: Int, columns: Int, panelWidth: Int, wordBytes: Int = 4,
    panelBytes: Int? = nil
  ) {
    self.pointer = pointer
    self.steps = steps
    self.columns = columns
    self.panelWidth = panelWidth
    self.wordBytes = wordBytes
    self.panelBytes = panelBytes ?? steps * panelWidth * wordBytes
  }

  @inlinable
  package var panelCount: Int { (columns + panelWidth - 1) / panelWidth }

  /// Bytes from one step to the next within a panel.
  @inlinable
  package var stepBytes: Int { panelWidth * wordBytes }

  /// The first step of a column that begins a tile.
  @inlinable
  package func block(_ column: Int) -> UnsafeRawPointer {
    pointer + column / panelWidth * panelBytes + column % panelWidth * wordBytes
  }

  /// The first `columns` columns.
  @inlinable
  package func prefix(columns: Int) -> PackedMatrix {
    PackedMatrix(
      pointer: pointer, steps: steps, columns: columns, panelWidth: panelWidth,
      wordBytes: wordBytes, panelBytes: panelBytes)
  }

  /// Some steps of every panel: a product with them sums over a part of the depth.
  @inlinable
  package func steps(_ range: Range<Int>) -> PackedMatrix {
    PackedMatrix(
      pointer: pointer + range.lowerBound * stepBytes, steps: range.count, columns: columns,
      panelWidth: panelWidth, wordBytes: wordBytes, panelBytes: panelBytes)
  }

  /// The word count of a packed matrix.
  @inlinable
  package static func wordCount(steps: Int, columns: Int, panelWidth: Int) -> Int {
    (columns + panelWidth - 1) / panelWidth * panelWidth * steps
  }
}

extension PackedMatrix: @unchecked Sendable {}
