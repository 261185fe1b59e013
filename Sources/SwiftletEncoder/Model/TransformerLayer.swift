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
