import SwiftletKernelCore
import SwiftletRuntime
import SwiftletSystem
import Testing

struct TrainableLinearTests {
  /// A layer whose weights were packed before with others.
  private final class Layer {
    let linear: TrainableLinear
    private let storage = WeightStorage()
    private let kernels: Kernels

    init(_ table: KernelTable, _ source: ProductCase, threads: Int = 1) throws {
      kernels = try Kernels(instructionSet: table.name, backend: .native)
      linear = try TrainableLinear(
        inputs: source.depth, outputs: source.outputs, in: storage, for: table.products)
      let pool = WorkerPool(threadCount: threads)
      let others = try GuardedMatrix(rows: source.outputs, columns: source.depth) { _, _ in 7 }
      linear.pack(others.view, bias: others.view.pointer, on: pool)
      linear.pack(source.w.view, bias: source.bias.view.pointer, on: pool)
    }

    func apply(_ layer: Linear, to x: Matrix<Float>) throws -> GuardedMatrix {
      let out = try GuardedMatrix(rows: x.rows, columns: layer.outputs)
      let panel = try AlignedBuffer<Float>(count: 0)
      let scales = try AlignedBuffer<RowScale>(uninitialized: 0)
      let bytes = try AlignedBuffer<UInt8>(count: 0)
      var worker = Worker.alone()
      layer.apply(
        to: x, into: out.view, kernels,
        ActivationScratch(
          bytes: bytes.pointer, scales: scales.pointer, panel: panel.pointer), &worker)
      return out
    }
  }

  @Test(arguments: Kernels.available)
  func `a layer that is packed again has the bits of a loaded one`(table: KernelTable) throws {
    for source in try ProductCase.all.get() {
      let layer = try Layer(table, source)
      let found = try layer.apply(layer.linear.forward, to: source.x.view)
      let expected = try source.output(rows: source.x.view.rows, .bias)
      try table.multiply(
        source.x.view, source.packed(for: table), .bias, residual: source.residual.view,
        into: expected.view)
      #expect(found.bits == expected.bits && found.isIntactOutside)
    }
  }

  @Test(arguments: Kernels.available)
  func `the backward product uses the stored weights`(table: KernelTable) throws {
    var worst = WorstError()
    for source in try ProductCase.all.get() {
      let layer = try Layer(table, source)
      let gradient = source.residual.view
      let found = try layer.apply(layer.linear.backward, to: gradient)
      let transposed = try GuardedMatrix(rows: source.depth, columns: source.outputs) {
        source.w.view.row($1)[$0]
      }
      let exact = Reference.product(gradient, transposing: transposed.view)
      for (row, sums) in exact.enumerated() {
        for (column, sum) in sums.enumerated() {
          worst.add(
            found.view.row(row)[column], expected: sum.value,
            tolerance: Tolerance.sum(depth: source.outputs, magnitude: sum.magnitude),
            at: "[\(row), \(column)] of \(source.depth) x \(source.outputs)")
        }
      }
      #expect(found.isIntactOutside)
    }
    worst.check()
  }

  @Test(arguments: Kernels.available, [2, 7])
  func `the number of threads that pack changes no bit`(table: KernelTable, threads: Int) throws {
    let source = try ProductCase(rows: 5, depth: 100, outputs: 130)
    let layers = try [1, threads].map { try Layer(table, source, threads: $0) }
    let forward = try layers.map { try $0.apply($0.linear.forward, to: source.x.view).bits }
    let backward = try layers.map {
      try $0.apply($0.linear.backward, to: source.residual.view).bits
    }
    #expect(forward[0] == forward[1] && backward[0] == backward[1])
  }
}
