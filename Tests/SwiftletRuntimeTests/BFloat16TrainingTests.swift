import SwiftletKernelCore
import SwiftletRuntime
import SwiftletSystem
import Testing

@Suite(.enabled(if: !bfloat16Tables.isEmpty, "no AVX512_BF16: no kernel of bfloat16 runs"))
struct BFloat16TrainingTests {
  /// Rows, and columns of x and g, on both sides of every block, tile and panel.
  private static let sizes = [
    (1, 1, 1), (3, 5, 7), (2, 12, 32), (300, 13, 33), (257, 31, 65), (5, 64, 100), (40, 143, 16),
    (3, 1537, 33),
  ]

  @Test(arguments: bfloat16Tables, OuterGradient.Layout.allCases)
  func `gradients have the bits of a plain loop over the tokens, and nothing else is written`(
    table: KernelTable, layout: OuterGradient.Layout
  ) throws {
    for (rows, depth, columns) in Self.sizes {
      let operands = try OuterOperands(rows: rows, depth: depth, columns: columns)
      let sums = try operands.start(layout, table)
      try operands.add(0..<rows, to: sums, table)
      #expect(sums.bits == operands.expected, "\(rows) x \(depth) x \(columns)")
      #expect(sums.isIntactOutside)
    }
  }

  /// Also with sums that are flushed to zeros of both signs.
  @Test(arguments: bfloat16Tables, [1, 0x1p-62, 0x1p-64] as [Float])
  func `the cut into passes of odd lengths and into panels changes no bit`(
    table: KernelTable, scale: Float
  ) throws {
    let operands = try OuterOperands(rows: 600, depth: 37, columns: 75, scale: scale)
    for layout in OuterGradient.Layout.allCases {
      let parts = try operands.start(layout, table)
      for rows in [0..<1, 1..<258, 258..<301, 301..<600] {
        for panel in (0..<3).reversed() {
          try operands.add(rows, panels: panel..<panel + 1, to: parts, table)
        }
      }
      #expect(parts.bits == operands.expected)
    }
  }

  @Test(arguments: bfloat16Tables, OuterGradient.Layout.allCases)
  func `a part of the columns gets the bits of all of them, and no other is written`(
    table: KernelTable, layout: OuterGradient.Layout
  ) throws {
    let operands = try OuterOperands(rows: 41, depth: 15, columns: 75)
    for range in [0..<20, 20..<75, 33..<34, 7..<66] {
      let sums = try operands.start(layout, table)
      let start = sums.bits
      try operands.add(0..<41, columns: range, to: sums, table)
      for (row, bits) in sums.bits.enumerated() {
        for (column, found) in bits.enumerated() {
          let expected =
            range.contains(column) ? operands.expected[row][column] : start[row][column]
          #expect(found == expected)
        }
      }
      #expect(sums.isIntactOutside)
    }
  }

  @Test(arguments: bfloat16Tables)
  func `pairs of rows are rounded with the later token first`(table: KernelTable) throws {
    let kernels = try #require(table.bfloat16).training
    var random = SplitMix64(seed: 21)
    for (rows, columns) in [(1, 1), (2, 15), (5, 16), (6, 33), (7, 100)] {
      let x = try GuardedMatrix(rows: rows, columns: columns, using: &random)
      let rounded = x.view.rounded
      let pairs = (rows + 1) / 2
      let whole = (columns + 15) / 16 * 16
      let found = try GuardedMatrix(rows: pairs, columns: whole)
      for range in [pairs / 2..<pairs, 0..<pairs / 2] {
        kernels.roundPairs(x.view, range, found.view.pairs)
      }
      for pair in 0..<pairs {
        for column in 0..<whole {
          let earlier = column < columns ? rounded[2 * pair][column] : 0
          let later = column < columns && 2 * pair + 1 < rows ? rounded[2 * pair + 1][column] : 0
          let bits = found.view.row(pair)[column].bitPattern
          #expect(bits == UInt32(later) | UInt32(earlier) << 16)
        }
      }
      #expect(found.isIntactOutside)
    }
  }

  @Test(arguments: bfloat16Tables)
  func `weights are rounded to the panels of both products`(table: KernelTable) throws {
    let kernels = try #require(table.bfloat16).training
    let width = table.products.panelWidth
    for source in try ProductCase.all.get() {
      let (w, depth, outputs) = (source.w.view.rounded, source.depth, source.outputs)
      let packed = try source.packed(for: table)
      let steps = BFloat16Kernels.steps(depth: depth)
      let backwardSteps = BFloat16Kernels.steps(depth: outputs)
      let panels = packed.matrix.panelCount
      let forward = try GuardedMatrix(rows: panels * steps, columns: width, padding: 0)
      let backward = try GuardedMatrix(
        rows: (depth + width - 1) / width * backwardSteps, columns: width, padding: 0)
      withExtendedLifetime(packed) {
        for range in [panels / 2..<panels, 0..<panels / 2] {
          kernels.roundPanels(
            packed.matrix, range, forward.view.pairs.pointer, backward.view.pairs.pointer)
        }
      }
      let weight = { (n: Int, k: Int) in n < outputs && k < depth ? UInt32(w[n][k]) : 0 }
      for (row, bits) in forward.bits.enumerated() {
        for (lane, found) in bits.enumerated() {
          let (n, k) = (row / steps * width + lane, row % steps * 2)
          #expect(found == weight(n, k) | weight(n, k + 1) << 16)
        }
      }
      for (row, bits) in backward.bits.enumerated() {
        for (lane, found) in bits.enumerated() {
          let (k, n) = (row / backwardSteps * width + lane, row % backwardSteps * 2)
          #expect(found == weight(n, k) | weight(n + 1, k) << 16)
        }
      }
      #expect(forward.isIntactOutside && backward.isIntactOutside)
    }
  }
}

/// x [T, K] and g [T, N] of an outer product, and their sums over the tokens.
private final class OuterOperands {
  let x: GuardedMatrix
  let g: GuardedMatrix
  let scale: Float
  /// [K, N]
  let expected: [[UInt32]]

  init(rows: Int, depth: Int, columns: Int, scale: Float = 1) throws {
    var random = SplitMix64(seed: UInt64(rows * 1000 + columns))
    x = try GuardedMatrix(rows: rows, columns: depth, scale: scale, using: &random)
    g = try GuardedMatrix(rows: rows, columns: columns, scale: scale, using: &random)
    self.scale = scale
    let (a, b) = (x.view.rounded, g.view.rounded)
    expected = (0..<depth).map { k in
      (0..<columns).map { n in
        (0..<rows).reduce(Self.start(k, n, scale)) {
          BFloat16Reference.adding($0, a[$1][k], b[$1][n])
        }.bitPattern
      }
    }
  }

  private static func start(_ k: Int, _ n: Int, _ scale: Float) -> Float {
    scale * scale * Float(k - n)
  }

  /// A gradient to add to.
  func start(_ layout: OuterGradient.Layout, _ table: KernelTable) throws -> OuterGradient {
    try OuterGradient(
      layout, rows: x.view.columns, columns: g.view.columns, width: table.products.panelWidth
    ) { Self.start($0, $1, self.scale) }
  }

  /// Adds the products of some rows to a gradient.
  func add(
    _ rows: Range<Int>, columns: Range<Int>? = nil, panels: Range<Int>? = nil,
    to sums: OuterGradient, _ table: KernelTable
  ) throws {
    let kernels = try #require(table.bfloat16).training
    let columns = columns ?? 0..<g.view.columns
    let part = x.view.rows(rows)
    let pairs = try GuardedMatrix(
      rows: (rows.count + 1) / 2, columns: (part.columns + 15) / 16 * 16)
    kernels.roundPairs(part, 0..<pairs.view.rows, pairs.view.pairs)
    let rounded = Matrix(
      pairs.view.pairs.pointer, rows: pairs.view.rows, columns: 2 * part.columns,
      stride: 2 * pairs.view.stride)
    let scratch = try GuardedMatrix(
      rows: 1, columns: table.training.outerProductScratchCount(0))
    kernels.addOuterProduct(
      rounded, g.view.rows(rows).columns(columns), panels ?? table.products.panels(columns),
      sums.panels(columns), scratch.view.pointer)
    #expect(scratch.isIntactOutside)
  }
}

extension Matrix<Float> {
  /// The same memory as pairs of bfloat16.
  fileprivate var pairs: Matrix<UInt16> {
    Matrix<UInt16>(
      UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: UInt16.self), rows: rows,
      columns: 2 * columns, stride: 2 * stride)
  }
}
