import SwiftletCheckpoint
package import SwiftletKernelCore
import SwiftletRuntime
import SwiftletSystem

/// One row for each sequence, made of its first: pooled[S, dim] = f(dense(h[S, dim])). In BERT it is
/// `pooler.dense` and tanh, and what `pooler_output` means; in DistilBERT the heads' own
/// `pre_classifier` and ReLU.
package struct Pooler: Sendable {
  private let dense: Linear
  private let activation: Activation

  init(_ configuration: ModelConfiguration, _ loader: WeightLoader) throws(CheckpointError) {
    dense = try loader.linear(configuration.architecture.pooler)
    activation = configuration.architecture == .bert ? .tanh : .relu
  }

  /// The pooled rows [S, dim] of first rows, in the pass's buffers until they are used again.
  package func forward(_ rows: Matrix<Float>, _ pass: inout ForwardPass) -> Matrix<Float> {
    let pooled = pass.buffers.matrix(.pooled, rows: rows.rows)
    pass.linear(dense, rows, then: activation, into: pooled)
    return pooled
  }
}
