import SwiftletEncoder
package import SwiftletKernelCore

/// Embeddings of pairs, of pairs with a score, or of an anchor with a positive and negatives.
package struct EmbeddingObjective: DatasetObjective {
  package let data: EncodedDataset
  private let loss: TrainingOptions.EmbeddingLoss
  private let textsPerExample: Int
  private let hasScores: Bool

  /// All examples have as many texts as the first.
  ///
  /// Pairs with scores may validate a training without scores. They have metrics then, but no loss, which
  /// would take every pair for texts that belong together.
  package init(_ data: EncodedDataset, loss: TrainingOptions.EmbeddingLoss) {
    self.data = data
    self.loss = loss
    textsPerExample = data.count > 0 ? data.sequenceCount(of: 0) : 2
    hasScores = data.hasScores
  }

  package var lossScope: LossScope { loss == .ranking || loss == .cosent ? .group : .example }

  package var metrics: [Metric] {
    hasScores ? TrainingTask.embeddings.metrics.filter { $0 != .loss || hasLoss } : [.loss]
  }

  private var hasLoss: Bool { loss.needsScores == hasScores }

  package func normalizer(of group: ExampleGroup) -> Double {
    hasLoss ? Double(group.examples.count) : 0
  }

  package func loss(
    of range: Range<Int>, in group: ExampleGroup, outputs: Matrix<Float>, normalizer: Double,
    gradient: Matrix<Float>
  ) -> Double {
    let scores = range.map { score(of: group.examples[$0]) ?? 0 }
    return switch loss {
    case .ranking:
      MultipleNegativesRanking()(
        outputs, textsPerExample: textsPerExample,
        identities: identities(of: group.examples[range]),
        gradient: gradient)
    case .cosine:
      CosineSimilarityLoss()(
        outputs, scores: scores, normalizer: normalizer, gradient: gradient)
    case .cosent: CoSENTLoss()(outputs, scores: scores, gradient: gradient)
    case .triplet: TripletLoss()(outputs, normalizer: normalizer, gradient: gradient)
    }
  }

  /// Returns a number for each text of the examples, equal for texts with the same tokens, in the order of
  /// their first occurrence.
  private func identities(of examples: ArraySlice<Int>) -> [Int] {
    var numbers: [[Int32]: Int] = [:]
    var identities: [Int] = []
    for example in examples {
      for text in 0..<textsPerExample {
        let ids = data.sequence(text, of: example).ids
        let number = numbers[ids] ?? numbers.count
        numbers[ids] = number
        identities.append(number)
      }
    }
    return identities
  }

  private func score(of example: Int) -> Float? {
    if case .similarity(let score) = data.target(of: example) { score } else { nil }
  }

  /// Two numbers for each pair, and their ranks; the rows of a group, which grow by copying, with their
  /// gradient, and the scores of all pairs of rows.
  package func keptBytes(ofGroups size: Int, columns: Int) -> Int {
    let rows = lossScope == .group ? size * textsPerExample : 0
    return (hasScores ? 96 * exampleCount : 0) + 16 * rows * columns + 8 * rows * rows
  }

  package func makeAccumulator() -> Accumulator { Accumulator(objective: self) }

  /// Cosines against scores, where there are some.
  package struct Accumulator: MetricAccumulator {
    private let objective: EmbeddingObjective
    private var counter = SimilarityCounter()

    init(objective: EmbeddingObjective) { self.objective = objective }

    package mutating func add(
      _ range: Range<Int>, of group: ExampleGroup, outputs: Matrix<Float>
    ) {
      let texts = objective.textsPerExample
      for (index, place) in range.enumerated() {
        guard let score = objective.score(of: group.examples[place]) else { continue }
        counter.add(
          outputs.row(index * texts), outputs.row(index * texts + 1), width: outputs.columns,
          score: Double(score))
      }
    }

    package func metrics(loss: Double?) -> SimilarityMetrics {
      counter.metrics().with { $0.loss = loss }
    }

    package var collapsedLabel: String? { nil }
  }
}

extension EncodedDataset {
  /// Whether the examples are pairs of texts with a score.
  var hasScores: Bool {
    guard count > 0, case .similarity = target(of: 0) else { return false }
    return true
  }
}
