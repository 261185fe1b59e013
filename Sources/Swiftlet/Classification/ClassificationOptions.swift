/// How texts are classified; the defaults are those of transformers' pipeline, except that texts
/// that are too long are cut and not refused.
public struct ClassificationOptions: Sendable, Equatable {
  /// How many of the labels to report, best first; nil reports all.
  public var topK: Int?
  /// What turns logits into scores; nil follows the model's configuration.
  public var function: ScoreFunction?
  /// What happens to texts with more tokens than the model takes.
  public var longText = LongText.truncate
  /// What is put before each text, and before the first of a pair; cross-encoders may have prompts.
  public var prompt: Prompt

  /// How the logits of a long text's windows become one set.
  public var windowPooling: WindowPooling
  /// What logits are divided by before they become scores: 1 changes nothing, more makes the model less
  /// sure. ``Calibration`` finds it from labelled examples.
  public var temperature: Float
  /// The score below which the model abstains: ``Classification/decision`` is nil then.
  public var minimumScore: Float?
  /// The score that a label needs to be one of ``Classification/accepted``.
  public var threshold: Float
  /// Thresholds of labels of their own.
  public var labelThresholds: [String: Float]

  /// All defaults may stay.
  public init(
    topK: Int? = nil, function: ScoreFunction? = nil, longText: LongText = .truncate,
    windowPooling: WindowPooling = .mean, temperature: Float = 1, minimumScore: Float? = nil,
    threshold: Float = 0.5, labelThresholds: [String: Float] = [:], prompt: Prompt = .automatic
  ) {
    self.topK = topK
    self.function = function
    self.longText = longText
    self.windowPooling = windowPooling
    self.temperature = temperature
    self.minimumScore = minimumScore
    self.threshold = threshold
    self.labelThresholds = labelThresholds
    self.prompt = prompt
  }
}

/// How the logits of several windows become one set, label by label.
public enum WindowPooling: String, CaseIterable, Sendable {
  /// Their mean: what most of the text says.
  case mean
  /// The greatest: what any part of it says.
  case max
}

/// What turns logits into scores.
public enum ScoreFunction: String, CaseIterable, Sendable {
  /// Probabilities that add up to 1: one label applies.
  case softmax
  /// A probability for each label by itself: any number of labels may apply.
  case sigmoid
  /// The logits as they are, as regression models mean them.
  case none
}
