#if Hub
extension HubConnection {
  /// The longest pause that a rate limit may ask for; a longer one is an error at once.
  private static let maxPause = 600.0

  /// A network that is not there is reported after these retries, 7 seconds.
  private static let maxConnectionRetries = 3

  /// Runs `attempt`, and up to `retries` more times after problems that pass: after 1, 2, 4, 8 and 8
  /// seconds, or when the Hub's rate limit ends.
  func retrying<Result>(
    _ retries: Int = 5, _ attempt: () async throws(HubError) -> Result
  ) async throws(HubError) -> Result {
    var seconds = 1.0
    for count in 0..<retries {
      do throws(HubError) {
        return try await attempt()
      } catch {
        guard error.isTransient else { throw error }
        if case .unreachable = error, count >= Self.maxConnectionRetries { throw error }
        try await pause(for: seconds, after: error)
        seconds = min(2 * seconds, 8)
      }
    }
    return try await attempt()
  }

  /// Waits before a request is repeated: `seconds`, or as long as the rate limit in `error` lasts.
  ///
  /// - Throws: ``HubError/cancelled``; `error` if its rate limit lasts too long.
  func pause(for seconds: Double, after error: HubError) async throws(HubError) {
    var seconds = seconds
    if case .rateLimited(let limit?, _) = error { seconds = Double(limit) + 1 }
    guard seconds <= Self.maxPause else { throw error }
    report(.waiting(seconds: seconds, reason: error.description))
    do {
      try await Task.sleep(for: .seconds(seconds))
    } catch {
      throw .cancelled
    }
  }
}
#endif
