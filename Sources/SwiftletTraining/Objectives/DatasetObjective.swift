package import SwiftletEncoder
import SwiftletKernelCore

/// An objective whose examples are those of a dataset.
package protocol DatasetObjective: TrainingObjective {
  var data: EncodedDataset { get }
}

extension DatasetObjective {
  package var exampleCount: Int { data.count }
  package var lossScope: LossScope { .example }

  package func tokenCount(of example: Int) -> Int { data.tokenCount(of: example) }

  package func location(of example: Int) -> String { data.place(of: example) }

  package func append(
    _ range: Range<Int>, of group: ExampleGroup, to batch: inout PackedBatch
  ) {
    for place in range { data.append(group.examples[place], to: &batch) }
  }
}

extension DatasetObjective {
  /// Returns the metrics of a model's answers to the examples.
  func metrics(of answers: SoftLabels) -> Accumulator.Metrics {
    var accumulator = makeAccumulator()
    for example in 0..<exampleCount {
      let group = ExampleGroup(examples: [example], epoch: 0, step: 0, isTraining: false)
      var row = Array(answers[example])
      row.withUnsafeMutableBufferPointer { row in
        guard let start = row.baseAddress else { return }
        let rows = Matrix(start, rows: row.count / answers.width, columns: answers.width)
        accumulator.add(0..<1, of: group, outputs: rows)
      }
    }
    return accumulator.metrics(loss: nil)
  }
}

extension EvaluationMetrics {
  /// The metrics with a loss.
  func with(_ change: (inout Self) -> Void) -> Self {
    var copy = self
    change(&copy)
    return copy
  }
}
