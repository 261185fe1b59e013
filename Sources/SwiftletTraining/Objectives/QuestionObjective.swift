import SwiftletEncoder
package import SwiftletKernelCore
import SwiftletTokenizer

/// The span that answers a question: cross-entropy over the starts and the ends of each window.
///
/// The metrics are SQuAD's: each question counts once, with the best span over the windows of its context.
package struct QuestionObjective: DatasetObjective {
  package let data: EncodedDataset
  private let loss = SpanLoss()
  private let encoding: DataEncoding
  /// Whether a question has no answer, as in SQuAD 2.
  private let allowsNoAnswer: Bool

  /// - Parameters:
  ///   - data: Questions in windows.
  ///   - encoding: How `data` were encoded.
  package init(_ data: EncodedDataset, encoding: DataEncoding) {
    self.data = data
    self.encoding = encoding
    allowsNoAnswer = (0..<data.count).contains {
      !data.rows.questions.hasAnswer(data.question(of: $0))
    }
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

  package func makeAccumulator() -> Accumulator { Accumulator(objective: self) }

  /// The answers to all questions, whose windows follow each other.
  package struct Accumulator: MetricAccumulator {
    private let objective: QuestionObjective
    private var counter: AnswerCounter
    private var current: OpenQuestion?

    init(objective: QuestionObjective) {
      self.objective = objective
      counter = AnswerCounter(allowsNoAnswer: objective.allowsNoAnswer)
    }

    package mutating func add(
      _ range: Range<Int>, of group: ExampleGroup, outputs: Matrix<Float>
    ) {
      var first = 0
      for place in range {
        let example = group.examples[place]
        let number = objective.data.question(of: example)
        if current?.number != number {
          objective.count(current, in: &counter)
          current = objective.open(number)
        }
        let end = first + objective.data.tokenCount(of: example)
        current?.add(outputs.rows(first..<end))
        first = end
      }
    }

    package func metrics(loss: Double?) -> AnswerMetrics {
      var counter = counter
      objective.count(current, in: &counter)
      return counter.metrics().with { $0.loss = loss }
    }

    package var collapsedLabel: String? { nil }
  }
}

/// A question some of whose windows were computed.
private struct OpenQuestion {
  let number: Int
  /// The windows that were not computed yet.
  var windows: ArraySlice<Encoding>
  var search = AnswerSearch()

  mutating func add(_ logits: Matrix<Float>) {
    if let window = windows.popFirst() { search.add(window, logits: logits) }
  }
}

extension QuestionObjective {
  /// Encodes a question again, for the places of its tokens in the context, which are not stored.
  private func open(_ number: Int) -> OpenQuestion {
    let texts = data.rows.questions
    let windows = try? encoding.windows(texts.question(number), texts.context(of: number))
    return OpenQuestion(number: number, windows: windows.map { Array($0)[...] } ?? [])
  }

  private func count(_ question: OpenQuestion?, in counter: inout AnswerCounter) {
    guard let question else { return }
    let texts = data.rows.questions
    counter.add(
      prediction: question.search.answer(
        in: texts.context(of: question.number), allowsNoAnswer: allowsNoAnswer),
      answers: texts.answers(to: question.number))
  }
}
