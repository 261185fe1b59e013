package import SwiftletKernelCore

/// A number for each text: the squared error of a single output.
package struct RegressionObjective: DatasetObjective {
  package let data: EncodedDataset
  private let loss = MeanSquaredError()

  package init(_ data: EncodedDataset) { self.data = data }

  package var metrics: [Metric] { TrainingTask.regression.metrics }

  package func normalizer(of group: ExampleGroup) -> Double {
    loss.normalizer(rows: group.examples.count { value(of: $0) != nil }, columns: 1)
  }

  package func loss(
    of range: Range<Int>, in group: ExampleGroup, outputs: Matrix<Float>, normalizer: Double,
    gradient: Matrix<Float>
  ) -> Double {
    var sum = 0.0
    for (row, place) in range.enumerated() {
      let row = row..<row + 1
      guard var target = value(of: group.examples[place]) else {
        gradient.rows(row).clear()
        continue
      }
      sum += loss(
        outputs.rows(row), targets: &target, normalizer: normalizer, gradient: gradient.rows(row))
    }
    return sum
  }

  private func value(of example: Int) -> Float? {
    if case .value(let value) = data.target(of: example) { value } else { nil }
  }

  /// Two numbers for each example, and their ranks.
  package func keptBytes(ofGroups size: Int, columns: Int) -> Int { 96 * exampleCount }

  package func makeAccumulator() -> Accumulator { Accumulator(objective: self) }

  package struct Accumulator: MetricAccumulator {
    private let objective: RegressionObjective
    private var counter = RegressionCounter()

    init(objective: RegressionObjective) { self.objective = objective }

    package mutating func add(
      _ range: Range<Int>, of group: ExampleGroup, outputs: Matrix<Float>
    ) {
      for (row, place) in range.enumerated() {
        guard let target = objective.value(of: group.examples[place]) else { continue }
        counter.add(prediction: Double(outputs.row(row)[0]), target: Double(target))
      }
    }

    package func metrics(loss: Double?) -> RegressionMetrics {
      counter.metrics().with { $0.loss = loss }
    }

    package var collapsedLabel: String? { nil }
  }
}
