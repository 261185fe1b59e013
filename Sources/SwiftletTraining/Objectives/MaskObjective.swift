package import SwiftletEncoder
package import SwiftletKernelCore

/// The words of masked tokens: cross-entropy over the vocabulary.
package struct MaskObjective: DatasetObjective {
  package let data: EncodedDataset
  private let loss: CrossEntropy
  private let masking: TokenMasking
  private let guesses: GuessedTokens

  /// Writes the tokens of each pass to `guesses`, where the network reads them.
  package init(
    _ data: EncodedDataset, loss: CrossEntropy, masking: TokenMasking, guesses: GuessedTokens
  ) {
    self.data = data
    self.loss = loss
    self.masking = masking
    self.guesses = guesses
  }

  package var metrics: [Metric] { TrainingTask.masks.metrics }

  package func append(
    _ range: Range<Int>, of group: ExampleGroup, to batch: inout PackedBatch
  ) {
    guesses.tokens.removeAll(keepingCapacity: true)
    for place in range {
      let first = batch.tokenCount
      let (ids, targets) = masked(place, of: group)
      let types = data.sequence(of: group.examples[place]).typeIDs
      batch.append(TokenSequence(ids: ids, typeIDs: types))
      for (token, target) in targets.enumerated() where target != CrossEntropy.ignored {
        guesses.tokens.append(first + token)
      }
    }
  }

  package func normalizer(of group: ExampleGroup) -> Double {
    Double(targets(group.examples.indices, of: group).count)
  }

  package func loss(
    of range: Range<Int>, in group: ExampleGroup, outputs: Matrix<Float>, normalizer: Double,
    gradient: Matrix<Float>
  ) -> Double {
    loss(outputs, targets: targets(range, of: group), normalizer: normalizer, gradient: gradient)
  }

  /// An evaluation masks the same tokens every time.
  private func masked(
    _ place: Int, of group: ExampleGroup
  ) -> (ids: [Int32], targets: [Int32]) {
    let example = group.examples[place]
    return masking.mask(
      data.sequence(of: example).ids, row: data.row(of: example),
      epoch: group.isTraining ? group.epoch : -1)
  }

  private func targets(_ range: Range<Int>, of group: ExampleGroup) -> [Int32] {
    range.flatMap { masked($0, of: group).targets }.filter { $0 != CrossEntropy.ignored }
  }

  package func makeAccumulator() -> Accumulator { Accumulator(objective: self) }

  package struct Accumulator: MetricAccumulator {
    private let objective: MaskObjective
    private var counter = ChoiceMetrics()

    init(objective: MaskObjective) { self.objective = objective }

    package mutating func add(
      _ range: Range<Int>, of group: ExampleGroup, outputs: Matrix<Float>
    ) {
      for (row, target) in objective.targets(range, of: group).enumerated() {
        counter.add(scores: outputs.row(row), choices: outputs.columns, answer: Int(target))
      }
    }

    package func metrics(loss: Double?) -> ChoiceMetrics { counter.with { $0.loss = loss } }

    package var collapsedLabel: String? { nil }
  }
}
