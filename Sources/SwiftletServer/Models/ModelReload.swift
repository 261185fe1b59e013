#if Server
import Swiftlet

/// What a new version of a model has brought, for the log and the answer of the reload route.
struct ModelReload: Equatable, Sendable {
  let model: String
  let fingerprint: String?
  let previousFingerprint: String?
  /// What clients notice beside the answers, each as a phrase.
  let changes: [String]
  let seconds: Double

  init(from previous: Serving, to version: Serving, took duration: Duration) {
    model = version.name
    fingerprint = version.info.fingerprint
    previousFingerprint = previous.info.fingerprint
    changes = Self.changes(from: previous.model, to: version.model)
    seconds = ((duration / .milliseconds(1)).rounded()) / 1000
  }

  /// Why a version can't replace another without breaking the clients; nil if it can.
  static func obstacle(from previous: ServedModel, to version: ServedModel) -> String? {
    guard previous.kind == version.kind else {
      return
        "the new version is \(version.kind.phrase), and the served one \(previous.kind.phrase);"
        + " restart the server to change the task"
    }
    return nil
  }

  private static func changes(from old: ServedModel, to new: ServedModel) -> [String] {
    let list = { (labels: [String]) in labels.joined(separator: ", ").bounded(to: 512) }
    let pairs = [
      ("labels", list(old.labels), list(new.labels)),
      ("numbers in a row", "\(old.width)", "\(new.width)"),
      ("maximum tokens", "\(old.maxInputLength)", "\(new.maxInputLength)"),
      ("precision", old.precision.rawValue, new.precision.rawValue),
      ("pooling", old.pooling, new.pooling),
    ]
    return pairs.filter { $0.1 != $0.2 }.map { "\($0.0): \($0.1) before, \($0.2) now" }
  }
}

extension ServedModel.Kind {
  fileprivate var phrase: String {
    switch self {
    case .classifier: "a classifier"
    case .reranker: "a reranker"
    case .embedding: "an embedding model"
    }
  }
}
#endif
