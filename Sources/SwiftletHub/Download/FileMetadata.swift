#if Hub
import NIOHTTP1

/// What the Hub says about a file before it is downloaded.
struct FileMetadata: Equatable, Sendable {
  let commit: Commit
  let tag: EntityTag
  /// Nil if the server does not say it.
  let size: Int?
  /// The address of the bytes: the Hub's own, or a signed one of a content network.
  let location: HubURL

  /// Reads the fields of a response to HEAD, whose redirects within the Hub were followed. Of a redirect
  /// to another host, the fields are those of the file, and `Content-Length` is that of the redirect.
  ///
  /// - Throws: ``HubError/invalidResponse(address:reason:)``.
  init(_ response: HubResponse) throws(HubError) {
    let address = response.url.page
    guard let field = response["x-repo-commit"], let commit = Commit(field) else {
      throw .invalidResponse(
        address: address, reason: "its answer has no X-Repo-Commit with a commit")
    }
    guard let field = response["x-linked-etag"] ?? response["etag"], let tag = EntityTag(field)
    else {
      throw .invalidResponse(
        address: address, reason: "its answer has no ETag that names the file's contents")
    }
    self.commit = commit
    self.tag = tag
    let isOfOtherBytes = (300..<400).contains(response.status) || response.isEncoded
    size =
      response.number("x-linked-size")
      ?? (isOfOtherBytes ? nil : response.number("content-length"))
    if let location = response["location"] {
      guard let target = response.url.resolving(location) else {
        throw .invalidResponse(
          address: address, reason: "it redirects to \"\(location.prefix(200))\"")
      }
      self.location = target
    } else {
      location = response.url
    }
  }
}

extension HubConnection {
  /// Asks for the commit, the hash, the size and the address of a file.
  ///
  /// - Throws: ``HubError``, ``HubError/fileNotFound(file:repository:revision:)`` among them;
  ///   `onAbsence` is called before with the commit that lacks the file.
  func metadata(
    of subject: HubResponse.Subject, _ file: RepositoryFile, onAbsence: (Commit) -> Void = { _ in }
  ) async throws(HubError) -> FileMetadata {
    let path =
      "/\(subject.repository)/resolve/\(HubURL.encoded(subject.revision.description))/"
      + HubURL.encoded(file.description, keepingSlashes: true)
    let response = try await response(
      .HEAD, settings.endpoint.appending(path), staysOnHub: true, within: settings.metadataTimeout)
    do throws(HubError) {
      try await check(response, about: subject)
    } catch {
      if case .fileNotFound = error, let commit = response["x-repo-commit"].flatMap({ Commit($0) })
      {
        onAbsence(commit)
      }
      throw error
    }
    return try FileMetadata(response)
  }
}
#endif
