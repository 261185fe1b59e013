extension TokenClassifier {
  /// Classifies the tokens of one text on one of the engine's threads, without blocking Swift's
  /// cooperative pool.
  ///
  /// - Throws: The errors of the synchronous method, and ``SwiftletError/cancelled``.
  public func classify(
    _ text: String, options: TokenClassificationOptions = TokenClassificationOptions()
  ) async throws(SwiftletError) -> TokenClassification {
    try await classify([text], options: options)[0]
  }

  /// Classifies the tokens of many texts on the engine's threads, without blocking Swift's
  /// cooperative pool.
  ///
  /// - Throws: The errors of the synchronous method, and ``SwiftletError/cancelled``.
  public func classify(
    _ texts: [String], options: TokenClassificationOptions = TokenClassificationOptions()
  ) async throws(SwiftletError) -> [TokenClassification] {
    try await model.onEngine { [self] (model) throws(SwiftletError) in
      try classify(texts, options, by: model)
    }
  }
}
