/// One example in memory; each task takes its own case.
public enum TrainingExample: Sendable, Equatable {
  /// A text, or a pair of texts, with one label.
  case labeled(String, pair: String? = nil, label: String)
  /// A text, or a pair of texts, with any number of labels.
  case multiLabel(String, pair: String? = nil, labels: [String])
  /// A text, or a pair of texts, with a number.
  case value(String, pair: String? = nil, value: Double)
  /// A text, or a pair of texts, without a label, for a teacher or for masked words.
  case text(String, pair: String? = nil)
  /// Words, each with a tag such as `B-PER` or `O`.
  case words([String], tags: [String])
  /// A text with named spans, which become tags of the BIO scheme.
  case entities(String, [EntityExample])
  /// A question about a context; without answers the context does not have one.
  case question(String, context: String, answers: [AnswerExample])
  /// A text with its possible continuations; `label` is the index of the right one.
  case choices(String, choices: [String], label: Int)
  /// Texts that belong together: an anchor, its positive, and any number of negatives; or two texts
  /// with their similarity as `score`.
  case similar([String], score: Double? = nil)
}

/// A named span of a text.
public struct EntityExample: Sendable, Equatable {
  /// The span in Unicode scalars, as Python counts characters.
  public var range: Range<Int>
  /// The name, without `B-` and `I-`.
  public var label: String

  /// Creates a span.
  public init(_ range: Range<Int>, _ label: String) {
    self.range = range
    self.label = label
  }
}

/// An answer and its place in the context.
public struct AnswerExample: Sendable, Equatable {
  /// The start in Unicode scalars, as Python counts characters.
  public var start: Int
  /// The answer as the context spells it.
  public var text: String

  /// Creates an answer.
  public init(start: Int, text: String) {
    self.start = start
    self.text = text
  }
}

extension TrainingExample {
  /// The task for which the example is made; nil for a text without a label.
  var task: TrainingTask? {
    switch self {
    case .labeled: .classification
    case .multiLabel: .multiLabel
    case .value: .regression
    case .text: nil
    case .words, .entities: .tokens
    case .question: .questions
    case .choices: .choices
    case .similar: .embeddings
    }
  }

  /// Whether a text of the example has nothing to learn.
  var isEmpty: Bool {
    switch self {
    case .labeled(let text, let pair, _), .multiLabel(let text, let pair, _),
      .value(let text, let pair, _), .text(let text, let pair):
      text.isBlankText || pair?.isBlankText == true
    case .words(let words, _): words.allSatisfy(\.isBlankText)
    case .entities(let text, _), .choices(let text, _, _): text.isBlankText
    case .question(let question, let context, _): question.isBlankText || context.isBlankText
    case .similar(let texts, _): texts.contains(where: \.isBlankText)
    }
  }
}
