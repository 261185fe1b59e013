extension Classifier {
  /// Classifies one text on one of the engine's threads; no thread of Swift's cooperative pool waits.
  ///
  /// - Throws: As the synchronous form, and ``SwiftletError/cancelled``.
  public func classify(
    _ text: String, options: ClassificationOptions = ClassificationOptions()
  ) async throws(SwiftletError) -> Classification {
    try await classify([text], options: options)[0]
  }

  /// Classifies many texts on the engine's threads; no thread of Swift's cooperative pool waits.
  ///
  /// - Throws: As the synchronous form, and ``SwiftletError/cancelled``.
  public func classify(
    _ texts: [String], options: ClassificationOptions = ClassificationOptions()
  ) async throws(SwiftletError) -> [Classification] {
    try await model.onEngine { [self] (model) throws(SwiftletError) in
      try classify(texts, options, by: model)
    }
  }

  /// Classifies pairs of texts on the engine's threads; no thread of Swift's cooperative pool waits.
  ///
  /// - Throws: As the synchronous form, and ``SwiftletError/cancelled``.
  public func classify(
    _ pairs: [TextPair], options: ClassificationOptions = ClassificationOptions()
  ) async throws(SwiftletError) -> [Classification] {
    try await model.onEngine { [self] (model) throws(SwiftletError) in
      try classify(pairs, options, by: model)
    }
  }

  /// Classifies a stream of texts: an asynchronous sequence of one answer for each, in their order.
  ///
  ///     for try await answer in classifier.classify(texts) { … }
  ///
  /// While the engine works, texts that arrive are collected, at most `batchSize`, and make the next
  /// batch: a slow stream is answered text by text, a fast one at the rate of large batches. The
  /// source is read no further ahead than that.
  ///
  /// - Throws: While iterating, what the source throws, or ``SwiftletError``, whose `index` counts
  ///   from the beginning of the stream.
  public func classify<Texts: AsyncSequence & Sendable>(
    _ texts: Texts, options: ClassificationOptions = ClassificationOptions(), batchSize: Int = 64
  ) -> ClassificationStream<Texts> where Texts.Element == String {
    ClassificationStream(
      classifier: self, texts: texts, options: options, batchSize: max(1, batchSize))
  }
}
