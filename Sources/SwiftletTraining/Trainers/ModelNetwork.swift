package import SwiftletCheckpoint
package import SwiftletEncoder
package import SwiftletKernelCore
import SwiftletSystem

/// A ``TrainableModel`` as the training loop sees it.
package final class ModelNetwork<Head: TrainableHead>: TrainableNetwork {
  package let model: TrainableModel<Head>
  private let dropout: DropoutRates
  private let seed: UInt64
  private let guesses: GuessedTokens?

  /// Joins a model with its dropout.
  ///
  /// - Parameters:
  ///   - model: Weights and gradients.
  ///   - dropout: The rates in training.
  ///   - seed: Of the dropout masks.
  ///   - guesses: The tokens that a masked language model guesses in the next pass; nil for other heads.
  package init(
    _ model: TrainableModel<Head>, dropout: DropoutRates, seed: UInt64,
    guesses: GuessedTokens? = nil
  ) {
    self.model = model
    self.dropout = dropout
    self.seed = seed
    self.guesses = guesses
  }

  package var parameterCount: Int { model.parameterCount }

  package var trainedParameterCount: Int {
    model.tensors.reduce(0) { sum, tensor in
      tensor.parameters.reduce(sum) { $0 + $1.shape.reduce(1, *) }
    }
  }

  package func forward(
    _ batch: PackedBatch, step: Int, firstSequence: Int, training: Bool
  ) throws -> Matrix<Float> {
    let numbers = Array(firstSequence..<firstSequence + batch.sequenceCount)
    return try model.forward(
      TrainingBatch(
        sequences: batch, numbers: numbers, guessedTokens: guesses?.tokens ?? []),
      dropout: training ? dropout : nil, key: key(ofStep: step))
  }

  /// The key of a step's dropout masks.
  private func key(ofStep step: Int) -> UInt32 {
    let seedKey = Dropout.mix(
      UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
    return Dropout.mix(seedKey, UInt32(truncatingIfNeeded: step))
  }

  package func backward(_ gradient: Matrix<Float>) { model.backward(gradient) }

  package func clearGradients() { model.clearGradients() }

  package func weightsDidChange() { model.packAgain() }

  /// Values, gradients and two moments of what is trained, values of the rest, the transposed weights, and a
  /// pass.
  package func bytes(forTokens count: Int) -> Int {
    let trained = trainedParameterCount
    let linear = model.configuration.linearWeightCount
    return 4 * (parameterCount + 3 * trained + linear) + model.passBytes(tokens: count)
  }
}

/// The tokens of the next pass that a masked language model guesses, by their place in the batch. The
/// objective that builds the batch writes them, the network reads them.
package final class GuessedTokens {
  var tokens: [Int] = []

  package init() {}
}

extension ModelConfiguration {
  /// The weights of the linear layers of the body.
  var linearWeightCount: Int {
    parameters().filter { $0.role == .linearWeight }.reduce(0) { $0 + $1.shape.reduce(1, *) }
  }
}
