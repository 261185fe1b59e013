import CSwiftlet
import Swiftlet

extension QuestionAnsweringOptions {
  /// Reads the options at a pointer; the defaults for NULL.
  init(_ pointer: UnsafePointer<swiftlet_question_options>?) throws(Failure) {
    var options = swiftlet_question_options()
    try OptionStruct.read(
      pointer, into: &options, smallest: 40, name: "swiftlet_question_options")
    try OptionStruct.checkReserved(options.reserved == 0)
    let stride: Int? =
      switch options.doc_stride {
      case 0: nil
      case .max: 0  // SWIFTLET_NO_OVERLAP
      default: Int(options.doc_stride)
      }
    self.init(
      topK: options.top_k == 0 ? 1 : Int(options.top_k), docStride: stride,
      maxAnswerLength: options.max_answer_length == 0 ? 15 : Int(options.max_answer_length),
      maxLength: options.max_length == 0 ? nil : Int(options.max_length),
      maxQuestionLength: options.max_question_length == 0
        ? nil : Int(options.max_question_length),
      allowsImpossibleAnswer: try OptionStruct.flag(
        options.impossible_answers, name: "impossible_answers"),
      alignsToWords: !(try OptionStruct.flag(options.splits_words, name: "splits_words")))
  }
}
