/// What the model makes of one text.
public struct Classification: Sendable, Equatable {
  /// The label with the highest score.
  public let label: String
  /// The highest score.
  public let score: Float
  /// The labels with their scores, best first; equal scores stand in the order of the labels. Cut to
  /// `topK` if that was asked for.
  public let scores: [LabelScore]
  /// The best label, unless its score is below `minimumScore`: then nil, and a person should decide.
  public let decision: LabelScore?
  /// The labels whose scores reach their thresholds, best first: the answer of a model with several
  /// labels.
  public let accepted: [LabelScore]
  /// The raw outputs of the model, one for each label in the order of ``Classifier/labels``.
  public let logits: [Float]
  /// Tokens that the text has, special ones included, before truncation.
  public let tokenCount: Int
  /// Whether the model saw only the beginning of the text.
  public let isTruncated: Bool
}

/// A label and how well it fits.
public struct LabelScore: Sendable, Equatable {
  /// The label as `id2label` spells it.
  public let label: String
  /// A probability with softmax and sigmoid, a plain number otherwise.
  public let score: Float
}

extension Classification {
  init(
    logits: [Float], labels: [String], function: ScoreFunction, options: ClassificationOptions,
    tokenCount: Int, isTruncated: Bool
  ) {
    let values = function.scores(of: logits, temperature: options.temperature)
    // Sorting by score alone is not stable in Swift; the index decides between equals.
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
