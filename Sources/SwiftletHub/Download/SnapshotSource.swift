#if Hub
import NIOHTTP1
import SwiftletJSON

/// The commit of a snapshot and its files, from the Hub or, if it can't be reached, from the cache.
struct SnapshotSource: Sendable {
  let commit: Commit
  /// Nil if the cache has a snapshot without a list of its files.
  let listing: TreeListing?
  /// Why only the cache is used; nil if missing files can be downloaded.
  let reason: String?

  /// Finds the commit of a revision and the list of its files.
  ///
  /// A commit whose list is in the cache needs no request.
  ///
  /// - Throws: ``HubError``; ``HubError/notCached(model:folder:missing:reason:)`` if only the cache may be
  ///   used, and it has no snapshot.
  static func find(
    _ connection: HubConnection, _ cache: HubCache, _ repository: RepositoryName,
    _ revision: Revision
  ) async throws(HubError) -> SnapshotSource {
    let cached = cache.commit(of: revision).flatMap { cache.has($0) ? $0 : nil }
    if connection.settings.isOffline {
      guard let cached else {
        throw .notCached(
          model: Self.name(repository, revision), folder: cache.root, missing: [],
          reason: HubError.offlineReason)
      }
      return SnapshotSource(
        commit: cached, listing: cache.listing(of: cached), reason: HubError.offlineReason)
    }
    do throws(HubError) {
      // With a snapshot in the cache, one failure is enough to use it.
      let retries = cached == nil ? 5 : 0
      let commit = try await connection.retrying(retries) { () throws(HubError) in
        try await connection.commit(of: repository, revision)
      }
      let listing = try await connection.retrying(retries) { () throws(HubError) in
        try await self.listing(connection, cache, repository, commit)
      }
      // The cache may be read-only.
      try? cache.record(commit, of: revision)
      return SnapshotSource(commit: commit, listing: listing, reason: nil)
    } catch {
      guard error.allowsCache, let cached else { throw error }
      connection.report(.usingCache(reason: error.description))
      return SnapshotSource(
        commit: cached, listing: cache.listing(of: cached), reason: error.description)
    }
  }

  static func name(_ repository: RepositoryName, _ revision: Revision) -> String {
    revision == .main ? "\(repository)" : "\(repository)@\(revision)"
  }

  private static func listing(
    _ connection: HubConnection, _ cache: HubCache, _ repository: RepositoryName, _ commit: Commit
  ) async throws(HubError) -> TreeListing {
    if let listing = cache.listing(of: commit) { return listing }
    let listing = try await connection.listing(of: repository, commit)
    // The cache may be read-only.
    if listing.isValid { try? cache.record(listing, of: commit) }
    return listing
  }
}

extension HubConnection {
  /// Pages of a list of files; a page has up to 1000 files.
  private static let maxPages = 1000
  private static let maxInfoBytes = 16 << 20

  /// Asks for the commit of a revision; a commit needs no request.
  fileprivate func commit(
    of repository: RepositoryName, _ revision: Revision
  ) async throws(HubError) -> Commit {
    if let commit = revision.commit { return commit }
    let path = "/api/models/\(repository)/revision/\(HubURL.encoded(revision.description))"
    let url = settings.endpoint.appending(path)
    let (bytes, response) = try await json(url, repository, revision, limit: Self.maxInfoBytes)
    let value = bytes.withUnsafeBufferPointer { try? JSONValue($0, rules: .python) }
    guard let commit = value?["sha"]?.string.flatMap({ Commit($0) }) else {
      throw .invalidResponse(
        address: response.url.page, reason: "its answer has no \"sha\" with a commit")
    }
    return commit
  }

  /// Asks for the files of a commit, page by page.
  fileprivate func listing(
    of repository: RepositoryName, _ commit: Commit
  ) async throws(HubError) -> TreeListing {
    let revision = try Revision(commit.description)
    let path = "/api/models/\(repository)/tree/\(commit)?recursive=true&expand=false"
    var next: HubURL? = settings.endpoint.appending(path)
    var entries: [TreeListing.Entry] = []
    for _ in 0..<Self.maxPages {
      guard let url = next else { break }
      let (bytes, response) = try await json(
        url, repository, revision, limit: TreeListing.maxBytes)
      guard let page = TreeListing.page(bytes) else {
        throw .invalidResponse(
          address: response.url.page, reason: "its answer is not a list of files")
      }
      entries += page
      next = response.nextPage
    }
    guard next == nil else {
      throw .invalidResponse(
        address: settings.endpoint.page,
        reason: "its list of files has more than \(Self.maxPages) pages")
    }
    return TreeListing(entries)
  }

  /// The body of a response of the Hub's interface, and its head.
  private func json(
    _ url: HubURL, _ repository: RepositoryName, _ revision: Revision, limit: Int
  ) async throws(HubError) -> ([UInt8], HubResponse) {
    let response = try await response(.GET, url)
    try await check(
      response,
      about: .init(
        repository: repository, revision: revision, endpoint: settings.endpoint,
        sentToken: settings.token != nil))
    return (try await body(of: response, limit: limit), response)
  }
}
#endif
