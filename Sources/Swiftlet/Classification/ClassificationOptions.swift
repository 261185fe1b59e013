/// Options of classification; the defaults are those of transformers' pipeline, except that long
/// texts are truncated.
public struct ClassificationOptions: Sendable, Equatable {
  /// The number of labels to return, best first; nil for all.
  public var topK: Int?
  /// The function from logits to scores; nil for that of the model's configuration.
  public var function: ScoreFunction?
  /// What to do with texts that have more tokens than the model's maximum.
  public var longText = LongText.truncate
  /// The prompt before each text, and before the first of a pair; cross-encoders may have prompts.
  public var prompt: Prompt

  /// How the logits of a long text's windows are pooled.
  public var windowPooling: WindowPooling
  /// The divisor of the logits before the score function: larger values make scores less extreme.
  /// ``Calibration`` computes it from labelled examples.
  public var temperature: Float
  /// The score below which ``Classification/decision`` is nil.
  public var minimumScore: Float?
  /// The minimum score of labels in ``Classification/accepted``.
  public var threshold: Float
  /// Thresholds of single labels, which override `threshold`.
  public var labelThresholds: [String: Float]

  /// Creates options; each has a default.
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

/// How the logits of several windows are pooled, label by label.
public enum WindowPooling: String, CaseIterable, Sendable {
  /// The mean: represents the whole text.
  case mean
  /// The maximum: represents the strongest window.
  case max
}

/// The function from logits to scores.
public enum ScoreFunction: String, CaseIterable, Sendable {
  /// Probabilities that add up to 1, for models with one label per text.
  case softmax
  /// An independent probability for each label, for multi-label models.
  case sigmoid
  /// The logits unchanged, for regression models.
  case none
}
