#if Hub
public import Swiftlet

/// Why a model of the Hub can't be downloaded or loaded.
///
/// Indirect, so that it is thrown as one word: Swift 6.3 mixes up the results of generic functions
/// that throw a type of more than four.
public indirect enum HubError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A name of a model, a revision or a file breaks the Hub's rules.
  case invalidName(name: String, reason: String)
  /// An environment variable or an option has an invalid value.
  case invalidSetting(name: String, value: String, expected: String)
  /// The Hub has no such model, or it is private. `sentToken` is whether a token was sent.
  case repositoryNotFound(repository: String, sentToken: Bool)
  /// The model's owner gives access to those accounts only that accept conditions.
  case gatedRepository(repository: String, address: String, sentToken: Bool)
  /// The model has no such branch, tag or commit.
  case revisionNotFound(repository: String, revision: String)
  /// The model has no such file.
  case fileNotFound(file: String, repository: String, revision: String)
  /// The Hub refuses the token, or the account may not read the model.
  case accessDenied(repository: String, status: Int, message: String)
  /// The Hub answers no further requests for now; `seconds` is when it does again, if it says so.
  case rateLimited(seconds: Int?, message: String)
  /// The Hub failed with a status of HTTP.
  case server(address: String, status: Int, message: String)
  /// There is no connection to the Hub, or it was lost.
  case unreachable(address: String, reason: String)
  /// The response is not one of the Hub.
  case invalidResponse(address: String, reason: String)
  /// The model is not complete in the cache, and `reason` says why it was not downloaded.
  case notCached(model: String, folder: String, missing: [String], reason: String)
  /// The bytes of a download are not those of the file.
  case damaged(file: String, quantity: String, expected: String, found: String)
  /// The cache can't be written.
  case unwritable(path: String, reason: String)
  /// The repository has no files of a model that Swiftlet reads.
  case noModel(repository: String, reason: String)
  /// The model's own files are missing, damaged, or of a kind that Swiftlet does not support.
  case model(SwiftletError)
  /// The task was cancelled; the part of a download that was received stays for the next attempt.
  case cancelled

  /// What is wrong, what was found, and what to do.
  public var description: String {
    switch self {
    case .invalidName(let name, let reason):
      "\"\(name)\" is not a valid name on the Hub: \(reason)"
    case .invalidSetting(let name, let value, let expected):
      "\(name) must be \(expected), found \"\(value)\""
    case .repositoryNotFound(let repository, let sentToken):
      "the Hub has no model \(repository), or it is private; check the name, "
        + (sentToken
          ? "or whether the token that was sent may read it"
          : "or set HF_TOKEN to a token that may read it (none was sent)")
    case .gatedRepository(let repository, let address, let sentToken):
      "\(repository) is gated: accept its conditions at \(address)/\(repository)"
        + (sentToken
          ? " with the account of the token that was sent"
          : ", then set HF_TOKEN to a token of that account (none was sent)")
    case .revisionNotFound(let repository, let revision):
      "\(repository) has no revision \"\(revision)\"; name a branch, a tag or a full commit, or leave "
        + "it out for the main branch"
    case .fileNotFound(let file, let repository, let revision):
      "\(repository) has no file \"\(file)\" in revision \"\(revision)\""
    case .accessDenied(let repository, let status, let message):
      "the Hub refuses access to \(repository) (status \(status)\(Self.appended(message))); check the "
        + "token in HF_TOKEN and its permissions"
    case .rateLimited(let seconds, let message):
      "the Hub limits the rate of requests\(Self.appended(message)); "
        + (seconds.map { "try again in \($0) s" } ?? "try again later")
        + ", or set HF_TOKEN: accounts have higher limits"
    case .server(let address, let status, let message):
      "\(address) answered with status \(status)\(Self.appended(message)); "
        + (status < 500 ? "check HF_ENDPOINT" : "try again later")
    case .unreachable(let address, let reason):
      "cannot reach \(address): \(reason); check the network and HF_ENDPOINT, or set HF_HUB_OFFLINE=1 "
        + "to use only the cache"
    case .invalidResponse(let address, let reason):
      "\(address) is not an address of a Hub: \(reason); check HF_ENDPOINT and proxies"
    case .notCached(let model, let folder, let missing, let reason):
      "\(model) is not complete in the cache \(folder)"
        + (missing.isEmpty ? "" : ", which lacks \(Self.listed(missing))") + ": \(reason)"
    case .damaged(let file, let quantity, let expected, let found):
      "the download of \(file) is damaged: its \(quantity) is \(found), expected \(expected); nothing "
        + "was kept, try again"
    case .unwritable(let path, let reason):
      "cannot write \(path): \(reason); set HF_HUB_CACHE to a folder that can be written"
    case .noModel(let repository, let reason): "\(repository) has no model for Swiftlet: \(reason)"
    case .model(let error): error.description
    case .cancelled: "the download was cancelled; the same command continues it"
    }
  }

  private static func appended(_ message: String) -> String {
    message.isEmpty ? "" : ": \(message)"
  }

  private static func listed(_ names: [String]) -> String {
    names.prefix(3).joined(separator: ", ")
      + (names.count > 3 ? " and \(names.count - 3) more files" : "")
  }
}

extension HubError {
  /// Whether the same request may succeed a little later.
  var isTransient: Bool {
    switch self {
    case .unreachable, .rateLimited: true
    case .server(_, let status, _): [408, 500, 502, 503, 504].contains(status)
    default: false
    }
  }

  /// Whether a model in the cache may be used instead: the Hub did not say that the revision or the file
  /// is missing.
  var allowsCache: Bool {
    switch self {
    case .unreachable, .rateLimited, .server, .invalidResponse, .repositoryNotFound,
      .gatedRepository, .accessDenied:
      true
    default: false
    }
  }
}
#endif
