package import SwiftletKernelCore

/// One label for each text: cross-entropy over the outputs of a sequence classifier.
package struct ClassificationObjective: DatasetObjective {
  package let data: EncodedDataset
  private let loss: CrossEntropy

  package init(_ data: EncodedDataset, loss: CrossEntropy) {
    self.data = data
    self.loss = loss
  }

  package var metrics: [Metric] { TrainingTask.classification.metrics }

  package func normalizer(of group: ExampleGroup) -> Double {
    loss.normalizer(for: targets(group.examples.indices, of: group))
  }

  package func loss(
    of range: Range<Int>, in group: ExampleGroup, outputs: Matrix<Float>, normalizer: Double,
    gradient: Matrix<Float>
  ) -> Double {
    loss(
      outputs, targets: targets(range, of: group), normalizer: normalizer, gradient: gradient)
  }

  private func targets(_ range: Range<Int>, of group: ExampleGroup) -> [Int32] {
    range.map { label(of: group.examples[$0]) }
  }

  private func label(of example: Int) -> Int32 {
    if case .label(let label) = data.target(of: example) { label } else { CrossEntropy.ignored }
  }

  package func makeAccumulator() -> Accumulator { Accumulator(objective: self) }

  package struct Accumulator: MetricAccumulator {
    private let objective: ClassificationObjective
    private var counter: ClassificationCounter

    init(objective: ClassificationObjective) {
      self.objective = objective
      counter = ClassificationCounter(labels: objective.data.labels)
    }

    package mutating func add(
      _ range: Range<Int>, of group: ExampleGroup, outputs: Matrix<Float>
    ) {
      for (row, place) in range.enumerated() {
        let label = objective.label(of: group.examples[place])
        if label != CrossEntropy.ignored {
          counter.add(logits: outputs.row(row), label: Int(label))
        }
      }
    }

    package func metrics(loss: Double?) -> ClassificationMetrics {
      counter.metrics().with { $0.loss = loss }
    }

    package var collapsedLabel: String? {
      let classes = counter.metrics().perClass
      let predicted = classes.filter { $0.predicted > 0 }
      let present = classes.filter { $0.support > 0 }
      return predicted.count == 1 && present.count > 1 ? predicted.first?.label : nil
    }
  }
}
