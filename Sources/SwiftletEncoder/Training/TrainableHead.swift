package import SwiftletKernelCore

/// A head that can be trained.
package protocol TrainableHead: EncoderHead {
  /// Bytes of weights that the memory of the encoder does not hold.
  var ownBytes: Int { get }

  /// The rows of its output.
  func trainingRows(_ batch: TrainingBatch) -> Int

  /// Writes the output for the encoder's last rows.
  func forward(_ kept: HeadActivations, _ batch: TrainingBatch, _ pass: inout TrainingPass)

  /// Writes the gradient of the encoder's last rows to the buffer `.hidden` for the gradient `g` of the
  /// output, which it may overwrite, and adds the gradients of its parameters.
  func backward(
    _ g: Matrix<Float>, _ kept: HeadActivations, _ batch: TrainingBatch,
    _ pass: inout TrainingPass)
}

extension TrainableHead {
  package var ownBytes: Int { 0 }

  package func trainingRows(_ batch: TrainingBatch) -> Int { outputRows(batch.sequences.slice()) }
}

/// The sequences of a forward and a backward pass.
package struct TrainingBatch: Sendable {
  package var sequences: PackedBatch
  /// The number that each sequence has within its step, from which its dropout masks follow; they do not
  /// depend on how a step is divided into passes.
  package var numbers: [Int]
  /// The tokens, by their place in the batch, whose words a masked language model guesses.
  package var guessedTokens: [Int]

  package init(sequences: PackedBatch, numbers: [Int], guessedTokens: [Int] = []) {
    self.sequences = sequences
    self.numbers = numbers
    self.guessedTokens = guessedTokens
  }
}

/// What a head reads and writes in a pass of training.
package struct HeadActivations {
  /// The encoder's last rows.
  let rows: Matrix<Float>
  /// [rows, outputWidth]
  let output: Matrix<Float>
  /// Two matrices of that shape, for values that the backward pass reads.
  let work: (Matrix<Float>, Matrix<Float>)
  let dropout: ModelDropout
}
