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

// MARK: Training

extension FeedForward {
  /// sum = y + dropout(lin2(activation(lin1(y)))), and keeps what the backward pass reads.
  func forward(_ kept: LayerActivations, _ pass: inout TrainingPass) {
    pass.linear(
      lin1, kept.middle, then: activation, keeping: kept.preActivation, into: kept.inner)
    pass.linear(
      lin2, kept.inner, dropping: kept.dropout.feedForward, kept.rowKeys, adding: kept.middle,
      into: kept.sum)
  }

  /// The gradient of `middle` for the gradient `g` of `sum`, written to `dMiddle`.
  func backward(
    _ g: Matrix<Float>, _ kept: LayerActivations, into dMiddle: Matrix<Float>,
    _ pass: inout TrainingPass
  ) {
    // sum = middle + dropout(lin2(inner))
    let dOutput = pass.dropped(g, kept.dropout.feedForward, kept.rowKeys)
    pass.addGradients(of: lin2, dOutput, from: kept.inner)
    let dInner = pass.gradient(.inner, rows: g.rows)
    pass.inputGradient(of: lin2, dOutput, into: dInner)
    // inner = activation(preActivation)
    pass.differentiate(activation, dInner, at: kept.preActivation)
    // preActivation = lin1(middle)
    pass.addGradients(of: lin1, dInner, from: kept.middle)
    pass.inputGradient(of: lin1, dInner, adding: g, into: dMiddle)
  }
}
