#if Hub
public import Swiftlet

// The tasks' own initialisers block the calling thread while they load a model, and so do these after the
// download.

extension Classifier {
  /// Downloads a classifier of texts from the Hub, except files in the cache, and loads it.
  ///
  /// - Parameters:
  ///   - name: `org/name`, or `org/name@revision`.
  ///   - revision: A branch, a tag or a commit; nil for the main branch.
  ///   - options: Options of loading and running the model.
  ///   - hubOptions: Options of the Hub and its cache.
  ///   - onEvent: Is called during the download, on any thread.
  /// - Throws: ``HubError``; ``HubError/model(_:)`` if the model can't be loaded.
  public convenience init(
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

extension TokenClassifier {
  /// Downloads a classifier of tokens from the Hub, except files in the cache, and loads it.
  ///
  /// - Parameters:
  ///   - name: `org/name`, or `org/name@revision`.
  ///   - revision: A branch, a tag or a commit; nil for the main branch.
  ///   - options: Options of loading and running the model.
  ///   - hubOptions: Options of the Hub and its cache.
  ///   - onEvent: Is called during the download, on any thread.
  /// - Throws: ``HubError``; ``HubError/model(_:)`` if the model can't be loaded.
  public convenience init(
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

extension QuestionAnswerer {
  /// Downloads a question answering model from the Hub, except files in the cache, and loads it.
  ///
  /// - Parameters:
  ///   - name: `org/name`, or `org/name@revision`.
  ///   - revision: A branch, a tag or a commit; nil for the main branch.
  ///   - options: Options of loading and running the model.
  ///   - hubOptions: Options of the Hub and its cache.
  ///   - onEvent: Is called during the download, on any thread.
  /// - Throws: ``HubError``; ``HubError/model(_:)`` if the model can't be loaded.
  public convenience init(
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

extension FillMask {
  /// Downloads a masked language model from the Hub, except files in the cache, and loads it.
  ///
  /// - Parameters:
  ///   - name: `org/name`, or `org/name@revision`.
  ///   - revision: A branch, a tag or a commit; nil for the main branch.
  ///   - options: Options of loading and running the model.
  ///   - hubOptions: Options of the Hub and its cache.
  ///   - onEvent: Is called during the download, on any thread.
  /// - Throws: ``HubError``; ``HubError/model(_:)`` if the model can't be loaded.
  public convenience init(
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

extension MultipleChoice {
  /// Downloads a multiple choice model from the Hub, except files in the cache, and loads it.
  ///
  /// - Parameters:
  ///   - name: `org/name`, or `org/name@revision`.
  ///   - revision: A branch, a tag or a commit; nil for the main branch.
  ///   - options: Options of loading and running the model.
  ///   - hubOptions: Options of the Hub and its cache.
  ///   - onEvent: Is called during the download, on any thread.
  /// - Throws: ``HubError``; ``HubError/model(_:)`` if the model can't be loaded.
  public convenience init(
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

extension ZeroShotClassifier {
  /// Downloads an NLI model from the Hub, except files in the cache, and loads it.
  ///
  /// - Parameters:
  ///   - name: `org/name`, or `org/name@revision`.
  ///   - revision: A branch, a tag or a commit; nil for the main branch.
  ///   - options: Options of loading and running the model.
  ///   - hubOptions: Options of the Hub and its cache.
  ///   - onEvent: Is called during the download, on any thread.
  /// - Throws: ``HubError``; ``HubError/model(_:)`` if the model can't be loaded.
  public convenience init(
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
