import SwiftletKernelCore
import SwiftletRuntime
import SwiftletSystem

/// `transformer.layer.N.`, in BERT `encoder.layer.N.`
struct TransformerLayer: Sendable {
  let attention: SelfAttention
  /// `sa_layer_norm`, `attention.output.LayerNorm`
  let attentionNorm: LayerNorm
  let feedForward: FeedForward
  /// `output_layer_norm`, `output.LayerNorm`
  let outputNorm: LayerNorm

  /// y = attentionNorm(x + attention(x));  x = outputNorm(y + feedForward(y))
  func forward(
    _ x: inout Matrix<Float>, _ batch: PackedSlice, queries: OutputRows = .allTokens,
    _ pass: inout ForwardPass
  ) {
    attention.addForward(to: &x, batch, queries, &pass)
    attentionNorm.forward(x, &pass)
    let sum = feedForward.addForward(x, &pass)
    outputNorm.forward(sum, into: x, &pass)
  }
}

// MARK: Training

extension TransformerLayer {
  /// y = attentionNorm(x + attention(x));  output = outputNorm(y + feedForward(y))
  func forward(
    _ kept: LayerActivations, _ batch: PackedSlice, queries: OutputRows,
    _ pass: inout TrainingPass
  ) {
    attention.forward(kept, batch, queries, &pass)
    attentionNorm.forward(kept.attentionSum, into: kept.middle, kept.attentionNorm, &pass)
    feedForward.forward(kept, &pass)
    outputNorm.forward(kept.sum, into: kept.output, kept.outputNorm, &pass)
  }

  /// The gradient of the layer's input [T, D] for the gradient of its output, which it overwrites, both in
  /// the buffer `.hidden`. Without `needsInput` only the gradients of the parameters are added.
  func backward(
    _ kept: LayerActivations, _ batch: PackedSlice, queries: OutputRows, needsInput: Bool,
    _ pass: inout TrainingPass
  ) {
    let g = pass.gradient(.hidden, rows: kept.output.rows)
    // output = outputNorm(sum)
    outputNorm.backward(g, of: kept.sum, kept.outputNorm, &pass)
    // sum = middle + feedForward(middle)
    let dMiddle = pass.gradient(.middle, rows: g.rows)
    feedForward.backward(g, kept, into: dMiddle, &pass)
    // middle = attentionNorm(attentionSum)
    attentionNorm.backward(dMiddle, of: kept.attentionSum, kept.attentionNorm, &pass)
    // attentionSum = x + attention(x)
    attention.backward(dMiddle, kept, batch, queries, needsInput: needsInput, &pass)
  }
}
