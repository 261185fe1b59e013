/// A question about a text.
public struct Question: Sendable, Equatable {
  /// What is asked.
  public var question: String
  /// The text that has the answer.
  public var context: String

  /// Both must have at least one character.
  public init(_ question: String, context: String) {
    self.question = question
    self.context = context
  }
}

/// What the model answers to one question.
public struct QuestionAnswers: Sendable, Equatable {
  /// At most `topK` answers, the surest first; none where the context has no words.
  public let answers: [Answer]
  /// Tokens of question and context together, special ones included.
  public let tokenCount: Int
  /// The windows in which the model saw the context; of each, the question was a part.
  public let windowCount: Int
  /// Whether the question was cut, because it had more tokens than `maxQuestionLength`. Contexts are
  /// never cut.
  public let isTruncated: Bool
}

/// A stretch of the context.
public struct Answer: Sendable, Equatable {
  /// The stretch as the context writes it; empty for "there is no answer".
  public let text: String
  /// The probability of its first token times that of its last; of equal texts (ignoring case) at
  /// several places, the sum.
  public let score: Float
  /// Where it stands, in Unicode scalars of the context: the offsets of Python's strings.
  public let offsets: Range<Int>
  /// Where it stands, in bytes of the context's UTF-8.
  public let utf8Offsets: Range<Int>
}

/// How questions are answered; the defaults are those of transformers' pipeline.
public struct QuestionAnsweringOptions: Sendable, Equatable {
  /// How many answers to report, at most.
  public var topK: Int
  /// How many tokens of a long context a window has in common with the one before; nil for 128, or
  /// half of `maxLength` if that is less.
  public var docStride: Int?
  /// The most tokens of an answer.
  public var maxAnswerLength: Int
  /// The most tokens that the model sees at a time, question and special ones included; nil for 384,
  /// or what the model takes if that is less.
  public var maxLength: Int?
  /// The most tokens of a question, which is cut before the first word that is too much; nil for
  /// questions of any length that leave room for context.
  public var maxQuestionLength: Int?
  /// Whether "there is no answer" is one of the answers.
  public var allowsImpossibleAnswer: Bool
  /// Whether answers begin and end with whole words.
  public var alignsToWords: Bool

  /// All defaults may stay.
  public init(
    topK: Int = 1, docStride: Int? = nil, maxAnswerLength: Int = 15, maxLength: Int? = nil,
    maxQuestionLength: Int? = nil, allowsImpossibleAnswer: Bool = false,
    alignsToWords: Bool = true
  ) {
    self.topK = topK
    self.docStride = docStride
    self.maxAnswerLength = maxAnswerLength
    self.maxLength = maxLength
    self.maxQuestionLength = maxQuestionLength
    self.allowsImpossibleAnswer = allowsImpossibleAnswer
    self.alignsToWords = alignsToWords
  }
}
