/// How well questions are answered, as SQuAD's evaluation script counts: each question counts its
/// best comparison with the true answers.
public struct AnswerMetrics: EvaluationMetrics {
  /// The scores of some of the questions.
  public struct Scores: Sendable, Equatable {
    /// The answers that equal a true one, articles, punctuation and case ignored.
    public package(set) var exact = Proportion()
    /// The sum over questions of the overlap of words.
    package var overlaps = 0.0

    /// Creates scores from their parts, for tests of code that uses them; by default of no questions.
    ///
    /// - Parameters:
    ///   - exact: The answers that equal a true one, of all.
    ///   - f1: The mean overlap of words.
    public init(exact: Proportion = Proportion(), f1: Double = 0) {
      self.exact = exact
      overlaps = f1 * Double(exact.total)
    }

    /// The share of answers that equal a true one.
    public var exactMatch: Double { exact.value }
    /// The mean overlap of words; 0 without questions.
    public var f1: Double { exact.total > 0 ? overlaps / Double(exact.total) : 0 }

    mutating func add(isExact: Bool, overlap: Double) {
      exact.add(isExact)
      overlaps += overlap
    }
  }

  /// All questions.
  public let all: Scores
  /// The questions that have an answer.
  public let answerable: Scores
  /// The questions without an answer; only SQuAD 2 has them.
  public let unanswerable: Scores
  /// The mean of the training's loss, if it was computed.
  public package(set) var loss: Double?

  /// Creates a result from its parts, for tests of code that uses it.
  public init(all: Scores, answerable: Scores, unanswerable: Scores, loss: Double? = nil) {
    self.all = all
    self.answerable = answerable
    self.unanswerable = unanswerable
    self.loss = loss
  }

  /// The value of a metric; nil if it is undefined here, or belongs to another task.
  public func value(of metric: Metric) -> Double? {
    switch metric {
    case .f1: all.f1
    case .exactMatch: all.exactMatch
    case .loss: loss
    default: nil
    }
  }
}

/// Collects questions for ``AnswerMetrics``, in memory that doesn't depend on their number.
package struct AnswerCounter: Sendable {
  private let allowsNoAnswer: Bool
  private var answerable = AnswerMetrics.Scores()
  private var unanswerable = AnswerMetrics.Scores()
  private var all = AnswerMetrics.Scores()

  /// - Parameter allowsNoAnswer: whether to count as SQuAD 2, where a question may have no answer.
  package init(allowsNoAnswer: Bool) { self.allowsNoAnswer = allowsNoAnswer }

  /// Adds one question.
  ///
  /// - Parameters:
  ///   - prediction: the answer; empty where the model finds that the question has no answer.
  ///   - answers: the true answers; empty for a question without one.
  package mutating func add(prediction: String, answers: [String]) {
    let prediction = AnswerText(prediction)
    var truths = answers.map(AnswerText.init)
    if allowsNoAnswer {
      truths.removeAll(where: \.isEmpty)
      if truths.isEmpty { truths = [AnswerText("")] }
    }
    let isExact = truths.contains(prediction)
    let overlap = truths.reduce(0) { max($0, self.overlap(prediction, $1)) }
    all.add(isExact: isExact, overlap: overlap)
    if answers.isEmpty {
      unanswerable.add(isExact: isExact, overlap: overlap)
    } else {
      answerable.add(isExact: isExact, overlap: overlap)
    }
  }

  /// SQuAD 2 counts two empty texts as equal; SQuAD 1 finds no common word in them.
  private func overlap(_ prediction: AnswerText, _ truth: AnswerText) -> Double {
    if allowsNoAnswer && (prediction.isEmpty || truth.isEmpty) {
      return prediction == truth ? 1 : 0
    }
    return prediction.overlap(with: truth)
  }

  /// The metrics of the questions so far.
  package func metrics() -> AnswerMetrics {
    AnswerMetrics(all: all, answerable: answerable, unanswerable: unanswerable)
  }
}
