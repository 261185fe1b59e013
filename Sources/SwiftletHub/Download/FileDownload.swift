#if Hub
import NIOHTTP1

/// The download of one file: received in pieces, continued after a lost connection, and verified.
struct FileDownload {
  let connection: HubConnection
  let subject: HubResponse.Subject
  let file: RepositoryFile
  let metadata: FileMetadata

  /// Attempts in a row that may fail without a byte before the download does.
  private static let maxIdleAttempts = 5

  /// Completes `partial` and gives it the blob's name.
  ///
  /// - Throws: ``HubError/damaged(file:quantity:expected:found:)`` after the bytes are deleted, if they
  ///   are not those of the file.
  func run(into partial: PartialFile) async throws(HubError) {
    defer { partial.close() }
    do throws(HubError) {
      try await receive(into: partial)
      if let hash = try partial.hash(), hash != metadata.tag.description {
        throw .damaged(
          file: file.description, quantity: "hash", expected: metadata.tag.description, found: hash)
      }
    } catch {
      if case .damaged = error { partial.discard() }
      throw error
    }
    try partial.commit()
  }

  private func receive(into partial: PartialFile) async throws(HubError) {
    var idleAttempts = 0
    var location = metadata.location
    // A file of zero bytes needs no request.
    while metadata.size == nil || partial.count < metadata.size ?? 0 {
      let count = partial.count
      do throws(HubError) {
        return try await attempt(into: partial, from: location)
      } catch {
        idleAttempts = partial.count > count ? 1 : idleAttempts + 1
        guard error.isTransient, idleAttempts <= Self.maxIdleAttempts else { throw error }
        try await connection.pause(for: 1, after: error)
        location = await currentLocation() ?? location
      }
    }
  }

  /// The address of the file now, if it is signed and may have expired; nil if the Hub does not say it.
  private func currentLocation() async -> HubURL? {
    guard !connection.settings.trusts(metadata.location),
      let current = try? await connection.metadata(of: subject, file), current.tag == metadata.tag
    else { return nil }
    return current.location
  }

  /// Receives the rest of the file in one response.
  private func attempt(
    into partial: PartialFile, from location: HubURL
  ) async throws(HubError) {
    let offset = partial.count
    let response = try await connection.response(.GET, location, from: offset)
    if response.status == 416, offset > 0 {
      // The server has fewer bytes than were received.
      try partial.restart(size: metadata.size)
      return try await attempt(into: partial, from: location)
    }
    if response.status == 401 || response.status == 403, !connection.settings.trusts(response.url) {
      throw .unreachable(
        address: response.url.page, reason: "it refuses the signed address of the file")
    }
    try await connection.check(response, about: subject)
    let size = metadata.size ?? announcedSize(response)
    // A whole file in place of the rest, or one whose hash begins with a size that was not known.
    if response.status != 206 && offset > 0 || metadata.size == nil {
      try partial.restart(size: size)
    }
    guard response.status == 200 || response.status == 206 && Self.starts(response, at: offset)
    else {
      throw .server(
        address: response.url.page, status: response.status,
        message: "it does not send the file from byte \(offset) on")
    }
    try await connection.receive(response) { (bytes) throws(HubError) in
      try append(bytes, to: partial, size: size)
    }
    if let size, partial.count != size { throw damaged("\(partial.count) bytes", size) }
  }

  private func append(
    _ bytes: UnsafeRawBufferPointer, to partial: PartialFile, size: Int?
  ) throws(HubError) {
    let count = partial.count + bytes.count
    if let size, count > size { throw damaged("more than \(size) bytes", size) }
    try partial.append(bytes)
    connection.report(
      .received(file: file.description, bytes: bytes.count, received: partial.count))
  }

  private func damaged(_ found: String, _ size: Int) -> HubError {
    .damaged(
      file: file.description, quantity: "size", expected: "\(size) bytes", found: found)
  }

  /// The size of the whole file by the headers of a response to GET; nil if they don't say it.
  private func announcedSize(_ response: HubResponse) -> Int? {
    response.isEncoded ? nil : response.number("content-length")
  }

  /// Whether a partial response begins at `offset`, by `Content-Range: bytes 10-99/100`.
  private static func starts(_ response: HubResponse, at offset: Int) -> Bool {
    guard let field = response["content-range"]?.lowercased(), field.hasPrefix("bytes "),
      !response.isEncoded
    else { return false }
    let start = field.dropFirst("bytes ".count).prefix { $0 != "-" }
    return Int(String(start).trimmingWhiteSpace) == offset
  }
}
#endif
