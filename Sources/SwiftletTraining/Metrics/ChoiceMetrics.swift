/// How often the right one of several choices is taken: an answer of a question, or the word under
/// a mask.
public struct ChoiceMetrics: EvaluationMetrics {
  /// The right choices; its value is the accuracy, with a 95 % interval.
  public package(set) var correct = Proportion()
  /// The mean of the training's loss, if it was computed.
  public package(set) var loss: Double?

  /// Creates a result from its parts, for tests of code that uses it; by default of no choices.
  public init(correct: Proportion = Proportion(), loss: Double? = nil) {
    self.correct = correct
    self.loss = loss
  }

  /// The share of right choices.
  public var accuracy: Double { correct.value }

  /// Adds one choice; the first of the largest scores is the prediction.
  package mutating func add(scores: UnsafePointer<Float>, choices: Int, answer: Int) {
    precondition(answer >= 0 && answer < choices, "the answer is one of the choices")
    var predicted = 0
    for index in 1..<max(1, choices) where scores[index] > scores[predicted] { predicted = index }
    correct.add(predicted == answer)
  }

  /// The value of a metric; nil if it is undefined here, or belongs to another task.
  public func value(of metric: Metric) -> Double? {
    switch metric {
    case .accuracy: accuracy
    case .loss: loss
    default: nil
    }
  }
}
