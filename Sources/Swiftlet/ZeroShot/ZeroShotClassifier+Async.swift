extension ZeroShotClassifier {
  /// Classifies one text on one of the engine's threads, without blocking Swift's cooperative pool.
  ///
  /// - Throws: The errors of the synchronous method, and ``SwiftletError/cancelled``.
  public func classify(
    _ text: String, labels: [String], options: ZeroShotOptions = ZeroShotOptions()
  ) async throws(SwiftletError) -> ZeroShotClassification {
    try await classify([text], labels: labels, options: options)[0]
  }

  /// Classifies many texts on the engine's threads, without blocking Swift's cooperative pool.
  ///
  /// - Throws: The errors of the synchronous method, and ``SwiftletError/cancelled``.
  public func classify(
    _ texts: [String], labels: [String], options: ZeroShotOptions = ZeroShotOptions()
  ) async throws(SwiftletError) -> [ZeroShotClassification] {
    try await model.onEngine { [self] (model) throws(SwiftletError) in
      try classify(texts, labels, options, by: model)
    }
  }
}
