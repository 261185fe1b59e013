import SwiftletCheckpoint
package import SwiftletKernelCore
import SwiftletRuntime
import SwiftletSystem

/// A dense layer over the first row of each sequence: pooled[S, dim] = f(dense(h[S, dim])). BERT has
/// `pooler.dense` and tanh, whose result is `pooler_output`; the heads of DistilBERT have
/// `pre_classifier` and ReLU.
package struct Pooler: Sendable {
  private let dense: Linear
  private let activation: Activation

  init(_ configuration: ModelConfiguration, _ loader: WeightLoader) throws(CheckpointError) {
    dense = try loader.linear(configuration.architecture.pooler)
    activation = configuration.architecture == .bert ? .tanh : .relu
  }

  /// The pooled rows [S, dim] of first rows, in a buffer of the pass that later calls overwrite.
  package func forward(_ rows: Matrix<Float>, _ pass: inout ForwardPass) -> Matrix<Float> {
    let pooled = pass.buffers.matrix(.pooled, rows: rows.rows)
    pass.linear(dense, rows, then: activation, into: pooled)
    return pooled
  }
}

// MARK: Training

extension Pooler {
  /// activation(dense(rows)), in the buffer `.headActivated`.
  func forward(_ rows: Matrix<Float>, _ pass: inout TrainingPass) -> Matrix<Float> {
    let sums = pass.buffers.shared(.headDense, rows.rows)
    let pooled = pass.buffers.shared(.headActivated, rows.rows)
    pass.linear(dense, rows, then: activation, keeping: sums, into: pooled)
    return pooled
  }

  /// The gradient of `rows` for the gradient `g` of the pooled rows, which it overwrites.
  func backward(
    _ g: Matrix<Float>, from rows: Matrix<Float>, into dRows: Matrix<Float>,
    _ pass: inout TrainingPass
  ) {
    pass.differentiate(activation, g, at: pass.buffers.shared(.headDense, rows.rows))
    pass.addGradients(of: dense, g, from: rows)
    pass.inputGradient(of: dense, g, into: dRows)
  }
}
