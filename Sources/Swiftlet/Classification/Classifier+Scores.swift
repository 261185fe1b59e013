extension Classifier {
  /// The scores of an answer in the order of ``labels``, as bindings want them that have no list of
  /// pairs; `options` are those with which it was made. Labels may have the same name.
  package func scores(of answer: Classification, options: ClassificationOptions) -> [Float] {
    (options.function ?? defaultFunction).scores(
      of: answer.logits, temperature: options.temperature)
  }
}
