package import SwiftletJSON

extension TrainingOutcome {
  /// The last event of a training that was not cancelled; a number that is not known is null.
  ///
  /// - Parameter metric: The metric that selected the best weights.
  /// - Returns: The event as an object of JSON Lines.
  package func json(metric: Metric?) -> JSONValue {
    var members: [JSONValue.Member] = [
      ("event", .string("result")), ("reason", .string(summary.reason.rawValue)),
      ("folder", folder.map(JSONValue.string) ?? .null), ("step", .int(summary.step)),
      ("best_step", summary.best.map { .int($0.step) } ?? .null),
      ("metric", metric.map { .string($0.rawValue) } ?? .null),
      ("value", summary.best.map { .double($0.value) } ?? .null),
      ("metrics", .object(evaluation?.members ?? [])),
    ]
    members += evaluation?.intervalMembers ?? []
    members.append(("seconds", .double(summary.seconds)))
    return .object(members)
  }
}

extension FinalEvaluation {
  /// The metrics of the task that have a value, by name.
  package var members: [JSONValue.Member] {
    Metric.allCases.compactMap { metric in
      metrics.value(of: metric).map { (metric.rawValue, .double($0)) }
    }
  }

  /// The share of rows that has an interval: its name, and the ends of the interval; empty if the task
  /// has none.
  package var intervalMembers: [JSONValue.Member] {
    guard let (name, share) = share else { return [] }
    let interval = share.interval
    return [
      ("interval_of", .string(name)),
      ("interval", .array([.double(interval.lowerBound), .double(interval.upperBound)])),
    ]
  }

  /// The metric that is a share of rows, which has an interval; nil if the task has none.
  package var share: (name: String, share: Proportion)? {
    switch self {
    case .classification(let metrics): (Metric.accuracy.rawValue, metrics.correct)
    case .multiLabel(let metrics): (Metric.subsetAccuracy.rawValue, metrics.exact)
    case .tokens(let metrics): ("accuracy of words", metrics.tokens)
    case .questions(let metrics): (Metric.exactMatch.rawValue, metrics.all.exact)
    case .choices(let metrics): (Metric.accuracy.rawValue, metrics.correct)
    case .regression, .similarity: nil
    }
  }
}
