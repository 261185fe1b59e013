/// A question about a text.
public struct Question: Sendable, Equatable {
  /// The question.
  public var question: String
  /// The text that contains the answer.
  public var context: String

  /// Creates a question; both texts must have at least one character.
  public init(_ question: String, context: String) {
    self.question = question
    self.context = context
  }
}

/// The answers to one question.
public struct QuestionAnswers: Sendable, Equatable {
  /// At most `topK` answers, the most probable first; empty if the context has no words.
  public let answers: [Answer]
  /// The number of tokens of question and context together, special tokens included.
  public let tokenCount: Int
  /// The number of windows of the context; each includes the question.
  public let windowCount: Int
  /// Whether the question was truncated to `maxQuestionLength` tokens. Contexts are never
  /// truncated.
  public let isTruncated: Bool

  /// Creates a result from its parts, for tests of code that uses it.
  public init(
    answers: [Answer], tokenCount: Int = 0, windowCount: Int = 1, isTruncated: Bool = false
  ) {
    self.answers = answers
    self.tokenCount = tokenCount
    self.windowCount = windowCount
    self.isTruncated = isTruncated
  }
}

/// A span of the context.
public struct Answer: Sendable, Equatable {
  /// The text of the span; empty for "there is no answer".
  public let text: String
  /// The probability of its first token times that of its last token, summed over all spans with
  /// the same text, ignoring case.
  public let score: Float
  /// The position in Unicode scalars of the context, the offsets of Python's strings.
  public let offsets: Range<Int>
  /// The position in bytes of the context's UTF-8.
  public let utf8Offsets: Range<Int>

  /// Creates a result from its parts, for tests of code that uses it.
  public init(text: String, score: Float, offsets: Range<Int>, utf8Offsets: Range<Int>) {
    self.text = text
    self.score = score
    self.offsets = offsets
    self.utf8Offsets = utf8Offsets
  }
}

/// Options of question answering; the defaults are those of transformers' pipeline.
public struct QuestionAnsweringOptions: Sendable, Equatable {
  /// The maximum number of answers.
  public var topK: Int
  /// The overlap of neighbouring windows of a long context in tokens; nil for 128, or half of
  /// `maxLength` if that is smaller.
  public var docStride: Int?
  /// The maximum number of tokens of an answer.
  public var maxAnswerLength: Int
  /// The maximum number of tokens of a window, question and special tokens included; nil for 384,
  /// or the model's maximum if that is smaller.
  public var maxLength: Int?
  /// The maximum number of tokens of a question, which is truncated at a word boundary; nil for no
  /// limit.
  public var maxQuestionLength: Int?
  /// Whether "there is no answer" may be one of the answers.
  public var allowsImpossibleAnswer: Bool
  /// Whether answers begin and end with whole words.
  public var alignsToWords: Bool

  /// Creates options; each has a default.
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
