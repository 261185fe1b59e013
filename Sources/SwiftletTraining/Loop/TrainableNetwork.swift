package import SwiftletEncoder
package import SwiftletKernelCore

/// A model with gradients, as the training loop sees it.
///
/// Outputs and gradients of a sequence do not depend on the batch that holds it: the loop cuts batches by
/// memory, and the result must not show it. One thread at a time calls it.
package protocol TrainableNetwork: AnyObject {
  /// Parameters, trained or not.
  var parameterCount: Int { get }
  /// Parameters that change.
  var trainedParameterCount: Int { get }

  /// Computes the output rows of the head.
  ///
  /// - Parameters:
  ///   - batch: Sequences whose ids the model has.
  ///   - step: The step of the training, from 0. With the sequence's place it selects the dropout masks.
  ///   - firstSequence: The place of the batch's first sequence among the sequences of the step.
  ///   - training: Whether dropout applies and a ``backward(_:)`` may follow.
  /// - Returns: The rows, valid until the next pass.
  /// - Throws: An error of the system, such as `MemoryError`; ``Interruption`` to end as if cancelled before.
  func forward(
    _ batch: PackedBatch, step: Int, firstSequence: Int, training: Bool
  ) throws -> Matrix<Float>

  /// Adds the gradients of the last forward pass.
  ///
  /// - Parameter gradient: The derivative of the loss by each number of the output rows.
  func backward(_ gradient: Matrix<Float>)

  /// Sets all gradients to zero.
  func clearGradients()

  /// Prepares the changed weights for the next pass.
  func weightsDidChange()

  /// Whether the backward pass computes activations again instead of keeping them. Changes no result.
  var recomputes: Bool { get set }

  /// An upper estimate of the bytes of the whole model in training: weights, gradients, moments, and a pass
  /// of so many tokens. It grows with the count.
  func bytes(forTokens count: Int, recomputing: Bool) -> Int
}

extension TrainableNetwork {
  /// The estimate for passes as they are computed now.
  package func bytes(forTokens count: Int) -> Int {
    bytes(forTokens: count, recomputing: recomputes)
  }
}

/// AdamW over the tensors of a network.
package protocol TrainingOptimizer: AnyObject {
  /// Measures the gradients of all trained parameters.
  ///
  /// - Parameter limit: The largest norm; 0 for no limit.
  /// - Returns: The norm and the factor that limits it.
  func clipping(limit: Double) -> GradientClipping

  /// Changes the weights by the gradients.
  ///
  /// - Parameters:
  ///   - learningRate: The rate of the step. Each group of parameters multiplies it by its own factor.
  ///   - clipping: Multiplies every gradient.
  func update(learningRate: Double, clipping: Float)
}
