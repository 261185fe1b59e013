extension QuestionAnswerer {
  /// Answers one question on one of the engine's threads, without blocking Swift's cooperative
  /// pool.
  ///
  /// - Throws: The errors of the synchronous method, and ``SwiftletError/cancelled``.
  public func answer(
    _ question: String, in context: String,
    options: QuestionAnsweringOptions = QuestionAnsweringOptions()
  ) async throws(SwiftletError) -> QuestionAnswers {
    try await answer([Question(question, context: context)], options: options)[0]
  }

  /// Answers many questions on the engine's threads, without blocking Swift's cooperative pool.
  ///
  /// - Throws: The errors of the synchronous method, and ``SwiftletError/cancelled``.
  public func answer(
    _ questions: [Question], options: QuestionAnsweringOptions = QuestionAnsweringOptions()
  ) async throws(SwiftletError) -> [QuestionAnswers] {
    try await model.onEngine { [self] (model) throws(SwiftletError) in
      try answer(questions, options, by: model)
    }
  }
}
