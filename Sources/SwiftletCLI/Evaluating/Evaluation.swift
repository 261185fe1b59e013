import Swiftlet
import SwiftletTraining

/// What an ``Evaluation`` collects beside the figures of all rows.
struct EvaluationScope {
  /// The most mistakes to keep; nil for none.
  var errorLimit: Int?
  /// Whether figures are collected for each value of a column.
  var hasGroups = false
  /// Whether histograms of scores are collected.
  var hasHistograms = false
  /// Whether the logits and labels of all rows are kept.
  var keepsRows = false
  /// Whether the texts of all mistakes are kept.
  var keepsMistakes = false
}

/// A classifier's answers to labelled texts, counted.
struct Evaluation {
  let labels: [String]
  /// Softmax for one label in each row, sigmoid for any number.
  let function: ScoreFunction
  private(set) var report: ClassificationReport
  private(set) var mistakes: SurestMistakes
  private(set) var groups: GroupTally?
  private(set) var histograms: ScoreHistograms?
  private(set) var rows: ScoredRows?
  private var counter: ClassificationCounter
  private var several: MultiLabelCounter?
  private var rowCount = 0
  private let temperature: Float

  /// - Parameters:
  ///   - labels: Of the model.
  ///   - function: Softmax, or sigmoid for models with several labels for each text.
  ///   - temperature: Divides the logits before they become probabilities.
  ///   - scope: What is collected.
  init(
    labels: [String], function: ScoreFunction = .softmax, temperature: Float = 1,
    scope: EvaluationScope = EvaluationScope()
  ) {
    self.labels = labels
    self.function = function
    self.temperature = temperature
    report = ClassificationReport(labels: labels)
    counter = ClassificationCounter(labels: labels)
    several = function == .sigmoid ? MultiLabelCounter(labels: labels) : nil
    mistakes = SurestMistakes(limit: scope.errorLimit ?? 0)
    groups = scope.hasGroups ? GroupTally(labelCount: labels.count) : nil
    histograms = scope.hasHistograms ? ScoreHistograms(labelCount: labels.count) : nil
    rows =
      scope.keepsRows
      ? ScoredRows(labelCount: labels.count, keepsMistakes: scope.keepsMistakes) : nil
  }

  /// Whether a row may have any number of labels.
  var hasSeveralLabels: Bool { several != nil }

  /// The number of rows.
  var count: Int { hasSeveralLabels ? rowCount : report.count }

  /// The metrics of rows with one label so far.
  var metrics: ClassificationMetrics { counter.metrics() }

  /// The metrics of rows with any number of labels so far; nil for a model with one.
  var multiLabelMetrics: MultiLabelMetrics? { several?.metrics() }

  /// Adds the logits of one text.
  ///
  /// - Parameters:
  ///   - logits: One for each label.
  ///   - text: The text, for lists of mistakes.
  ///   - expected: The indices of its labels; one for a model with one label in each row.
  ///   - group: The value of the column by which figures are grouped.
  mutating func add(
    _ logits: [Float], of text: SourcedText, expected: [Int], group: String? = nil
  ) {
    let outcome = add(logits, expected: expected)
    groups?.add(outcome, to: group ?? "")
    histograms?.add(outcome)
    rows?.add(logits, outcome, of: text)
    if !outcome.isCorrect { mistakes.add(outcome, of: text) }
  }

  /// Adds logits to the figures of all rows, without a text.
  @discardableResult
  mutating func add(_ logits: [Float], expected: [Int]) -> RowOutcome {
    let scaled = temperature == 1 ? logits : logits.map { $0 / temperature }
    let outcome = RowOutcome(
      scores: function.scores(of: scaled), expected: expected, isSeveral: hasSeveralLabels)
    if hasSeveralLabels {
      var targets = [Float](repeating: 0, count: labels.count)
      for label in expected { targets[label] = 1 }
      several?.add(logits: scaled, targets: targets)
      rowCount += 1
    } else if let label = expected.first {
      report.add(expected: label, predicted: outcome.predicted.first ?? 0)
      counter.add(logits: scaled, label: label)
    }
    return outcome
  }

  /// Adds the logits of one text with one label.
  mutating func add(_ logits: [Float], of text: SourcedText, expected: Int) {
    add(logits, of: text, expected: [expected])
  }
}

/// The answer to one row beside its labels.
struct RowOutcome {
  /// A probability for each label.
  let scores: [Float]
  /// The indices of the row's labels.
  let expected: [Int]
  /// The indices of the predicted labels: the best one, or all above 0.5.
  let predicted: [Int]
  let isSeveral: Bool

  init(scores: [Float], expected: [Int], isSeveral: Bool) {
    self.scores = scores
    self.expected = expected
    self.isSeveral = isSeveral
    predicted = isSeveral ? scores.indices.filter { scores[$0] > 0.5 } : [scores.firstLargest]
  }

  var isCorrect: Bool { expected == predicted }

  /// The label about which a wrong answer was surest, and the probability that the answer gave to what it
  /// says about that label.
  var surest: (label: Int, score: Float)? {
    guard isSeveral else { return predicted.first.map { ($0, scores[$0]) } }
    let wrong = scores.indices.filter { predicted.contains($0) != expected.contains($0) }
    let sure = wrong.map {
      (label: $0, score: predicted.contains($0) ? scores[$0] : 1 - scores[$0])
    }
    return sure.max { $0.score < $1.score }
  }
}

/// The mistakes with the highest scores, the highest first and equal ones in their order.
struct SurestMistakes {
  struct Mistake {
    let text: SourcedText
    let expected: [Int]
    let predicted: [Int]
    /// The probability of the wrong answer.
    let score: Float
    /// The probability of the right answer, of one label.
    let expectedScore: Float?
  }

  private(set) var list: [Mistake] = []
  private let limit: Int

  init(limit: Int) { self.limit = limit }

  mutating func add(_ outcome: RowOutcome, of text: SourcedText) {
    guard limit > 0, let surest = outcome.surest else { return }
    let place = list.firstIndex { $0.score < surest.score } ?? list.count
    guard place < limit else { return }
    list.insert(
      Mistake(
        text: text, expected: outcome.expected, predicted: outcome.predicted, score: surest.score,
        expectedScore: outcome.isSeveral ? nil : outcome.expected.first.map { outcome.scores[$0] }),
      at: place)
    if list.count > limit { list.removeLast() }
  }
}
