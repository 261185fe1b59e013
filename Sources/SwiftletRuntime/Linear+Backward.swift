package import SwiftletKernelCore
import SwiftletSystem

extension Linear {
  /// The layer whose forward product is in the precision of training: with rounded weights, or itself.
  package var inTrainingPrecision: Linear {
    guard let rounded = training?.rounded else { return self }
    return Linear(bfloat16: rounded, inputs: inputs, bias: bias)
  }

  /// The backward pass of y = x wᵀ + b for the input: dx[M, K] = g[M, outputs] w[outputs, :], to which
  /// a residual may be added. `g` is the gradient of some of the outputs, all by default.
  package func inputGradient(
    of g: Matrix<Float>, outputs: Range<Int>? = nil, adding residual: Matrix<Float>? = nil,
    into dx: Matrix<Float>, _ kernels: Kernels, _ scratch: ActivationScratch,
    _ worker: inout Worker
  ) {
    guard let training else { stop("a layer without training has no backward pass") }
    let outputs = outputs ?? 0..<self.outputs
    let transposed =
      training.rounded == nil
      ? Linear(packed: training.transposed.steps(outputs), bias: training.zeros)
      : Linear(
        bfloat16: training.transposed.steps(outputs.lowerBound / 2..<outputs.upperBound / 2),
        inputs: outputs.count, bias: training.zeros)
    transposed.apply(
      to: g, epilogue: residual.map { .biasResidual($0) } ?? .bias, into: dx, kernels, scratch,
      &worker)
  }

  /// The backward pass of y = x wᵀ + b for the parameters: dw[outputs, :] += gᵀ x and
  /// db[outputs] += Σ g, each sum in the order of the rows. `g` [M, outputs] is the gradient of some of the
  /// outputs, all by default. Does nothing for a frozen layer.
  package func addGradients(
    of g: Matrix<Float>, outputs: Range<Int>? = nil, from x: Matrix<Float>, _ kernels: Kernels,
    _ scratch: ActivationScratch, _ worker: inout Worker
  ) {
    guard let gradient = training?.gradient else { return }
    let outputs = outputs ?? 0..<self.outputs
    let training = kernels.table.training
    let width = kernels.table.products.panelWidth
    switch gradient.weights {
    case .panels(let panels):
      let target = GradientPanels.packed(
        panels, rows: inputs, columns: outputs, panelWidth: width)
      addOuterProduct(x, g, to: target, kernels, scratch, &worker)
    case .rows(let table):
      let target = GradientPanels.table(table, panelWidth: width)
      worker.parallelFor((inputs + width - 1) / width) { part in
        training.addOuterProduct(g, x, part, target, scratch.panel)
      }
    }
    worker.parallelFor((outputs.count + Self.sumColumns - 1) / Self.sumColumns) { parts in
      let columns =
        parts.lowerBound * Self.sumColumns..<min(parts.upperBound * Self.sumColumns, outputs.count)
      training.addColumnSums(g, columns, gradient.bias + outputs.lowerBound)
    }
  }

  /// target += gᵀ x in the layer's precision, its panels on all threads.
  private func addOuterProduct(
    _ x: Matrix<Float>, _ g: Matrix<Float>, to target: GradientPanels, _ kernels: Kernels,
    _ scratch: ActivationScratch, _ worker: inout Worker
  ) {
    let touched = kernels.table.products.panels(target.columns)
    func forEachPart(_ worker: inout Worker, _ body: (Range<Int>) -> Void) {
      worker.parallelFor(touched.count) { part in
        body(part.lowerBound + touched.lowerBound..<part.upperBound + touched.lowerBound)
      }
    }
    let training = kernels.table.training
    guard self.training?.rounded != nil else {
      return forEachPart(&worker) { training.addOuterProduct(x, g, $0, target, scratch.panel) }
    }
    let bfloat16 = kernels.bfloat16.training
    let pairs = scratch.bfloat16Matrix(rows: (x.rows + 1) / 2, columns: 2 * x.columns)
    worker.parallelFor(pairs.rows) { bfloat16.roundPairs(x, $0, pairs) }
    forEachPart(&worker) { bfloat16.addOuterProduct(pairs, g, $0, target, scratch.panel) }
  }

  /// The columns whose sums one thread computes at a time.
  private static var sumColumns: Int { 64 }

  /// Packs what the products of training read besides the weights, after the weights have changed: the
  /// panels `range` of ``copiedPanelCount``.
  package func packCopies(_ range: Range<Int>, _ kernels: Kernels) {
    guard let training, let packed = packedWeights else { return }
    let transposed = UnsafeMutableRawPointer(mutating: training.transposed.pointer)
    if let rounded = training.rounded {
      kernels.bfloat16.training.roundPanels(
        packed, range,
        UnsafeMutableRawPointer(mutating: rounded.pointer).assumingMemoryBound(to: UInt16.self),
        transposed.assumingMemoryBound(to: UInt16.self))
    } else {
      kernels.table.training.transposePanels(
        packed, range, transposed.assumingMemoryBound(to: Float.self))
    }
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

  /// The panels that ``packCopies(_:_:)`` packs: of the weights in bfloat16, else of their transpose.
  package var copiedPanelCount: Int {
    training.map { ($0.rounded ?? $0.transposed).panelCount } ?? 0
  }
}
