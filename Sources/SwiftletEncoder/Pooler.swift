package import SwiftletKernels
import SwiftletKernelCore
package import SwiftletMemory

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
  ) throws(EncoderError) {
    let dimension = configuration.dimension
    // A few rows a pass: nothing to gain from int8.
    dense = try checkpoint.linear(
      [configuration.architecture.pooler], inputs: dimension, outputs: dimension, in: storage,
      for: kernels.float32)
    activation = configuration.architecture == .bert ? .tanh : .relu
  }

  /// The pooled rows, in the workspace until its next use, of the first rows that
  /// ``Encoder/forward(_:reading:_:_:)`` left there. All members of a team call it.
  package func forward(
    _ rows: Matrix<Float>, _ workspace: borrowing Workspace, _ kernels: Kernels,
    _ member: inout TeamMember
  ) -> Matrix<Float> {
    let pooled = workspace.contextRows(rows.rows)
    Activations(kernels: kernels, scratch: workspace.activations(place: member.place))
      .apply(dense, to: rows, into: pooled, &member)
    member.share(pooled.rows) { kernels.table.activate(pooled.rows($0), activation) }
    return pooled
  }
}
