#if Hub
public import Swiftlet

extension Embedder {
  /// Downloads an embedding model from the Hub, except files in the cache, and loads it.
  ///
  /// - Parameters:
  ///   - name: `org/name`, or `org/name@revision`.
  ///   - revision: A branch, a tag or a commit; nil for the main branch.
  ///   - options: Options of loading and running the model.
  ///   - normalizes: Whether vectors are scaled to length 1; nil for what the model's files say.
  ///   - hubOptions: Options of the Hub and its cache.
  ///   - onEvent: Is called during the download, on any thread.
  /// - Throws: ``HubError``; ``HubError/model(_:)`` if the model can't be loaded.
  public convenience init(
    hub name: String, revision: String? = nil, options: ModelOptions = ModelOptions(),
    normalizes: Bool? = nil, hubOptions: HubOptions = HubOptions(),
    onEvent: @escaping @Sendable (HubEvent) -> Void = { _ in }
  ) async throws(HubError) {
    let hub = try Hub(options: hubOptions)
    let folder = try await hub.snapshot(name, revision: revision, onEvent: onEvent)
    do throws(SwiftletError) {
      try self.init(directory: folder, options: options, normalizes: normalizes)
    } catch {
      throw .model(error)
    }
  }
}
#endif
