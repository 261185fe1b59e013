import SwiftletKernelCore
import SwiftletRuntime
import SwiftletSystem
import Testing

struct PanelTranspositionTests {
  @Test(arguments: Kernels.available)
  func `the panels of the forward product become those of the backward product`(
    table: KernelTable
  ) throws {
    let width = table.products.panelWidth
    for source in try ProductCase.all.get() {
      let packed = try source.packed(for: table)
      let (outputs, depth) = (source.outputs, source.depth)
      let transposed = try GuardedMatrix(rows: depth, columns: outputs) {
        source.w.view.row($1)[$0]
      }
      let expected = try PackedLayer(
        transposed.view, bias: [Float](repeating: 0, count: depth), panelWidth: width)
      let count = PackedMatrix.wordCount(steps: outputs, columns: depth, panelWidth: width)
      let found = try GuardedMatrix(rows: 1, columns: count)
      let panels = (depth + width - 1) / width
      table.training.transposePanels(packed.matrix, panels / 2..<panels, found.view.pointer)
      table.training.transposePanels(packed.matrix, 0..<panels / 2, found.view.pointer)
      let words = expected.matrix.pointer.assumingMemoryBound(to: UInt32.self)
      #expect(found.bits == [(0..<count).map { words[$0] }])
      #expect(found.isIntactOutside)
      withExtendedLifetime((packed, expected)) {}
    }
  }
}
