public import CSwiftlet
import Swiftlet

private let models = ModelCalls<QuestionAnswerer>(name: "answerer")

/// Loads a question answerer from a model folder.
@c @implementation
public func swiftlet_question_answerer_load(
  _ directory: UnsafePointer<CChar>?, _ options: UnsafePointer<swiftlet_model_options>?,
  _ answerer: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> swiftlet_status {
  models.load(directory, options, to: answerer, error) { (directory, options) throws(Failure) in
    try Failure.converting { () throws(SwiftletError) in
      try QuestionAnswerer(directory: directory, options: options)
    }
  }
}

/// Frees the handle of a question answerer.
@c @implementation
public func swiftlet_question_answerer_free(_ answerer: OpaquePointer?) {
  models.free(answerer)
}

/// Returns the maximum length of a text in tokens; 0 for a dead handle.
@c @implementation
public func swiftlet_question_answerer_max_length(_ answerer: OpaquePointer?) -> Int {
  models.maxLength(answerer)
}

/// Returns a new handle of the model's tokenizer.
@c @implementation
public func swiftlet_question_answerer_tokenizer(
  _ answerer: OpaquePointer?, _ tokenizer: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> swiftlet_status {
  models.tokenizer(answerer, to: tokenizer, error)
}

/// Answers questions as one batch.
@c @implementation
public func swiftlet_answer(
  _ answerer: OpaquePointer?, _ questions: UnsafePointer<swiftlet_text>?,
  _ contexts: UnsafePointer<swiftlet_text>?, _ count: Int,
  _ options: UnsafePointer<swiftlet_question_options>?,
  _ result: UnsafeMutablePointer<UnsafeMutablePointer<swiftlet_answers>?>?,
  _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> swiftlet_status {
  ErrorRecord.report(to: error) { () throws(Failure) in
    let place = try OutputPlace.cleared(result, name: "result")
    let answerer = try models.model(answerer)
    let options = try QuestionAnsweringOptions(options)
    let questions = try InputText.array(questions, count: count, name: "questions")
    let contexts = try InputText.array(contexts, count: count, name: "contexts")
    let answers = try Failure.converting { () throws(SwiftletError) in
      try answerer.answer(
        zip(questions, contexts).map { Question($0, context: $1) }, options: options)
    }
    place.pointee = swiftlet_answers.make(answers)
  }
}

/// Frees the result of `swiftlet_answer`.
@c @implementation
public func swiftlet_answers_free(_ result: UnsafeMutablePointer<swiftlet_answers>?) {
  swiftlet_answers.free(result)
}
