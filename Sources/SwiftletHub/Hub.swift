#if Hub

/// The Hugging Face Hub, from which models are downloaded by name.
///
///     let hub = try Hub()
///     let folder = try await hub.snapshot("distilbert/distilbert-base-uncased-finetuned-sst-2-english")
///     let classifier = try Classifier(directory: folder)
///
/// Files are kept in the cache of huggingface_hub, which both programs use: each reads what the other
/// has downloaded. The environment variables are those of huggingface_hub too; `docs/models.md` lists
/// them.
public struct Hub: Sendable {
  private let settings: HubSettings

  /// Reads the environment variables; options take their place.
  ///
  /// - Throws: ``HubError/invalidSetting(name:value:expected:)``.
  public init(options: HubOptions = HubOptions()) throws(HubError) {
    settings = try HubSettings(options, HubEnvironment())
  }

  /// Downloads the files of a model, except those in the cache, and returns their folder.
  ///
  /// Only what the model needs is downloaded: its settings, its tokenizer, and its weights as
  /// safetensors, or else as a PyTorch or an ONNX file. If the Hub can't be reached, a complete model in
  /// the cache is used.
  ///
  /// - Parameters:
  ///   - name: `org/name`, or `org/name@revision`.
  ///   - revision: A branch, a tag or a commit, which takes the place of one in the name; nil for the
  ///     main branch.
  ///   - onEvent: Is called during the download, on any thread.
  /// - Returns: The absolute path of the snapshot, as `directory` of ``Classifier`` and the other tasks.
  /// - Throws: ``HubError``; a cancelled task continues its download the next time.
  public func snapshot(
    _ name: String, revision: String? = nil,
    onEvent: @escaping @Sendable (HubEvent) -> Void = { _ in }
  ) async throws(HubError) -> String {
    let (repository, revision) = try Self.parse(name, revision)
    return try await HubConnection.open(settings, reporting: onEvent) {
      (connection) throws(HubError) in
      try await SnapshotDownload(connection, repository, revision).run()
    }
  }

  /// Downloads one file of a repository, unless it is in the cache, and returns its path.
  ///
  /// - Parameters:
  ///   - path: The path in the repository, such as `onnx/model.onnx`.
  ///   - name: `org/name`, or `org/name@revision`.
  ///   - revision: A branch, a tag or a commit; nil for the main branch.
  ///   - onEvent: Is called during the download, on any thread.
  /// - Returns: The absolute path of the file in its snapshot.
  /// - Throws: ``HubError``.
  public func file(
    _ path: String, of name: String, revision: String? = nil,
    onEvent: @escaping @Sendable (HubEvent) -> Void = { _ in }
  ) async throws(HubError) -> String {
    let (repository, revision) = try Self.parse(name, revision)
    let file = try RepositoryFile(path)
    return try await HubConnection.open(settings, reporting: onEvent) {
      (connection) throws(HubError) in
      try await CachedFile(connection, repository, revision).path(of: file)
    }
  }

  private static func parse(
    _ name: String, _ revision: String?
  ) throws(HubError) -> (RepositoryName, Revision) {
    let address = try ModelAddress(name)
    let revision = try revision.map { (text) throws(HubError) in try Revision(text) }
    return (address.repository, revision ?? address.revision ?? .main)
  }
}
#endif
