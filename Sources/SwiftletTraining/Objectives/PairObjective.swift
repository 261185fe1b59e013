import SwiftletEncoder
import SwiftletKernelCore

/// Pairs of labelled texts: the squared error of the cosine of their embeddings against 1 for a shared
/// label, and 0 otherwise.
///
/// Tunstall et al., "Efficient Few-Shot Learning Without Prompts", 2022.
struct PairObjective: TrainingObjective {
  private let data: EncodedDataset
  /// The labelled examples.
  private let examples: [Int]
  private let pairs: PairSampler
  private let loss = CosineSimilarityLoss()

  /// Pairs the labelled examples, at most `limit` pairs.
  init(_ data: EncodedDataset, limit: Int?, seed: UInt64) {
    self.data = data
    examples = (0..<data.count).filter { data.labelSet(of: $0) != nil }
    pairs = PairSampler(
      labelSets: examples.map { data.labelSet(of: $0) ?? [] }, limit: limit, seed: seed)
  }

  var exampleCount: Int { pairs.count }
  var lossScope: LossScope { .example }
  var metrics: [Metric] { [.loss] }

  private func texts(of pair: Int) -> (first: Int, second: Int) {
    let pair = pairs[pair]
    return (examples[pair.first], examples[pair.second])
  }

  func tokenCount(of example: Int) -> Int {
    let (first, second) = texts(of: example)
    return data.tokenCount(of: first) + data.tokenCount(of: second)
  }

  func location(of example: Int) -> String {
    let (first, second) = texts(of: example)
    return "\(data.place(of: first)) with \(data.place(of: second))"
  }

  func append(_ range: Range<Int>, of group: ExampleGroup, to batch: inout PackedBatch) {
    for place in range {
      let (first, second) = texts(of: group.examples[place])
      data.append(first, to: &batch)
      data.append(second, to: &batch)
    }
  }

  func normalizer(of group: ExampleGroup) -> Double {
    loss.normalizer(pairs: group.examples.count)
  }

  func loss(
    of range: Range<Int>, in group: ExampleGroup, outputs: Matrix<Float>, normalizer: Double,
    gradient: Matrix<Float>
  ) -> Double {
    let scores = range.map { pairs[group.examples[$0]].isPositive ? Float(1) : 0 }
    return loss(outputs, scores: scores, normalizer: normalizer, gradient: gradient)
  }

  func makeAccumulator() -> Accumulator { Accumulator() }

  /// The loss alone: pairs are not evaluated.
  struct Accumulator: MetricAccumulator {
    mutating func add(_ range: Range<Int>, of group: ExampleGroup, outputs: Matrix<Float>) {}
    func metrics(loss: Double?) -> SimilarityMetrics {
      SimilarityCounter().metrics().with { $0.loss = loss }
    }
    var collapsedLabel: String? { nil }
  }
}
