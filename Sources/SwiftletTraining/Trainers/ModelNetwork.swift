package import SwiftletCheckpoint
package import SwiftletEncoder
package import SwiftletKernelCore
package import SwiftletRuntime
import SwiftletSystem

/// A ``TrainableModel`` as the training loop sees it.
package final class ModelNetwork<Head: TrainableHead>: TrainableNetwork {
  package let model: TrainableModel<Head>
  /// Low-rank matrices that are trained in place of the weights of linear layers; nil without.
  package let adaptation: LowRankAdaptation?
  private let dropout: DropoutRates
  private let seed: UInt64
  private let guesses: GuessedTokens?
  private let hidden: HiddenStates?
  private let evaluationPrecision: Precision

  /// Joins a model with its dropout.
  ///
  /// - Parameters:
  ///   - model: The model.
  ///   - dropout: The rates in training.
  ///   - seed: Of the dropout masks.
  ///   - guesses: The tokens that a masked language model guesses in the next pass; nil for other heads.
  ///   - adaptation: Changes weights of `model`.
  ///   - hidden: Compares the last hidden rows with a teacher's in training; nil without such a loss.
  ///   - evaluationPrecision: Of passes without a backward pass; float32 gives the answers of the trained
  ///     model as it is used by default.
  package init(
    _ model: TrainableModel<Head>, dropout: DropoutRates, seed: UInt64,
    guesses: GuessedTokens? = nil, adaptation: LowRankAdaptation? = nil,
    hidden: HiddenStates? = nil, evaluationPrecision: Precision = .float32
  ) {
    self.model = model
    self.adaptation = adaptation
    self.dropout = dropout
    self.seed = seed
    self.guesses = guesses
    self.hidden = hidden
    self.evaluationPrecision = evaluationPrecision
  }

  package var parameterCount: Int { model.parameterCount }

  package var recomputes: Bool {
    get { model.recomputes }
    set { model.recomputes = newValue }
  }

  package var trainedParameterCount: Int {
    trainedTensors.reduce(0) { sum, tensor in
      tensor.parameters.reduce(sum) { $0 + $1.shape.reduce(1, *) }
    }
  }

  /// The tensors that an optimiser changes and a checkpoint holds.
  package var trainedTensors: [TrainedTensor] {
    guard let adaptation else { return model.tensors }
    return wholeTensors + adaptation.tensors
  }

  /// The tensors of the model that are trained as a whole.
  var wholeTensors: [TrainedTensor] {
    guard let adaptation else { return model.tensors }
    return model.tensors.filter { !adaptation.changes($0) }
  }

  package func forward(
    _ batch: PackedBatch, step: Int, firstSequence: Int, training: Bool
  ) throws -> Matrix<Float> {
    let numbers = Array(firstSequence..<firstSequence + batch.sequenceCount)
    let output = try model.forward(
      TrainingBatch(
        sequences: batch, numbers: numbers, guessedTokens: guesses?.tokens ?? []),
      dropout: training ? dropout : nil, key: key(ofStep: step),
      precision: training ? nil : evaluationPrecision)
    if training { try hidden?.begin(batch, student: model.lastRows) }
    return output
  }

  /// The key of a step's dropout masks.
  private func key(ofStep step: Int) -> UInt32 {
    let seedKey = Dropout.mix(
      UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
    return Dropout.mix(seedKey, UInt32(truncatingIfNeeded: step))
  }

  package func backward(_ gradient: Matrix<Float>) {
    model.backward(gradient, addingToRows: hidden?.takeGradient())
  }

  package func clearGradients() { model.clearGradients() }

  package func weightsDidChange() {
    adaptation?.writeWeights()
    model.packAgain()
  }

  /// Completes the gradients of ``trainedTensors`` after the last backward pass of a step.
  package func completeGradients() {
    model.completeGradients()
    adaptation?.completeGradients()
  }

  /// Bytes of everything that was allocated with the weights, of the low-rank matrices, of two moments for
  /// each trained number, and of a pass.
  package func bytes(forTokens count: Int, recomputing: Bool) -> Int {
    let moments = 8 * trainedTensors.reduce(0) { $0 + $1.count }
    let rows = outputRows(forTokens: count)
    // The gradient of the head's output, which the loss writes.
    let gradient = 4 * rows * model.head.outputWidth
    // The teacher's rows, and the gradient of the student's.
    let compared = hidden == nil ? 0 : 8 * count * model.configuration.hiddenSize
    return model.weightBytes + (adaptation?.byteCount ?? 0) + moments
      + model.passBytes(tokens: count, rows: rows, recomputing: recomputing) + gradient + compared
  }

  /// The most rows that the head writes for so many tokens.
  private func outputRows(forTokens count: Int) -> Int {
    if let guesses { return guesses.rows(forTokens: count) }
    switch model.head.rowKind {
    case .token, .maskedToken: return count
    // [CLS] and [SEP] are in each sequence.
    case .sequence: return count / 2 + 1
    }
  }
}

/// The tokens of the next pass that a masked language model guesses, by their place in the batch. The
/// objective that builds the batch writes them, the network reads them.
package final class GuessedTokens {
  var tokens: [Int] = []
  private let rate: Double

  /// - Parameter rate: The probability with which a token is guessed, each by itself.
  package init(rate: Double = 1) { self.rate = rate }

  /// The tokens that are guessed of so many, with room for six standard deviations.
  func rows(forTokens count: Int) -> Int {
    let mean = rate * Double(count)
    return min(count, Int(mean + 6 * (mean * (1 - rate)).squareRoot()) + 1)
  }
}
