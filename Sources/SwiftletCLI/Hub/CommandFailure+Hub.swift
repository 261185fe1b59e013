#if Hub
import SwiftletHub

extension CommandFailure {
  init(_ error: HubError, prefix: String = "") {
    let status: ExitStatus
    switch error {
    case .model(let error):
      self.init(error)
      return
    case .invalidName, .invalidSetting: status = .usage
    case .repositoryNotFound, .gatedRepository, .revisionNotFound, .fileNotFound, .accessDenied,
      .notCached, .noModel:
      status = .missingInput
    case .rateLimited, .server, .unreachable, .invalidResponse, .damaged: status = .inputOutput
    case .unwritable: status = .cannotCreate
    case .cancelled: status = SignalWatch.status
    }
    self.init(prefix + error.description, status)
  }
}

extension HubError {
  /// Whether the error may be due to a path that is taken for the name of a repository.
  var isAboutName: Bool {
    switch self {
    case .repositoryNotFound, .unreachable, .notCached: true
    default: false
    }
  }
}
#endif
