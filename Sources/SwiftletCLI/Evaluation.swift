import Glibc
import Swiftlet
import SwiftletTraining

/// A classifier's answers to labelled texts, counted.
struct Evaluation {
  /// A text that got a wrong label.
  struct Mistake {
    let text: SourcedText
    let expected: Int
    let predicted: Int
    /// The probabilities of the predicted and of the expected label.
    let predictedScore: Double
    let expectedScore: Double
  }

  private(set) var report: ClassificationReport
  /// The mistakes with the highest scores, the highest first and equal ones in their order; nil if they
  /// are not wanted.
  private(set) var mistakes: [Mistake]?
  private var counter: ClassificationCounter
  private let temperature: Float
  private let errorLimit: Int

  /// - Parameters:
  ///   - labels: Of the model.
  ///   - temperature: Divides the logits before they become probabilities.
  ///   - errorLimit: The most mistakes to keep; nil for none.
  init(labels: [String], temperature: Float = 1, errorLimit: Int? = nil) {
    report = ClassificationReport(labels: labels)
    counter = ClassificationCounter(labels: labels)
    self.temperature = temperature
    self.errorLimit = errorLimit ?? 0
    mistakes = errorLimit.map { _ in [] }
  }

  /// The metrics of the answers so far.
  var metrics: ClassificationMetrics { counter.metrics() }

  /// Adds the logits of one text; `expected` is the index of its label.
  mutating func add(_ logits: [Float], of text: SourcedText, expected: Int) {
    let predicted = logits.firstLargest
    report.add(expected: expected, predicted: predicted)
    let logits = logits.map { $0 / temperature }
    logits.withUnsafeBufferPointer { logits in
      if let start = logits.baseAddress { counter.add(logits: start, label: expected) }
    }
    guard mistakes != nil, predicted != expected else { return }
    keep(
      Mistake(
        text: text, expected: expected, predicted: predicted,
        predictedScore: Self.probability(of: predicted, logits),
        expectedScore: Self.probability(of: expected, logits)))
  }

  /// The softmax of one logit.
  private static func probability(of label: Int, _ logits: [Float]) -> Double {
    1 / logits.reduce(0) { $0 + exp(Double($1) - Double(logits[label])) }
  }

  private mutating func keep(_ mistake: Mistake) {
    guard var kept = mistakes else { return }
    mistakes = nil  // So that the array is changed in place.
    let place = kept.firstIndex { $0.predictedScore < mistake.predictedScore } ?? kept.count
    if place < errorLimit { kept.insert(mistake, at: place) }
    if kept.count > errorLimit { kept.removeLast() }
    mistakes = kept
  }
}
