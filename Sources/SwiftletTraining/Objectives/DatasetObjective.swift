package import SwiftletEncoder

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

extension EvaluationMetrics {
  /// The metrics with a loss.
  func with(_ change: (inout Self) -> Void) -> Self {
    var copy = self
    change(&copy)
    return copy
  }
}
