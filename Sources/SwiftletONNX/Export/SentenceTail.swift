package import SwiftletCheckpoint

/// The modules of sentence-transformers after the encoder:
/// embedding[B, width] = normalize(activation(dense(pool(h)))).
package struct SentenceTail {
  /// Their results follow one another in a row.
  package let poolings: [SentencePooling]
  package let dense: DenseLayer?
  package let normalizes: Bool

  package init(poolings: [SentencePooling], dense: DenseLayer?, normalizes: Bool) {
    self.poolings = poolings
    self.dense = dense
    self.normalizes = normalizes
  }

  /// A dense layer, whose checkpoint has `linear.weight` and `linear.bias`.
  package struct DenseLayer {
    package let checkpoint: CheckpointReader
    package let inputs: Int
    package let outputs: Int
    package let hasBias: Bool
    package let activation: HiddenActivation

    package init(
      _ checkpoint: CheckpointReader, inputs: Int, outputs: Int, hasBias: Bool,
      activation: HiddenActivation
    ) {
      self.checkpoint = checkpoint
      self.inputs = inputs
      self.outputs = outputs
      self.hasBias = hasBias
      self.activation = activation
    }

    /// The weight, and the bias if there is one.
    var parameters: [Parameter] {
      Parameter.linear("linear", inputs: inputs, outputs: outputs, hasBias: hasBias)
    }
  }
}

/// Combines the rows of a sequence into one. The raw values are the names of
/// sentence-transformers.
package enum SentencePooling: String, Sendable, CaseIterable {
  case cls, max, mean
  case meanSquareRoot = "mean_sqrt_len_tokens"
  case weightedMean = "weightedmean"
  case last = "lasttoken"
}
