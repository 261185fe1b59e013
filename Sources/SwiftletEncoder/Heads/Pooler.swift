package import SwiftletCheckpoint
package import SwiftletKernelCore
package import SwiftletRuntime
import SwiftletSystem

/// One row for each sequence, made of its first: pooled[S, dim] = f(dense(h[S, dim])). In BERT it is
/// `pooler.dense` and tanh, and what `pooler_output` means; in DistilBERT the heads' own
/// `pre_classifier` and ReLU.
package struct Pooler: Sendable {
  private let dense: Linear
  private let activation: Activation

  /// What it reads of a checkpoint.
  package static func tensorNames(_ architecture: Architecture) -> [String] {
    ["\(architecture.pooler).weight", "\(architecture.pooler).bias"]
  }

  /// The weights follow when `storage`, which the caller keeps, is filled.
  package init(
    configuration: ModelConfiguration, checkpoint: CheckpointReader, storage: WeightStorage,
    kernels: Kernels
  ) throws(CheckpointError) {
    let dimension = configuration.dimension
    // A few rows a pass: nothing to gain from int8.
    dense = try checkpoint.linear(
      [configuration.architecture.pooler], inputs: dimension, outputs: dimension, in: storage,
      for: kernels.float32)
    activation = configuration.architecture == .bert ? .tanh : .relu
  }

  /// The pooled rows [S, dim] of first rows, in the pass's buffers until they are used again.
  package func forward(_ rows: Matrix<Float>, _ pass: inout ForwardPass) -> Matrix<Float> {
    let pooled = pass.buffers.matrix(.pooled, rows: rows.rows)
    pass.linear(dense, rows, then: activation, into: pooled)
    return pooled
  }
}
