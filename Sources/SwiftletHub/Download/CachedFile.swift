#if Hub
/// One file of a repository, from the cache or downloaded into it.
///
/// The order of requests and of writes is that of `hf_hub_download` in huggingface_hub 2.4, so that the
/// cache is the same.
struct CachedFile: Sendable {
  private let connection: HubConnection
  private let cache: HubCache
  private let repository: RepositoryName
  private let revision: Revision

  init(_ connection: HubConnection, _ repository: RepositoryName, _ revision: Revision) {
    self.connection = connection
    self.repository = repository
    self.revision = revision
    cache = HubCache(connection.settings, repository)
  }

  /// Returns the file's path in the cache, after a download if it is not there.
  ///
  /// A file of a commit needs no request. A file of a branch is compared with the Hub's; if the Hub can't
  /// be reached, that of the last download is returned.
  func path(of file: RepositoryFile) async throws(HubError) -> String {
    if let commit = revision.commit, cache.has(file, of: commit) {
      return cache.file(file, of: commit)
    }
    let metadata: FileMetadata
    do throws(HubError) {
      metadata = try await self.metadata(of: file)
    } catch {
      guard error.allowsCache, let path = cachedPath(of: file) else { throw error }
      connection.report(.usingCache(reason: error.description))
      return path
    }
    if let commit = revision.commit, commit != metadata.commit {
      throw .invalidResponse(
        address: connection.settings.endpoint.description,
        reason: "it answers for commit \(metadata.commit) instead of \(commit)")
    }
    if try await store(file, metadata) {
      connection.report(.completed(file: file.description))
    }
    return cache.file(file, of: metadata.commit)
  }

  private var subject: HubResponse.Subject {
    HubResponse.Subject(
      repository: repository, revision: revision, endpoint: connection.settings.endpoint,
      sentToken: connection.settings.token != nil)
  }

  private func subject(_ file: RepositoryFile) -> HubResponse.Subject {
    var subject = subject
    subject.file = file
    return subject
  }

  /// The path of the file in the last snapshot of the revision; nil if it is not in the cache.
  private func cachedPath(of file: RepositoryFile) -> String? {
    guard let commit = cache.commit(of: revision), cache.has(file, of: commit) else { return nil }
    return cache.file(file, of: commit)
  }

  /// Asks the Hub: once if the file is in the cache, which is used instead, otherwise with patience.
  private func metadata(of file: RepositoryFile) async throws(HubError) -> FileMetadata {
    guard !connection.settings.isOffline else {
      if cachedPath(of: file) == nil {
        throw .notCached(
          model: "\(repository)", folder: cache.root, missing: [file.description],
          reason: HubError.offlineReason)
      }
      throw .unreachable(
        address: connection.settings.endpoint.page, reason: HubError.offlineReason)
    }
    let retries = cachedPath(of: file) == nil ? 5 : 0
    return try await connection.retrying(retries) { () throws(HubError) in
      try await connection.metadata(of: subject(file), file) { commit in
        // A cache that can't be written is of no consequence for a file that does not exist.
        try? cache.recordAbsence(of: file, in: commit)
        try? cache.record(commit, of: revision)
      }
    }
  }

  // MARK: Storing

  /// Returns whether the file was downloaded: its blob may be in the cache already.
  private func store(
    _ file: RepositoryFile, _ metadata: FileMetadata
  ) async throws(HubError) -> Bool {
    if cache.has(file, of: metadata.commit) {
      // The cache may be read-only.
      try? cache.record(metadata.commit, of: revision)
      return false
    }
    let blob = cache.blob(metadata.tag)
    try cache.makeFolder(of: blob)
    try cache.makeFolder(of: cache.file(file, of: metadata.commit))
    cache.tag()
    try cache.record(metadata.commit, of: revision)
    let lockPath = cache.lock(metadata.tag)
    try cache.makeFolder(of: lockPath)
    let lock = try await BlobLock.acquire(lockPath) {
      connection.report(.locked(file: file.description))
    }
    defer { withExtendedLifetime(lock) {} }
    let isNew = !cache.hasBlob(metadata.tag)
    if isNew { try await download(file, metadata, to: blob, isResumable: lock.isExclusive) }
    if !cache.has(file, of: metadata.commit) {
      try cache.link(file, of: metadata.commit, to: metadata.tag, isNew: isNew)
    }
    return isNew
  }

  private func download(
    _ file: RepositoryFile, _ metadata: FileMetadata, to blob: String, isResumable: Bool
  ) async throws(HubError) {
    let partial = try PartialFile(
      of: blob, metadata.tag, size: metadata.size, isResumable: isResumable)
    if let size = metadata.size {
      do throws(HubError) {
        try DiskSpace.check(size - partial.count, at: blob)
      } catch {
        partial.close()
        throw error
      }
    }
    try await FileDownload(
      connection: connection, subject: subject(file), file: file, metadata: metadata
    ).run(into: partial)
  }
}

extension HubError {
  static let offlineReason =
    "HF_HUB_OFFLINE (or TRANSFORMERS_OFFLINE) forbids requests; unset it to download the model"
}
#endif
