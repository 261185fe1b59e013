package import SwiftletKernelCore

/// A label for each word: cross-entropy over the outputs of the first piece of every word.
package struct TokenObjective: DatasetObjective {
  package let data: EncodedDataset
  private let loss: CrossEntropy

  package init(_ data: EncodedDataset, loss: CrossEntropy) {
    self.data = data
    self.loss = loss
  }

  package var metrics: [Metric] { TrainingTask.tokens.metrics }

  package func normalizer(of group: ExampleGroup) -> Double {
    loss.normalizer(for: targets(group.examples.indices, of: group))
  }

  package func loss(
    of range: Range<Int>, in group: ExampleGroup, outputs: Matrix<Float>, normalizer: Double,
    gradient: Matrix<Float>
  ) -> Double {
    loss(outputs, targets: targets(range, of: group), normalizer: normalizer, gradient: gradient)
  }

  private func targets(_ range: Range<Int>, of group: ExampleGroup) -> [Int32] {
    range.flatMap { labels(of: group.examples[$0]) }
  }

  private func labels(of example: Int) -> [Int32] {
    if case .tokenLabels(let labels) = data.target(of: example) { labels } else { [] }
  }

  package func makeAccumulator() -> Accumulator { Accumulator(objective: self) }

  package struct Accumulator: MetricAccumulator {
    private let objective: TokenObjective
    private var counter: TokenClassificationCounter
    private var predictedLabels: Set<Int> = []
    private var trueLabels: Set<Int> = []

    init(objective: TokenObjective) {
      self.objective = objective
      counter = TokenClassificationCounter(labels: objective.data.labels)
    }

    package mutating func add(
      _ range: Range<Int>, of group: ExampleGroup, outputs: Matrix<Float>
    ) {
      var row = 0
      for place in range {
        var (predicted, truth): ([Int], [Int]) = ([], [])
        for label in objective.labels(of: group.examples[place]) {
          if label != CrossEntropy.ignored {
            predicted.append(largest(outputs.row(row), count: outputs.columns))
            truth.append(Int(label))
          }
          row += 1
        }
        predictedLabels.formUnion(predicted)
        trueLabels.formUnion(truth)
        counter.add(predicted: predicted, truth: truth)
      }
    }

    private func largest(_ logits: UnsafePointer<Float>, count: Int) -> Int {
      var best = 0
      for index in 1..<max(1, count) where logits[index] > logits[best] { best = index }
      return best
    }

    package func metrics(loss: Double?) -> TokenClassificationMetrics {
      counter.metrics().with { $0.loss = loss }
    }

    package var collapsedLabel: String? {
      guard predictedLabels.count == 1, trueLabels.count > 1, let only = predictedLabels.first
      else { return nil }
      return objective.data.labels[only]
    }
  }
}
