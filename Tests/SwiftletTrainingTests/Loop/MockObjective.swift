import Glibc
import SwiftletEncoder
import SwiftletKernelCore

@testable import SwiftletTraining

/// Accuracy, and numbers that a test prescribes.
struct MockMetrics: EvaluationMetrics {
  static var task: TrainingTask { .classification }
  var loss: Double?
  var accuracy: Double

  func value(of metric: Metric) -> Double? {
    switch metric {
    case .accuracy: accuracy
    case .loss: loss
    default: nil
    }
  }
}

struct MockAccumulator: MetricAccumulator {
  let labels: [Int]
  let prescribed: Double?
  var right = 0
  var count = 0
  var predicted: Set<Int> = []

  mutating func add(_ range: Range<Int>, of group: ExampleGroup, outputs: Matrix<Float>) {
    for (row, place) in range.enumerated() {
      let label = labels[group.examples[place]]
      guard label >= 0 else { continue }
      let scores = (0..<outputs.columns).map { outputs.row(row)[$0] }
      let best = scores.indices.reduce(0) { scores[$1] > scores[$0] ? $1 : $0 }
      predicted.insert(best)
      count += 1
      right += best == label ? 1 : 0
    }
  }

  func metrics(loss: Double?) -> MockMetrics {
    MockMetrics(loss: loss, accuracy: prescribed ?? Double(right) / Double(max(count, 1)))
  }

  var collapsedLabel: String? {
    predicted.count == 1 && Set(labels).count > 1 ? predicted.first.map { "label \($0)" } : nil
  }
}

/// Values of a metric: the next one for weights that were not evaluated before, the same one for the same
/// weights.
final class MetricScript {
  private let network: MockNetwork
  private var values: [Double]
  private var seen: [(weights: [Float], value: Double)] = []

  init(_ values: [Double], _ network: MockNetwork) {
    self.values = values
    self.network = network
  }

  func next() -> Double {
    if let known = seen.first(where: { $0.weights == network.weights }) { return known.value }
    let value = values.removeFirst()
    seen.append((network.weights, value))
    return value
  }
}

/// Cross-entropy of one label for each sequence; or, in the scope of a group, Σ (r - mean r)² of the first
/// output, where r is the output minus the label.
struct MockObjective: TrainingObjective {
  var texts: [[Int32]]
  /// -1 for none.
  var labels: [Int]
  var lossScope = LossScope.example
  var metrics: [Metric] = [.accuracy, .loss]
  var script: MetricScript?

  var exampleCount: Int { texts.count }

  func tokenCount(of example: Int) -> Int { texts[example].count }
  func location(of example: Int) -> String { "mock.csv:\(example + 2)" }

  func append(_ range: Range<Int>, of group: ExampleGroup, to batch: inout PackedBatch) {
    for example in group.examples[range] { batch.append(texts[example]) }
  }

  func normalizer(of group: ExampleGroup) -> Double {
    Double(group.examples.count { labels[$0] >= 0 })
  }

  func loss(
    of range: Range<Int>, in group: ExampleGroup, outputs: Matrix<Float>, normalizer: Double,
    gradient: Matrix<Float>
  ) -> Double {
    let targets = group.examples[range].map { labels[$0] }
    guard lossScope == .group else {
      return CrossEntropyReference.loss(targets, outputs, normalizer, gradient)
    }
    let rests = targets.enumerated().map { Double(outputs.row($0)[0]) - Double($1) }
    let mean = rests.reduce(0, +) / Double(rests.count)
    for (row, rest) in rests.enumerated() {
      for column in 0..<outputs.columns { gradient.row(row)[column] = 0 }
      gradient.row(row)[0] = Float(2 * (rest - mean) / normalizer)
    }
    return rests.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / normalizer
  }

  func makeAccumulator() -> MockAccumulator {
    MockAccumulator(labels: labels, prescribed: script?.next())
  }
}

private enum CrossEntropyReference {
  static func loss(
    _ targets: [Int], _ outputs: Matrix<Float>, _ normalizer: Double, _ gradient: Matrix<Float>
  ) -> Double {
    var loss = 0.0
    for (row, target) in targets.enumerated() {
      let powers = (0..<outputs.columns).map { exp(Double(outputs.row(row)[$0])) }
      let sum = powers.reduce(0, +)
      for column in 0..<outputs.columns {
        let slope = powers[column] / sum - (column == target ? 1 : 0)
        gradient.row(row)[column] = target < 0 ? 0 : Float(slope / normalizer)
      }
      if target >= 0 { loss -= log(powers[target] / sum) / normalizer }
    }
    return loss
  }
}
