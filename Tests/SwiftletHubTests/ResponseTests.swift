#if Hub
import Testing

@testable import SwiftletHub

@Suite struct ResponseTests {
  private static let commit = String(repeating: "1", count: 40)
  private static let tag = String(repeating: "a", count: 64)

  private func response(
    _ status: Int, _ fields: [(String, String)], at address: String = "https://huggingface.co/a/b"
  ) throws -> HubResponse {
    HubResponse(url: try #require(HubURL(address)), status: status, fields: fields)
  }

  // MARK: Metadata

  @Test func `a redirect to another host has the file's own size and tag`() throws {
    let metadata = try FileMetadata(
      response(
        302,
        [
          ("X-Repo-Commit", Self.commit), ("ETag", "\"other\""), ("Content-Length", "17"),
          ("X-Linked-Etag", "\"\(Self.tag)\""), ("X-Linked-Size", "4096"),
          ("Location", "https://cdn.example/x?sig=1"),
        ]))
    #expect(metadata.tag.description == Self.tag && metadata.size == 4096)
    #expect(metadata.location.description == "https://cdn.example/x?sig=1")
    #expect(metadata.commit.description == Self.commit)
  }

  @Test func `the length of a redirect is not the size of the file`() throws {
    let fields = [("X-Repo-Commit", Self.commit), ("ETag", "\"x\""), ("Content-Length", "17")]
    #expect(try FileMetadata(response(200, fields)).size == 17)
    let redirect = fields + [("Location", "/other")]
    #expect(try FileMetadata(response(302, redirect)).size == nil)
    #expect(try FileMetadata(response(200, fields + [("Content-Encoding", "gzip")])).size == nil)
  }

  @Test(arguments: [
    [("ETag", "\"x\"")], [("X-Repo-Commit", "main"), ("ETag", "\"x\"")],
    [("X-Repo-Commit", commit)], [("X-Repo-Commit", commit), ("ETag", "\"../x\"")],
    [("X-Repo-Commit", commit), ("ETag", "\"x\""), ("Location", "ftp://x/")],
  ])
  func `a response of another server is refused`(fields: [(String, String)]) throws {
    let response = try response(302, fields)
    #expect(throws: HubError.self) { try FileMetadata(response) }
  }

  // MARK: Problems

  private func problem(
    _ status: Int, _ fields: [(String, String)] = [], file: String? = "config.json",
    text: String = ""
  ) throws -> HubError {
    let subject = HubResponse.Subject(
      repository: try RepositoryName("org/name"), revision: .main,
      file: try file.map { try RepositoryFile($0) }, endpoint: try #require(HubURL("https://hub")),
      sentToken: false)
    return try response(status, fields).problem(about: subject, text: text)
  }

  @Test func `the Hub's codes have their own errors`() throws {
    #expect(
      try problem(404, [("X-Error-Code", "RevisionNotFound")])
        == .revisionNotFound(repository: "org/name", revision: "main"))
    #expect(
      try problem(404, [("X-Error-Code", "EntryNotFound")])
        == .fileNotFound(file: "config.json", repository: "org/name", revision: "main"))
    #expect(
      try problem(403, [("X-Error-Code", "GatedRepo")])
        == .gatedRepository(repository: "org/name", address: "https://hub", sentToken: false))
    let missing = HubError.repositoryNotFound(repository: "org/name", sentToken: false)
    #expect(try problem(404, [("X-Error-Code", "RepoNotFound")]) == missing)
    #expect(try problem(401) == missing)
    #expect(try problem(404, file: nil) == missing)
  }

  @Test func `a wrong token is not a missing repository`() throws {
    let message = "Invalid credentials in Authorization header"
    #expect(
      try problem(401, [("X-Error-Message", message)])
        == .accessDenied(repository: "org/name", status: 401, message: message))
  }

  @Test func `the server's words and the request's id are in the error`() throws {
    let error = try problem(500, [("X-Request-Id", "r1")], text: #"{"error":"overloaded"}"#)
    #expect(
      error
        == .server(
          address: "https://huggingface.co/a/b", status: 500, message: "overloaded, request r1"))
    #expect(try problem(500, text: "<html>").description.contains("status 500;"))
  }

  @Test(arguments: [
    (408, true), (429, true), (500, true), (502, true), (503, true), (504, true), (501, false),
    (400, false), (403, false),
  ])
  func `some statuses pass`(status: Int, passes: Bool) throws {
    #expect(try problem(status).isTransient == passes)
  }

  // MARK: Rate limits and pages

  @Test(arguments: [
    ([("RateLimit", "\"api\";r=0;t=55")], 55), ([("ratelimit", "\"api\" ; r = 0 ; t = 7")], 7),
    ([("RateLimit", "\"api\";r=5;t=55")], nil), ([("Retry-After", " 120 ")], 120),
    ([("RateLimit", "\"api\";r=5;t=55"), ("Retry-After", "3")], 3),
    ([("Retry-After", "Wed, 21 Oct 2026 07:28:00 GMT")], nil), ([("Retry-After", "-1")], nil),
    ([("RateLimit", "nonsense")], nil), ([], nil),
  ])
  func `a rate limit says when it ends`(fields: [(String, String)], expected: Int?) throws {
    #expect(RateLimit(try response(429, fields))?.seconds == expected)
  }

  @Test(arguments: [
    ("<https://huggingface.co/p2>; rel=\"next\"", "https://huggingface.co/p2"),
    ("</p1>; rel=\"prev\", </p2>; rel=\"next\"", "https://huggingface.co/p2"),
    ("<https://huggingface.co/p2>; rel=\"last\"", nil), ("nonsense", nil),
    ("<>; rel=\"next\"", "https://huggingface.co/a/"),
  ])
  func `the next page is in the Link field`(field: String, expected: String?) throws {
    #expect(try response(200, [("Link", field)]).nextPage?.description == expected)
  }
}
#endif
