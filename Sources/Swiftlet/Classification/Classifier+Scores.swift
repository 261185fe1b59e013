extension Classifier {
  /// Returns the scores of an answer in the order of ``labels``, for language bindings; `options`
  /// must be those of the call.
  package func scores(of answer: Classification, options: ClassificationOptions) -> [Float] {
    (options.function ?? defaultFunction).scores(
      of: answer.logits, temperature: options.temperature)
  }
}
