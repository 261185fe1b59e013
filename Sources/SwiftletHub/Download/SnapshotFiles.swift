#if Hub
/// Downloads files of one commit, several at the same time.
struct SnapshotFiles: Sendable {
  private let connection: HubConnection
  private let cache: HubCache
  private let repository: RepositoryName
  private let source: SnapshotSource

  /// As huggingface_hub.
  private static let maxConcurrentFiles = 8

  init(
    _ connection: HubConnection, _ cache: HubCache, _ repository: RepositoryName,
    _ source: SnapshotSource
  ) {
    self.connection = connection
    self.cache = cache
    self.repository = repository
    self.source = source
  }

  /// Downloads those of the files that the cache lacks.
  ///
  /// - Throws: ``HubError/notCached(model:folder:missing:reason:)`` if only the cache may be used and lacks
  ///   some; otherwise the first error, after the other downloads are cancelled.
  func fetch(_ paths: [String]) async throws(HubError) {
    var missing: [RepositoryFile] = []
    for path in paths {
      let file = try RepositoryFile(path)
      if !cache.has(file, of: source.commit) { missing.append(file) }
    }
    guard !missing.isEmpty else { return }
    if let reason = source.reason {
      throw .notCached(
        model: "\(repository)", folder: cache.root, missing: missing.map(\.description),
        reason: reason)
    }
    let bytes = missing.reduce(0) { $0 + (source.listing?[$1.description]?.size ?? 0) }
    connection.report(.planned(files: missing.count, bytes: bytes))
    if let problem = await download(missing) { throw problem }
  }

  /// Returns the first error that is not the cancellation that it caused.
  private func download(_ files: [RepositoryFile]) async -> HubError? {
    await withTaskGroup(of: HubError?.self) { group in
      var waiting = files[...]
      var problem: HubError?
      for _ in 0..<min(files.count, Self.maxConcurrentFiles) {
        let file = waiting.removeFirst()
        group.addTask { await self.problem(with: file) }
      }
      while let result = await group.next() {
        if let result, problem == nil || problem == .cancelled {
          problem = result
          group.cancelAll()
        }
        if problem == nil, let file = waiting.popFirst() {
          group.addTask { await self.problem(with: file) }
        }
      }
      return problem
    }
  }

  private func problem(with file: RepositoryFile) async -> HubError? {
    do throws(HubError) {
      let revision = try Revision(source.commit.description)
      _ = try await CachedFile(connection, repository, revision).path(of: file)
      return nil
    } catch {
      return error
    }
  }
}
#endif
