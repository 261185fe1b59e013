extension Classifier {
  /// Classifies one text on one of the engine's threads, without blocking Swift's cooperative pool.
  ///
  /// - Throws: The errors of the synchronous method, and ``SwiftletError/cancelled``.
  public func classify(
    _ text: String, options: ClassificationOptions = ClassificationOptions()
  ) async throws(SwiftletError) -> Classification {
    try await classify([text], options: options)[0]
  }

  /// Classifies many texts on the engine's threads, without blocking Swift's cooperative pool.
  ///
  /// - Throws: The errors of the synchronous method, and ``SwiftletError/cancelled``.
  public func classify(
    _ texts: [String], options: ClassificationOptions = ClassificationOptions()
  ) async throws(SwiftletError) -> [Classification] {
    try await model.onEngine { [self] (model) throws(SwiftletError) in
      try classify(texts, options, by: model)
    }
  }

  /// Classifies pairs of texts on the engine's threads, without blocking Swift's cooperative pool.
  ///
  /// - Throws: The errors of the synchronous method, and ``SwiftletError/cancelled``.
  public func classify(
    _ pairs: [TextPair], options: ClassificationOptions = ClassificationOptions()
  ) async throws(SwiftletError) -> [Classification] {
    try await model.onEngine { [self] (model) throws(SwiftletError) in
      try classify(pairs, options, by: model)
    }
  }

  /// Classifies a stream of texts; returns an asynchronous sequence of answers in the same order.
  ///
  ///     for try await answer in classifier.classify(texts) { … }
  ///
  /// While the engine computes, arriving texts are collected for the next batch, at most
  /// `batchSize`: a slow stream is answered text by text, a fast one with the throughput of large
  /// batches.
  ///
  /// - Throws: While iterating, the source's error, or ``SwiftletError`` with an `index` that
  ///   counts from the beginning of the stream.
  public func classify<Texts: AsyncSequence & Sendable>(
    _ texts: Texts, options: ClassificationOptions = ClassificationOptions(), batchSize: Int = 64
  ) -> ClassificationStream<Texts> where Texts.Element == String {
    ClassificationStream(
      classifier: self, texts: texts, options: options, batchSize: max(1, batchSize))
  }
}
