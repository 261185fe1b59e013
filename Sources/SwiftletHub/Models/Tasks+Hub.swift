#if Hub
public import Swiftlet

/// A task whose model is loaded from a folder alone: every one except `Embedder`, whose
/// initialiser has an option of its own.
public protocol HubModel: TaskModel {
  /// Loads the model of a folder.
  init(directory: String, options: ModelOptions) throws(SwiftletError)
}

extension Classifier: HubModel {}
extension TokenClassifier: HubModel {}
extension QuestionAnswerer: HubModel {}
extension FillMask: HubModel {}
extension MultipleChoice: HubModel {}
extension ZeroShotClassifier: HubModel {}

extension HubModel {
  /// Downloads a model from the Hub, except files in the cache, and loads it.
  ///
  /// Loading blocks the calling thread, as the initialiser for a folder does.
  ///
  /// - Parameters:
  ///   - name: `org/name`, or `org/name@revision`.
  ///   - revision: A branch, a tag or a commit; nil for the main branch.
  ///   - options: Options of loading and running the model.
  ///   - hubOptions: Options of the Hub and its cache.
  ///   - onEvent: Is called during the download, on any thread.
  /// - Throws: ``HubError``; ``HubError/model(_:)`` if the model can't be loaded.
  public init(
    hub name: String, revision: String? = nil, options: ModelOptions = ModelOptions(),
    hubOptions: HubOptions = HubOptions(),
    onEvent: @escaping @Sendable (HubEvent) -> Void = { _ in }
  ) async throws(HubError) {
    let hub = try Hub(options: hubOptions)
    let folder = try await hub.snapshot(name, revision: revision, onEvent: onEvent)
    do throws(SwiftletError) {
      try self.init(directory: folder, options: options)
    } catch {
      throw .model(error)
    }
  }
}
#endif
