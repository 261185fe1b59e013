import SwiftletKernelCore
import SwiftletRuntime
import SwiftletSystem
import Testing

struct OuterProductTests {
  /// Rows, and columns of x and g, on both sides of every block, tile and panel.
  private static let sizes = [
    (1, 1, 1), (3, 5, 7), (2, 12, 32), (300, 13, 33), (257, 31, 65), (5, 64, 100), (40, 143, 16),
    (3, 1537, 33),
  ]

  private static func add(
    _ x: Matrix<Float>, _ g: Matrix<Float>, to gradient: OuterGradient, panels: Range<Int>? = nil,
    _ table: KernelTable
  ) throws {
    let count = table.training.outerProductScratchCount(x.columns)
    let scratch = try GuardedMatrix(rows: 1, columns: count)
    let width = table.products.panelWidth
    table.training.addOuterProduct(
      x, g, panels ?? 0..<(g.columns + width - 1) / width, gradient.panels, scratch.view.pointer)
    #expect(scratch.isIntactOutside)
  }

  @Test(arguments: Kernels.available, OuterGradient.Layout.allCases)
  func `products are added as in double precision and nothing else is written`(
    table: KernelTable, layout: OuterGradient.Layout
  ) throws {
    var worst = WorstError()
    var random = SplitMix64(seed: 11)
    let width = table.products.panelWidth
    for (rows, depth, columns) in Self.sizes {
      let x = try GuardedMatrix(rows: rows, columns: depth, scale: 2, using: &random)
      let g = try GuardedMatrix(rows: rows, columns: columns, using: &random)
      let start = try GuardedMatrix(rows: depth, columns: columns, scale: 3, using: &random)
      let gradient = try OuterGradient(layout, rows: depth, columns: columns, width: width) {
        start.view.row($0)[$1]
      }
      try Self.add(x.view, g.view, to: gradient, table)
      for k in 0..<depth {
        for n in 0..<columns {
          var sum = Reference.Sum().adding(start.view.row(k)[n])
          for t in 0..<rows { sum.add(Double(x.view.row(t)[k]) * Double(g.view.row(t)[n])) }
          worst.add(
            gradient.element(k, n), expected: sum.value,
            tolerance: Tolerance.sum(depth: rows, magnitude: sum.magnitude),
            at: "[\(k), \(n)] of \(rows) x \(depth) x \(columns)")
        }
      }
      #expect(gradient.isIntactOutside)
    }
    worst.check()
  }

  @Test(arguments: Kernels.available)
  func `the cut into rows, panels and layouts changes no bit`(table: KernelTable) throws {
    var random = SplitMix64(seed: 12)
    let (rows, depth, columns, width) = (600, 37, 75, table.products.panelWidth)
    let x = try GuardedMatrix(rows: rows, columns: depth, using: &random)
    let g = try GuardedMatrix(rows: rows, columns: columns, using: &random)
    func gradient(_ layout: OuterGradient.Layout) throws -> OuterGradient {
      try OuterGradient(layout, rows: depth, columns: columns, width: width) {
        Float($0) - Float($1)
      }
    }
    let whole = try gradient(.packed)
    try Self.add(x.view, g.view, to: whole, table)
    for layout in OuterGradient.Layout.allCases {
      let parts = try gradient(layout)
      for range in [0..<1, 1..<258, 258..<300, 300..<600] {
        for panel in (0..<(columns + width - 1) / width).reversed() {
          try Self.add(
            x.view.rows(range), g.view.rows(range), to: parts, panels: panel..<panel + 1, table)
        }
      }
      for k in 0..<depth {
        for n in 0..<columns {
          #expect(parts.element(k, n).bitPattern == whole.element(k, n).bitPattern)
        }
      }
    }
  }

  @Test(arguments: Kernels.available, OuterGradient.Layout.allCases)
  func `a part of the columns gets the bits of all of them, and no other is written`(
    table: KernelTable, layout: OuterGradient.Layout
  ) throws {
    var random = SplitMix64(seed: 14)
    let (rows, depth, columns, width) = (41, 15, 75, table.products.panelWidth)
    let x = try GuardedMatrix(rows: rows, columns: depth, using: &random)
    let g = try GuardedMatrix(rows: rows, columns: columns, using: &random)
    let whole = try OuterGradient(layout, rows: depth, columns: columns, width: width) { _, _ in 1 }
    try Self.add(x.view, g.view, to: whole, table)
    let scratch = try GuardedMatrix(
      rows: 1, columns: table.training.outerProductScratchCount(depth))
    for range in [0..<20, 20..<75, 33..<34, 7..<66] {
      let part = try OuterGradient(layout, rows: depth, columns: columns, width: width) { _, _ in 1
      }
      table.training.addOuterProduct(
        x.view, g.view.columns(range), table.products.panels(range), part.panels(range),
        scratch.view.pointer)
      for k in 0..<depth {
        for n in 0..<columns {
          let expected = range.contains(n) ? whole.element(k, n) : 1
          #expect(part.element(k, n).bitPattern == expected.bitPattern)
        }
      }
    }
  }

  /// Rows that are a multiple of 4 KB apart are copied by some instruction sets.
  @Test(arguments: Kernels.available, [37, 1024])
  func `the distance between rows changes no bit`(table: KernelTable, depth: Int) throws {
    var random = SplitMix64(seed: 13)
    let near = try GuardedMatrix(rows: 270, columns: depth, using: &random)
    let far = try GuardedMatrix(rows: 270, columns: depth, padding: 2048 - depth)
    for row in 0..<270 { far.view.row(row).update(from: near.view.row(row), count: depth) }
    let g = try GuardedMatrix(rows: 270, columns: 40, using: &random)
    let results = try [near, far].map { x in
      let gradient = try OuterGradient(
        .table, rows: depth, columns: 40, width: table.products.panelWidth
      ) { Float($0 + $1) }
      try Self.add(x.view, g.view, to: gradient, table)
      return gradient.storage.bits
    }
    #expect(results[0] == results[1])
  }

  @Test(arguments: Kernels.available)
  func `column sums are those of double precision, with the same bits however they are cut`(
    table: KernelTable
  ) throws {
    var random = SplitMix64(seed: 14)
    var worst = WorstError()
    for columns in [1, 3, 16, 33, 64, 75, 200] {
      let g = try GuardedMatrix(rows: 90, columns: columns, using: &random)
      let start = try GuardedMatrix(rows: 1, columns: columns, using: &random)
      let whole = try GuardedMatrix(copying: start.view)
      table.training.addColumnSums(g.view, 0..<columns, whole.view.pointer)
      for column in 0..<columns {
        var sum = Reference.Sum().adding(start.view.pointer[column])
        for row in 0..<90 { sum.add(Double(g.view.row(row)[column])) }
        worst.add(
          whole.view.pointer[column], expected: sum.value,
          tolerance: Tolerance.sum(depth: 90, magnitude: sum.magnitude), at: "\(column)")
      }
      let parts = try GuardedMatrix(copying: start.view)
      for rows in [0..<31, 31..<90] {
        for range in [0..<columns / 3, columns / 3..<columns] {
          table.training.addColumnSums(g.view.rows(rows), range, parts.view.pointer)
        }
      }
      #expect(parts.bits == whole.bits && whole.isIntactOutside && parts.isIntactOutside)
    }
    worst.check()
  }
}
