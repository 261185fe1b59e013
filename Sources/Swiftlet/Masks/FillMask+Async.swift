extension FillMask {
  /// Fills the masks of one text on one of the engine's threads, without blocking Swift's
  /// cooperative pool.
  ///
  /// - Throws: The errors of the synchronous method, and ``SwiftletError/cancelled``.
  public func fill(
    _ text: String, options: MaskFillingOptions = MaskFillingOptions()
  ) async throws(SwiftletError) -> MaskFilling {
    try await fill([text], options: options)[0]
  }

  /// Fills the masks of many texts on the engine's threads, without blocking Swift's cooperative
  /// pool.
  ///
  /// - Throws: The errors of the synchronous method, and ``SwiftletError/cancelled``.
  public func fill(
    _ texts: [String], options: MaskFillingOptions = MaskFillingOptions()
  ) async throws(SwiftletError) -> [MaskFilling] {
    try await model.onEngine { [self] (model) throws(SwiftletError) in
      try fill(texts, options, by: model)
    }
  }
}
