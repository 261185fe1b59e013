/// The classification of one text.
public struct Classification: Sendable, Equatable {
  /// The label with the highest score.
  public let label: String
  /// The highest score.
  public let score: Float
  /// The labels with their scores, best first, equal scores in the order of the labels; at most
  /// `topK`.
  public let scores: [LabelScore]
  /// The best label; nil if its score is below `minimumScore`, so that the model abstains.
  public let decision: LabelScore?
  /// The labels whose scores reach their thresholds, best first, for multi-label models.
  public let accepted: [LabelScore]
  /// The logits of the labels, in the order of ``Classifier/labels``.
  public let logits: [Float]
  /// The number of tokens before truncation, special tokens included.
  public let tokenCount: Int
  /// Whether the text was truncated.
  public let isTruncated: Bool

  /// Creates a result from its parts, for tests of code that uses it.
  ///
  /// - Parameters:
  ///   - label: The best label.
  ///   - score: Its score.
  ///   - scores: The labels with their scores, best first; nil for the best one alone.
  ///   - abstains: Whether ``decision`` is nil.
  ///   - accepted: The labels that reach their thresholds; nil for those of `scores` from 0.5.
  ///   - logits: The logits of all labels.
  ///   - tokenCount: The number of tokens before truncation.
  ///   - isTruncated: Whether the text was truncated.
  public init(
    label: String, score: Float, scores: [LabelScore]? = nil, abstains: Bool = false,
    accepted: [LabelScore]? = nil, logits: [Float] = [], tokenCount: Int = 0,
    isTruncated: Bool = false
  ) {
    let best = LabelScore(label: label, score: score)
    self.label = label
    self.score = score
    self.scores = scores ?? [best]
    decision = abstains ? nil : best
    self.accepted = accepted ?? self.scores.filter { $0.score >= 0.5 }
    self.logits = logits
    self.tokenCount = tokenCount
    self.isTruncated = isTruncated
  }
}

/// A label and its score.
public struct LabelScore: Sendable, Equatable {
  /// The label as spelled in `id2label`.
  public let label: String
  /// A probability with softmax and sigmoid, otherwise a logit.
  public let score: Float

  /// Creates a label with its score.
  public init(label: String, score: Float) {
    self.label = label
    self.score = score
  }
}

extension Classification {
  init(
    logits: [Float], labels: [String], function: ScoreFunction, options: ClassificationOptions,
    tokenCount: Int, isTruncated: Bool
  ) {
    let values = function.scores(of: logits, temperature: options.temperature)
    // Swift's sort is not stable, so the index orders equal scores.
    let order = values.indices.sorted {
      values[$0] == values[$1] ? $0 < $1 : values[$0] > values[$1]
    }
    let scores = order.map { LabelScore(label: labels[$0], score: values[$0]) }
    self.label = scores[0].label
    self.score = scores[0].score
    self.scores = options.topK.map { Array(scores.prefix($0)) } ?? scores
    let abstains = options.minimumScore.map { !(scores[0].score >= $0) } ?? false
    decision = abstains ? nil : scores[0]
    accepted = scores.filter {
      $0.score >= options.labelThresholds[$0.label] ?? options.threshold
    }
    self.logits = logits
    self.tokenCount = tokenCount
    self.isTruncated = isTruncated
  }
}
