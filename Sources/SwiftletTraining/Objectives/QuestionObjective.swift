import SwiftletEncoder
package import SwiftletKernelCore
package import SwiftletTokenizer

/// The span that answers a question: cross-entropy over the starts and the ends of each window.
///
/// Windows are counted one by one, and answers as the texts of their tokens: a metric for comparing the
/// states of one training. It is not SQuAD's score of whole contexts.
package struct QuestionObjective: DatasetObjective {
  package let data: EncodedDataset
  private let loss = SpanLoss()
  private let tokenizer: Tokenizer
  /// The most tokens of an answer, as in transformers' pipeline.
  private static let maxAnswerTokens = 15

  package init(_ data: EncodedDataset, tokenizer: Tokenizer) {
    self.data = data
    self.tokenizer = tokenizer
  }

  package var metrics: [Metric] { TrainingTask.questions.metrics }

  package func normalizer(of group: ExampleGroup) -> Double {
    let spans = normalizers(of: group)
    return spans.start + spans.end
  }

  private func normalizers(of group: ExampleGroup) -> SpanLoss.Normalizer {
    loss.normalizer(
      for: group.examples.map(span), lengths: group.examples.map { data.tokenCount(of: $0) })
  }

  package func loss(
    of range: Range<Int>, in group: ExampleGroup, outputs: Matrix<Float>, normalizer: Double,
    gradient: Matrix<Float>
  ) -> Double {
    let examples = range.map { group.examples[$0] }
    return loss(
      outputs, targets: examples.map(span), lengths: examples.map { data.tokenCount(of: $0) },
      normalizer: normalizers(of: group), gradient: gradient)
  }

  private func span(of example: Int) -> SpanTarget {
    guard case .span(let start, let end) = data.target(of: example) else {
      return SpanTarget(start: .max, end: .max)
    }
    return SpanTarget(start: start, end: end)
  }

  /// The text of a span; empty for that of `[CLS]`.
  private func text(_ range: ClosedRange<Int>, of example: Int) -> String {
    guard range.upperBound > 0 else { return "" }
    return tokenizer.decode(Array(data.sequence(of: example).ids[range]))
  }

  package func makeAccumulator() -> Accumulator { Accumulator(objective: self) }

  package struct Accumulator: MetricAccumulator {
    private let objective: QuestionObjective
    private var counter = AnswerCounter(allowsNoAnswer: true)

    init(objective: QuestionObjective) { self.objective = objective }

    package mutating func add(
      _ range: Range<Int>, of group: ExampleGroup, outputs: Matrix<Float>
    ) {
      var first = 0
      for place in range {
        let example = group.examples[place]
        let count = objective.data.tokenCount(of: example)
        let truth = objective.span(of: example)
        let found = Self.bestSpan(outputs.rows(first..<first + count))
        first += count
        guard truth.start <= truth.end, truth.end < count else { continue }
        let answer = objective.text(truth.start...truth.end, of: example)
        counter.add(
          prediction: objective.text(found, of: example), answers: answer.isEmpty ? [] : [answer])
      }
    }

    /// The span with the largest sum of start and end, or that of the first token.
    private static func bestSpan(_ rows: Matrix<Float>) -> ClosedRange<Int> {
      var best = 0...0
      var score = rows.row(0)[0] + rows.row(0)[1]
      for start in 1..<max(1, rows.rows) {
        for end in start..<min(rows.rows, start + maxAnswerTokens) {
          let sum = rows.row(start)[0] + rows.row(end)[1]
          if sum > score { (best, score) = (start...end, sum) }
        }
      }
      return best
    }

    package func metrics(loss: Double?) -> AnswerMetrics {
      counter.metrics().with { $0.loss = loss }
    }

    package var collapsedLabel: String? { nil }
  }
}
