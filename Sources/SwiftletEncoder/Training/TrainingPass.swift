import SwiftletCheckpoint
import SwiftletKernelCore
package import SwiftletRuntime
import SwiftletSystem

/// One thread's view of a forward or backward pass of training. As in a ``ForwardPass``, all threads make
/// the same calls, and each call returns when all parts of its result are complete.
///
/// Threads share the elements of a result among them, never the terms of a sum: the bits do not depend on
/// the number of threads.
package struct TrainingPass: ~Copyable {
  package let kernels: Kernels
  let buffers: TrainingWorkspace.Buffers
  /// The precision of the forward products. The backward pass always has that of training.
  private let precision: Precision
  private var worker: Worker

  init(
    _ buffers: TrainingWorkspace.Buffers, _ kernels: Kernels, _ precision: Precision,
    _ worker: Worker
  ) {
    self.kernels = kernels
    self.buffers = buffers
    self.precision = precision
    self.worker = worker
  }

  /// Scratch memory of this thread's kernels.
  var scratch: UnsafeMutablePointer<Float> { buffers.scratch(workerIndex: worker.workerIndex) }

  /// Scratch memory of the products: this thread's, and rounded rows of all threads.
  private var productScratch: ActivationScratch {
    ActivationScratch(panel: scratch, bytes: buffers.rounded)
  }

  /// Splits 0 ..< count into ranges and calls `body` with them on all threads.
  mutating func parallelFor(_ count: Int, _ body: (Range<Int>) -> Void) {
    worker.parallelFor(count, body)
  }

  /// Splits the columns of a matrix into ranges of at least a cache line.
  mutating func parallelFor(columnsOf matrix: Matrix<Float>, _ body: (Range<Int>) -> Void) {
    let (columns, width) = (matrix.columns, Self.minColumns)
    worker.parallelFor((columns + width - 1) / width) { parts in
      body(parts.lowerBound * width..<min(parts.upperBound * width, columns))
    }
  }

  private static var minColumns: Int { 64 }

  /// A buffer for a gradient.
  func gradient(
    _ buffer: TrainingWorkspace.Gradient, rows: Int, columns: Int? = nil
  ) -> Matrix<Float> {
    buffers.gradient(buffer, rows: rows, columns: columns)
  }
}

extension TrainingPass {
  /// out[:, outputs] = x w[:, outputs] + b[outputs], for all outputs by default.
  mutating func linear(
    _ layer: Linear, _ x: Matrix<Float>, outputs: Range<Int>? = nil, into out: Matrix<Float>
  ) {
    apply(layer, x, outputs: outputs, .bias, into: out)
  }

  /// out = residual + dropout(x w + b)
  mutating func linear(
    _ layer: Linear, _ x: Matrix<Float>, dropping dropout: Dropout?, _ keys: RowKeys,
    adding residual: Matrix<Float>, into out: Matrix<Float>
  ) {
    guard let dropout else { return apply(layer, x, .biasResidual(residual), into: out) }
    apply(layer, x, .bias, into: out)
    let add = kernels.table.training.addDropout
    parallelFor(x.rows) { rows in
      add(
        out.rows(rows), keys.pointer + rows.lowerBound, dropout, residual.rows(rows),
        out.rows(rows))
    }
  }

  /// out = activation(x w + b), where `sums` keeps x w + b.
  mutating func linear(
    _ layer: Linear, _ x: Matrix<Float>, then activation: Activation,
    keeping sums: Matrix<Float>, into out: Matrix<Float>
  ) {
    apply(layer, x, .bias, into: sums)
    let activate = kernels.table.training.activate
    parallelFor(x.rows) { activate(sums.rows($0), activation, out.rows($0)) }
  }

  /// g *= activation'(x)
  mutating func differentiate(
    _ activation: Activation, _ g: Matrix<Float>, at x: Matrix<Float>
  ) {
    let differentiate = kernels.table.training.activateBackward
    parallelFor(g.rows) { differentiate(g.rows($0), x.rows($0), activation) }
  }

  private mutating func apply(
    _ layer: Linear, _ x: Matrix<Float>, outputs: Range<Int>? = nil, _ epilogue: LinearEpilogue,
    into out: Matrix<Float>
  ) {
    let layer = precision == .float32 ? layer : layer.inTrainingPrecision
    let scratch = productScratch
    layer.apply(to: x, columns: outputs, epilogue: epilogue, into: out, kernels, scratch, &worker)
  }

  /// dx = g[:, outputs] w[outputs, :] + residual
  mutating func inputGradient(
    of layer: Linear, _ g: Matrix<Float>, outputs: Range<Int>? = nil,
    adding residual: Matrix<Float>? = nil, into dx: Matrix<Float>
  ) {
    let scratch = productScratch
    layer.inputGradient(
      of: g, outputs: outputs, adding: residual, into: dx, kernels, scratch, &worker)
  }

  /// dw[outputs, :] += gᵀ x and db[outputs] += Σ g
  mutating func addGradients(
    of layer: Linear, _ g: Matrix<Float>, outputs: Range<Int>? = nil, from x: Matrix<Float>
  ) {
    let scratch = productScratch
    layer.addGradients(of: g, outputs: outputs, from: x, kernels, scratch, &worker)
  }

  /// The gradient of x for the gradient `g` of dropout(x): `g` itself without dropout, else in the buffer
  /// `.dropped`.
  mutating func dropped(
    _ g: Matrix<Float>, _ dropout: Dropout?, _ keys: RowKeys
  ) -> Matrix<Float> {
    guard let dropout else { return g }
    let result = gradient(.dropped, rows: g.rows, columns: g.columns)
    drop(g, dropout, keys, into: result)
    return result
  }

  /// out = dropout(x); `out` may be `x`.
  mutating func drop(
    _ x: Matrix<Float>, _ dropout: Dropout, _ keys: RowKeys, into out: Matrix<Float>
  ) {
    let drop = kernels.table.training.dropout
    parallelFor(x.rows) { rows in
      drop(x.rows(rows), keys.pointer + rows.lowerBound, dropout, out.rows(rows))
    }
  }
}

/// A key of the dropout masks for each row of a matrix.
package struct RowKeys: @unchecked Sendable {
  let pointer: UnsafePointer<UInt32>
}
