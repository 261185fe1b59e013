import SwiftletKernelCore
import SwiftletRuntime
import SwiftletSystem
import Testing

struct ProductTests {
  @Test(arguments: Kernels.available, EpilogueCase.allCases)
  func `products equal the exact ones within rounding and write nothing else`(
    table: KernelTable, epilogue: EpilogueCase
  ) throws {
    var worst = WorstError()
    for linear in try ProductCase.all.get() {
      let layer = try linear.packed(for: table)
      for rows in Array(1...14) + [25] {
        let out = try linear.output(rows: rows, epilogue)
        table.multiply(
          linear.x.lastRows(rows), layer, epilogue, residual: linear.residual.lastRows(rows),
          into: out.view)
        let place = "\(rows) x \(linear.depth) x \(linear.outputs)"
        linear.check(out.view, epilogue, &worst, place)
        #expect(out.isIntactOutside, "\(place)")
      }
    }
    worst.check()
  }

  @Test(arguments: Kernels.available, EpilogueCase.allCases)
  func `epilogues complete sums that another library computed`(
    table: KernelTable, epilogue: EpilogueCase
  ) throws {
    var worst = WorstError()
    for linear in try ProductCase.all.get() where linear.depth == 17 {
      for rows in [1, 4, 25] {
        let first = linear.x.view.rows - rows
        let out = try GuardedMatrix(rows: rows, columns: linear.outputs) { row, column in
          Float(linear.sums[first + row][column].value)
        }
        let residual = linear.residual.lastRows(rows)
        switch epilogue {
        case .bias, .residualInPlace:
          table.products.applyEpilogue(out.view, linear.bias.view.pointer, .bias)
        case .gelu: table.products.applyEpilogue(out.view, linear.bias.view.pointer, .biasGELU)
        case .residualSeparate:
          table.products.applyEpilogue(out.view, linear.bias.view.pointer, .biasResidual(residual))
        }
        // In place, CBLAS adds to the residual before the epilogue.
        let effective = epilogue == .residualInPlace ? .bias : epilogue
        linear.check(out.view, effective, &worst, "\(rows) x \(linear.outputs)")
        #expect(out.isIntactOutside)
      }
    }
    worst.check()
  }

  @Test(arguments: Kernels.available, EpilogueCase.allCases)
  func `a row has the same bits alone and among any number of rows`(
    table: KernelTable, epilogue: EpilogueCase
  ) throws {
    // Deeper ones are done in three parts.
    for linear in try [
      ProductCase(rows: 30, depth: 65, outputs: 100),
      ProductCase(rows: 30, depth: 1601, outputs: 70),
    ] {
      let layer = try linear.packed(for: table)
      let all = try result(table, linear, layer, rows: 0..<30, epilogue)
      for count in 1...30 {
        #expect(try result(table, linear, layer, rows: 0..<count, epilogue) == Array(all[..<count]))
      }
      for row in 0..<30 {
        #expect(try result(table, linear, layer, rows: row..<row + 1, epilogue) == [all[row]])
        #expect(try result(table, linear, layer, rows: row..<30, epilogue) == Array(all[row...]))
      }
    }
  }

  private func result(
    _ table: KernelTable, _ linear: ProductCase, _ layer: PackedLayer, rows: Range<Int>,
    _ epilogue: EpilogueCase
  ) throws -> [[UInt32]] {
    let residual = linear.residual.view.rows(rows)
    let out =
      epilogue == .residualInPlace
      ? try GuardedMatrix(copying: residual)
      : try GuardedMatrix(rows: rows.count, columns: linear.outputs)
    table.multiply(
      linear.x.view.rows(rows), layer, epilogue, residual: residual, into: out.view)
    return out.bits
  }

  @Test(arguments: Kernels.available, EpilogueCase.allCases)
  func `a range of panels has the bits of the whole product and touches no other column`(
    table: KernelTable, epilogue: EpilogueCase
  ) throws {
    let linear = try ProductCase(rows: 13, depth: 17, outputs: 100)
    let layer = try linear.packed(for: table)
    let whole = try linear.output(rows: 13, epilogue)
    table.multiply(
      linear.x.view, layer, epilogue, residual: linear.residual.view, into: whole.view)
    let count = layer.matrix.panelCount
    for first in 0...count {
      for last in first...count {
        let out = try linear.output(rows: 13, epilogue)
        let before = out.bits
        table.multiply(
          linear.x.view, layer, epilogue, residual: linear.residual.view, panels: first..<last,
          into: out.view)
        let columns =
          first * table.products.panelWidth..<max(first, last) * table.products.panelWidth
        for row in 0..<13 {
          for column in 0..<100 {
            let source = columns.contains(column) ? whole.view.bits(ofRow: row) : before[row]
            guard out.view.row(row)[column].bitPattern != source[column] else { continue }
            Issue.record("panels \(first)..<\(last), row \(row), column \(column)")
            return
          }
        }
        #expect(out.isIntactOutside)
      }
    }
  }

  @Test(arguments: [4, 8, 16, 32])
  func `packing makes panels of the transpose, the last one padded with zeros`(
    panelWidth: Int
  ) throws {
    for (rows, columns) in [(1, 1), (7, 5), (32, 3), (33, 4)] {
      let w = try GuardedMatrix(rows: rows, columns: columns) { Float(100 * $0 + $1 + 1) }
      let layer = try PackedLayer(
        w.view, bias: [Float](repeating: 0, count: rows), panelWidth: panelWidth)
      #expect(layer.matrix.panelCount == (rows + panelWidth - 1) / panelWidth)
      for column in 0..<layer.matrix.panelCount * panelWidth {
        let panel = (layer.matrix.pointer + column / panelWidth * layer.matrix.panelBytes)
          .assumingMemoryBound(to: Float.self)
        for k in 0..<columns {
          let expected = column < rows ? Float(100 * column + k + 1) : 0
          #expect(panel[k * panelWidth + column % panelWidth] == expected)
        }
      }
    }
  }
}
