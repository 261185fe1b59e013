package import SwiftletKernelCore

/// One of several texts: cross-entropy over the single outputs of an example's choices.
package struct ChoiceObjective: DatasetObjective {
  package let data: EncodedDataset
  private let loss: CrossEntropy

  package init(_ data: EncodedDataset, loss: CrossEntropy = CrossEntropy()) {
    (self.data, self.loss) = (data, loss)
  }

  package var metrics: [Metric] { TrainingTask.choices.metrics }

  package func normalizer(of group: ExampleGroup) -> Double { Double(group.examples.count) }

  package func loss(
    of range: Range<Int>, in group: ExampleGroup, outputs: Matrix<Float>, normalizer: Double,
    gradient: Matrix<Float>
  ) -> Double {
    var sum = 0.0
    forEachExample(range, of: group) { rows, answer in
      // The scores of an example are rows of one column; the loss reads them as one row.
      var scores = rows.map { outputs.row($0)[0] }
      sum += scores.withUnsafeMutableBufferPointer { buffer in
        guard let pointer = buffer.baseAddress else { return 0 }
        let row = Matrix(pointer, rows: 1, columns: rows.count)
        return loss(row, targets: [Int32(answer)], normalizer: normalizer, gradient: row)
      }
      for (row, slope) in zip(rows, scores) { gradient.row(row)[0] = slope }
    }
    return sum
  }

  private func forEachExample(
    _ range: Range<Int>, of group: ExampleGroup, _ body: (_ rows: Range<Int>, _ answer: Int) -> Void
  ) {
    var first = 0
    for place in range {
      let example = group.examples[place]
      let rows = first..<first + data.sequenceCount(of: example)
      if case .choice(let answer) = data.target(of: example) { body(rows, answer) }
      first = rows.upperBound
    }
  }

  package func makeAccumulator() -> Accumulator { Accumulator(objective: self) }

  package struct Accumulator: MetricAccumulator {
    private let objective: ChoiceObjective
    private var counter = ChoiceMetrics()

    init(objective: ChoiceObjective) { self.objective = objective }

    package mutating func add(
      _ range: Range<Int>, of group: ExampleGroup, outputs: Matrix<Float>
    ) {
      objective.forEachExample(range, of: group) { rows, answer in
        let scores = rows.map { outputs.row($0)[0] }
        scores.withUnsafeBufferPointer {
          guard let scores = $0.baseAddress else { return }
          counter.add(scores: scores, choices: rows.count, answer: answer)
        }
      }
    }

    package func metrics(loss: Double?) -> ChoiceMetrics { counter.with { $0.loss = loss } }

    package var collapsedLabel: String? { nil }
  }
}
