import SwiftletKernelCore
import SwiftletRuntime
import Testing

struct PackedMatrixTests {
  @Test(arguments: Kernels.available)
  func `a product with some steps of packed weights sums over these`(table: KernelTable) throws {
    let source = try ProductCase(rows: 25, depth: 100, outputs: 70)
    let packed = try source.packed(for: table)
    for steps in [0..<100, 0..<1, 37..<100, 8..<40] {
      let w = try GuardedMatrix(rows: 70, columns: steps.count) {
        source.w.view.row($0)[steps.lowerBound + $1]
      }
      let part = try PackedLayer(
        w.view, bias: source.bias.view.pointer, panelWidth: table.products.panelWidth)
      let x = Matrix(
        source.x.view.pointer + steps.lowerBound, rows: 25, columns: steps.count,
        stride: source.x.view.stride)
      let results = try [packed.matrix.steps(steps), part.matrix].map { matrix in
        let out = try GuardedMatrix(rows: 25, columns: 70)
        table.products.multiply(x, matrix, packed.bias, .bias, 0..<matrix.panelCount, out.view)
        return out.bits
      }
      #expect(results[0] == results[1])
      withExtendedLifetime(part) {}
    }
    withExtendedLifetime(packed) {}
  }
}
