package import SwiftletEncoder
package import SwiftletKernelCore

/// Examples that are computed together: a step's, or a batch of an evaluation.
package struct ExampleGroup: Sendable, Equatable {
  /// Indices of examples, in order.
  package var examples: [Int]
  /// The pass over the examples, from 0; 0 in an evaluation.
  package var epoch: Int
  /// The step, from 0; 0 in an evaluation.
  package var step: Int
  /// Whether the group is trained on. Random parts of an example, as masked tokens, come from seed, epoch and
  /// index in training, and from seed and index in an evaluation.
  package var isTraining: Bool
}

/// What the loss of an example depends on.
package enum LossScope: Sendable {
  /// The output rows of the example.
  case example
  /// The output rows of its whole group, as in a ranking among the examples of a batch.
  case group
}

/// A task's examples and loss.
///
/// Ranges are places in `group.examples`. A range has all output rows of its examples, in their order.
package protocol TrainingObjective {
  associatedtype Accumulator: MetricAccumulator

  var exampleCount: Int { get }
  var lossScope: LossScope { get }
  /// The metrics of the examples, among `TrainingTask.metrics`. The first one of the validation examples
  /// selects the best weights if the options name none.
  var metrics: [Metric] { get }

  /// Returns the number of tokens of all sequences of an example.
  func tokenCount(of example: Int) -> Int

  /// Returns file and row of an example, for messages.
  func location(of example: Int) -> String

  /// Appends the sequences of examples.
  func append(_ range: Range<Int>, of group: ExampleGroup, to batch: inout PackedBatch)

  /// Returns the divisor of a group's loss, such as the number of its labels; 0 without labels.
  func normalizer(of group: ExampleGroup) -> Double

  /// Computes the sum of the losses of examples, divided by `normalizer`, and its derivative.
  ///
  /// - Parameters:
  ///   - range: The examples; all of the group with ``LossScope/group``.
  ///   - group: The examples that are computed together.
  ///   - outputs: The rows of the examples.
  ///   - normalizer: The divisor of the group's loss; not 0.
  ///   - gradient: Receives a number for each of `outputs`. An evaluation ignores it.
  /// - Returns: The share of these examples in the group's mean loss.
  func loss(
    of range: Range<Int>, in group: ExampleGroup, outputs: Matrix<Float>, normalizer: Double,
    gradient: Matrix<Float>
  ) -> Double

  /// Returns an accumulator without rows.
  func makeAccumulator() -> Accumulator

  /// Returns an upper estimate of the bytes that an evaluation's metrics and the loss of a group keep,
  /// besides those of a pass.
  ///
  /// - Parameters:
  ///   - size: The examples of a group.
  ///   - columns: The numbers of an output row.
  /// - Returns: The bytes.
  func keptBytes(ofGroups size: Int, columns: Int) -> Int
}

extension TrainingObjective {
  package func keptBytes(ofGroups size: Int, columns: Int) -> Int { 0 }
}

/// Predictions of an evaluation, reduced to what the metrics need.
package protocol MetricAccumulator {
  associatedtype Metrics: EvaluationMetrics

  /// Adds the output rows of examples. Examples without a label do not count.
  mutating func add(_ range: Range<Int>, of group: ExampleGroup, outputs: Matrix<Float>)

  /// Computes the metrics of the rows so far.
  ///
  /// - Parameter loss: The mean loss of the examples; nil if none has a label.
  /// - Returns: The metrics, with this loss.
  func metrics(loss: Double?) -> Metrics

  /// The one label of all predictions, if the examples have several; nil in every other case.
  var collapsedLabel: String? { get }
}

/// A metric's value.
public struct MetricValue: Sendable, Equatable {
  /// What was measured.
  public let metric: Metric
  /// The value; NaN where it is not defined.
  public let value: Double

  /// A metric's value.
  public init(_ metric: Metric, _ value: Double) {
    self.metric = metric
    self.value = value
  }
}
