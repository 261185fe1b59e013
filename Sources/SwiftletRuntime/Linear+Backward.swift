package import SwiftletKernelCore
import SwiftletSystem

extension Linear {
  /// The backward pass of y = x wᵀ + b for the input: dx[M, K] = g[M, outputs] w[outputs, :], to which
  /// a residual may be added. `g` is the gradient of some of the outputs, all by default.
  package func inputGradient(
    of g: Matrix<Float>, outputs: Range<Int>? = nil, adding residual: Matrix<Float>? = nil,
    into dx: Matrix<Float>, _ kernels: Kernels, _ scratch: ActivationScratch,
    _ worker: inout Worker
  ) {
    guard let training else { stop("a layer without training has no backward pass") }
    let transposed = Linear(
      packed: training.transposed.steps(outputs ?? 0..<self.outputs), bias: training.zeros)
    transposed.apply(
      to: g, epilogue: residual.map { .biasResidual($0) } ?? .bias, into: dx, kernels, scratch,
      &worker)
  }

  /// The backward pass of y = x wᵀ + b for the parameters: dw[outputs, :] += gᵀ x and
  /// db[outputs] += Σ g, each sum in the order of the rows. `g` [M, outputs] is the gradient of some of the
  /// outputs, all by default. Does nothing for a frozen layer.
  package func addGradients(
    of g: Matrix<Float>, outputs: Range<Int>? = nil, from x: Matrix<Float>, _ kernels: Kernels,
    _ scratch: UnsafeMutablePointer<Float>, _ worker: inout Worker
  ) {
    guard let gradient = training?.gradient else { return }
    let outputs = outputs ?? 0..<self.outputs
    let training = kernels.table.training
    let width = kernels.table.products.panelWidth
    switch gradient.weights {
    case .panels(let panels):
      let target = GradientPanels.packed(
        panels, rows: inputs, columns: outputs, panelWidth: width)
      let touched = kernels.table.products.panels(outputs)
      worker.parallelFor(touched.count) { part in
        let part = part.lowerBound + touched.lowerBound..<part.upperBound + touched.lowerBound
        training.addOuterProduct(x, g, part, target, scratch)
      }
    case .rows(let table):
      let target = GradientPanels.table(table, panelWidth: width)
      worker.parallelFor((inputs + width - 1) / width) { part in
        training.addOuterProduct(g, x, part, target, scratch)
      }
    }
    worker.parallelFor((outputs.count + Self.sumColumns - 1) / Self.sumColumns) { parts in
      let columns =
        parts.lowerBound * Self.sumColumns..<min(parts.upperBound * Self.sumColumns, outputs.count)
      training.addColumnSums(g, columns, gradient.bias + outputs.lowerBound)
    }
  }

  /// The columns whose sums one thread computes at a time.
  private static var sumColumns: Int { 64 }

  /// Packs the transposed weights again after the weights have changed: the panels `range` of
  /// ``transposedPanelCount``.
  package func packTransposed(_ range: Range<Int>, _ kernels: Kernels) {
    guard let training, let packed = packedWeights else { return }
    kernels.table.training.transposePanels(packed, range, training.transposedPanels)
  }

  /// Packs the weights again from a table [N, K], on all threads of the pool.
  package func packAgain(_ table: Matrix<Float>, on pool: WorkerPool) {
    guard let packed = packedWeights else { return }
    let width = packed.panelWidth
    nonisolated(unsafe) let panels = UnsafeMutablePointer(
      mutating: packed.pointer.assumingMemoryBound(to: Float.self))
    pool.run(count: packed.panelCount) { panel in
      let rows = panel * width..<min((panel + 1) * width, table.rows)
      withUnsafeTemporaryAllocation(of: UnsafeRawPointer.self, capacity: rows.count) { pointers in
        for (index, row) in rows.enumerated() {
          pointers.initializeElement(at: index, to: UnsafeRawPointer(table.row(row)))
        }
        Packing.float32(
          UnsafeBufferPointer(pointers), depth: table.columns,
          into: panels + rows.lowerBound * table.columns, width: width)
      }
    }
  }

  package var transposedPanelCount: Int { training?.transposed.panelCount ?? 0 }
}
