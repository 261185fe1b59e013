#if Hub
import AsyncHTTPClient
import NIOHTTP1
import SwiftletJSON

/// The head of a response, and its body if it is an error's.
struct HubResponse: Sendable {
  /// The address that answered, after redirects.
  let url: HubURL
  let status: Int
  private let fields: [(name: String, value: String)]
  let body: HTTPClientResponse.Body

  init(_ response: HTTPClientResponse, from url: HubURL) {
    self.url = url
    status = Int(response.status.code)
    fields = response.headers.map { ($0.name.lowercased(), $0.value) }
    body = response.body
  }

  /// For tests: a response without a body.
  init(url: HubURL, status: Int, fields: [(name: String, value: String)]) {
    self.url = url
    self.status = status
    self.fields = fields.map { ($0.name.lowercased(), $0.value) }
    body = HTTPClientResponse.Body()
  }

  /// The first value of a header field, whose name is in lower case.
  subscript(name: String) -> String? { fields.first { $0.name == name }?.value }

  /// All values of a header field, whose name is in lower case.
  func values(_ name: String) -> [String] { fields.filter { $0.name == name }.map(\.value) }

  /// The address that the response redirects to; nil for other responses.
  var redirect: HubURL? {
    guard [301, 302, 303, 307, 308].contains(status), let location = self["location"] else {
      return nil
    }
    return url.resolving(location)
  }

  /// A whole number in a header field; nil without one.
  func number(_ name: String) -> Int? {
    guard let text = self[name]?.trimmingWhiteSpace, let value = Int(text), value >= 0 else {
      return nil
    }
    return value
  }

  /// The address of the next page of a list, from `Link: <address>; rel="next"`.
  var nextPage: HubURL? {
    for link in values("link").flatMap({ $0.split(separator: ",") }) {
      let parts = link.split(separator: ";").map { String($0).trimmingWhiteSpace }
      guard let address = parts.first, address.hasPrefix("<"), address.hasSuffix(">") else {
        continue
      }
      let isNext = parts.dropFirst().contains { $0 == "rel=\"next\"" || $0 == "rel=next" }
      if isNext { return url.resolving(String(address.dropFirst().dropLast())) }
    }
    return nil
  }

  /// Whether the bytes are compressed, so that `Content-Length` is not the size of the file.
  var isEncoded: Bool {
    guard let coding = self["content-encoding"]?.lowercased() else { return false }
    return coding != "identity"
  }
}

// MARK: Errors

extension HubResponse {
  /// What was asked for, to explain a refusal.
  struct Subject: Sendable {
    let repository: RepositoryName
    let revision: Revision
    var file: RepositoryFile?
    let endpoint: HubURL
    let sentToken: Bool
  }

  /// Why a response with a status from 400 is one; `text` is its body. By the headers and statuses of
  /// `hf_raise_for_status` in huggingface_hub.
  func problem(about subject: Subject, text: String = "") -> HubError {
    let name = subject.repository.description
    let message = message(in: text)
    switch self["x-error-code"] {
    case "RevisionNotFound":
      return .revisionNotFound(repository: name, revision: subject.revision.description)
    case "EntryNotFound":
      return .fileNotFound(
        file: subject.file?.description ?? "", repository: name,
        revision: subject.revision.description)
    case "GatedRepo":
      return .gatedRepository(
        repository: name, address: subject.endpoint.site,
        sentToken: subject.sentToken)
    case "RepoNotFound": return .repositoryNotFound(repository: name, sentToken: subject.sentToken)
    default: break
    }
    switch status {
    case 401 where self["x-error-message"] != "Invalid credentials in Authorization header":
      // The Hub's answer for models that are missing or private.
      return .repositoryNotFound(repository: name, sentToken: subject.sentToken)
    case 401, 403: return .accessDenied(repository: name, status: status, message: message)
    case 404 where subject.file == nil:
      return .repositoryNotFound(repository: name, sentToken: subject.sentToken)
    case 429: return .rateLimited(seconds: RateLimit(self)?.seconds, message: message)
    default: return .server(address: url.page, status: status, message: message)
    }
  }

  /// The server's own words: a header field, or the `error` of a JSON body; with the request's id.
  private func message(in text: String) -> String {
    var message = self["x-error-message"] ?? ""
    if message.isEmpty {
      let body = Array(text.utf8).withUnsafeBufferPointer { try? JSONValue($0, rules: .python) }
      message = body?["error"]?.string ?? ""
    }
    message = String(message.trimmingWhiteSpace.prefix(300))
    guard let id = self["x-request-id"] else { return message }
    return message + (message.isEmpty ? "" : ", ") + "request \(id.prefix(80))"
  }
}

extension HubURL {
  /// Scheme, host and port, without the port that the scheme implies.
  fileprivate var site: String {
    String(description.dropLast(target.count))
  }
}
#endif
