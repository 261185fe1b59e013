import Swiftlet

/// An answer to one text.
protocol TaskAnswer: Sendable {
  /// Whether the model read only the beginning of the text.
  var isTruncated: Bool { get }
}

extension Classification: TaskAnswer {}
extension TokenClassification: TaskAnswer {}
extension QuestionAnswers: TaskAnswer {}
extension Embedding: TaskAnswer {}
extension MaskFilling: TaskAnswer {}
extension ZeroShotClassification: TaskAnswer {}
extension MultipleChoice.Choice: TaskAnswer {}
