package import SwiftletKernelCore

/// Any number of labels for each text: binary cross-entropy of every output.
package struct MultiLabelObjective: DatasetObjective {
  package let data: EncodedDataset
  private let loss: BinaryCrossEntropy

  package init(_ data: EncodedDataset, loss: BinaryCrossEntropy) {
    self.data = data
    self.loss = loss
  }

  package var metrics: [Metric] { TrainingTask.multiLabel.metrics }

  package func normalizer(of group: ExampleGroup) -> Double {
    let labelled = group.examples.count { data.labelledItems(of: $0) > 0 }
    return loss.normalizer(rows: labelled, labels: data.labels.count)
  }

  package func loss(
    of range: Range<Int>, in group: ExampleGroup, outputs: Matrix<Float>, normalizer: Double,
    gradient: Matrix<Float>
  ) -> Double {
    var sum = 0.0
    for (row, place) in range.enumerated() {
      let (row, example) = (row..<row + 1, group.examples[place])
      guard data.labelledItems(of: example) > 0 else {
        gradient.rows(row).clear()
        continue
      }
      sum += targets(of: example).withUnsafeBufferPointer { targets in
        guard let targets = targets.baseAddress else { return 0 }
        return loss(
          outputs.rows(row), targets: targets, normalizer: normalizer, gradient: gradient.rows(row))
      }
    }
    return sum
  }

  /// 1 for each label of the example, 0 for the others.
  private func targets(of example: Int) -> [Float] {
    var targets = [Float](repeating: 0, count: data.labels.count)
    if case .labels(let labels) = data.target(of: example) {
      for label in labels where label >= 0 { targets[Int(label)] = 1 }
    }
    return targets
  }

  /// A score of 8 bytes for each example and label in arrays that double, and a sorted copy of one label's.
  package func keptBytes(ofGroups size: Int, columns: Int) -> Int {
    (16 * data.labels.count + 16) * exampleCount
  }

  package func makeAccumulator() -> Accumulator { Accumulator(objective: self) }

  package struct Accumulator: MetricAccumulator {
    private let objective: MultiLabelObjective
    private var counter: MultiLabelCounter

    init(objective: MultiLabelObjective) {
      self.objective = objective
      counter = MultiLabelCounter(labels: objective.data.labels)
    }

    package mutating func add(
      _ range: Range<Int>, of group: ExampleGroup, outputs: Matrix<Float>
    ) {
      for (row, place) in range.enumerated() {
        let example = group.examples[place]
        guard objective.data.labelledItems(of: example) > 0 else { continue }
        objective.targets(of: example).withUnsafeBufferPointer { targets in
          guard let targets = targets.baseAddress else { return }
          counter.add(logits: outputs.row(row), targets: targets)
        }
      }
    }

    package func metrics(loss: Double?) -> MultiLabelMetrics {
      counter.metrics().with { $0.loss = loss }
    }

    package var collapsedLabel: String? { nil }
  }
}
