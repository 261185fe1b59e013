import SwiftletKernelCore

/// A gradient [K, N] of weights in one of its layouts, between guards.
struct OuterGradient {
  enum Layout: CaseIterable, Sendable {
    case packed, table
  }

  let storage: GuardedMatrix
  let panels: GradientPanels
  private let rows: Int
  private let width: Int

  /// Elements from `value`, and zeros in padding.
  init(
    _ layout: Layout, rows: Int, columns: Int, width: Int, _ value: (Int, Int) -> Float
  ) throws {
    self.rows = rows
    self.width = width
    switch layout {
    case .packed:
      let count = PackedMatrix.wordCount(steps: rows, columns: columns, panelWidth: width)
      storage = try GuardedMatrix(rows: 1, columns: count) { _, index in
        let column = index / (rows * width) * width + index % width
        return column < columns ? value(index / width % rows, column) : 0
      }
      panels = .packed(
        storage.view.pointer, rows: rows, columns: 0..<columns, panelWidth: width)
    case .table:
      storage = try GuardedMatrix(rows: rows, columns: columns, value: value)
      panels = .table(storage.view, panelWidth: width)
    }
  }

  func element(_ row: Int, _ column: Int) -> Float {
    panels.pointer[
      column / width * panels.panelStride + row * panels.rowStride + column % width]
  }

  /// The elements, bit for bit.
  var bits: [[UInt32]] {
    withExtendedLifetime(storage) {
      (0..<rows).map { row in panels.columns.map { element(row, $0).bitPattern } }
    }
  }

  /// The same memory, for a product that adds to some columns only.
  func panels(_ columns: Range<Int>) -> GradientPanels {
    GradientPanels(
      pointer: panels.pointer, panelStride: panels.panelStride, rowStride: panels.rowStride,
      columns: columns)
  }

  /// The words of the last panel that belong to no column, which only panels have.
  private var padding: [Float] {
    let columns = panels.columns.upperBound
    guard panels.rowStride == width, columns % width > 0 else { return [] }
    return (0..<rows).flatMap { row in
      (columns % width..<width).map {
        panels.pointer[columns / width * panels.panelStride + row * width + $0]
      }
    }
  }

  /// Whether guards and padding are unchanged.
  var isIntactOutside: Bool {
    storage.isIntactOutside && padding.allSatisfy { $0.bitPattern == 0 }
  }
}
