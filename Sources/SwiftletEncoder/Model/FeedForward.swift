import SwiftletKernelCore
import SwiftletRuntime
import SwiftletSystem

/// The feed-forward part of a layer: `ffn.` in DistilBERT, `intermediate.dense` and `output.dense` in BERT.
struct FeedForward: Sendable {
  /// `lin1`, `intermediate.dense`: [H, D]
  let lin1: Linear
  /// `lin2`, `output.dense`: [D, H]
  let lin2: Linear
  let activation: Activation

  /// x + lin2(activation(lin1(x))). The result has its own buffer, because a long sum stores its partial
  /// results there while `x` is still read.
  func addForward(_ x: Matrix<Float>, _ pass: inout ForwardPass) -> Matrix<Float> {
    let inner = pass.buffers.matrix(.inner, rows: x.rows)
    let sum = pass.buffers.matrix(.feedForwardSum, rows: x.rows)
    pass.linear(lin1, x, then: activation, into: inner)
    pass.linear(lin2, inner, adding: x, into: sum)
    return sum
  }
}
