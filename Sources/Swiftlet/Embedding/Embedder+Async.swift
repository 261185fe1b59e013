extension Embedder {
  /// Embeds one text on one of the engine's threads, without blocking Swift's cooperative pool.
  ///
  /// - Throws: The errors of the synchronous method, and ``SwiftletError/cancelled``.
  public func embed(
    _ text: String, options: EmbeddingOptions = EmbeddingOptions()
  ) async throws(SwiftletError) -> Embedding {
    try await embed([text], options: options)[0]
  }

  /// Embeds many texts on the engine's threads, without blocking Swift's cooperative pool.
  ///
  /// - Throws: The errors of the synchronous method, and ``SwiftletError/cancelled``.
  public func embed(
    _ texts: [String], options: EmbeddingOptions = EmbeddingOptions()
  ) async throws(SwiftletError) -> [Embedding] {
    try await model.onEngine { [self] (model) throws(SwiftletError) in
      try embed(texts, options, by: model)
    }
  }
}
