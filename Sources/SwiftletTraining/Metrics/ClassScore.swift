/// Precision, recall and F1 of one class, label or kind of entity.
public struct ClassScore: Sendable, Equatable {
  /// The name of the class.
  public let label: String
  /// The rows that have the class and were predicted to have it.
  public let hits: Int
  /// The rows that were predicted to have the class.
  public let predicted: Int
  /// The rows that have the class.
  public let support: Int

  /// Creates a result from its parts, for tests of code that uses it.
  public init(label: String, hits: Int, predicted: Int, support: Int) {
    self.label = label
    self.hits = hits
    self.predicted = predicted
    self.support = support
  }

  /// The share of predictions that are right; 0 without predictions.
  public var precision: Double { Self.share(hits, predicted) }
  /// The share of rows of the class that were found; 0 without such rows.
  public var recall: Double { Self.share(hits, support) }
  /// The harmonic mean of precision and recall; 0 if the class is neither in the data nor predicted.
  public var f1: Double { Self.share(2 * hits, predicted + support) }

  /// Whether the class is in the data or among the predictions.
  var isSeen: Bool { predicted > 0 || support > 0 }

  private static func share(_ part: Int, _ whole: Int) -> Double {
    whole > 0 ? Double(part) / Double(whole) : 0
  }

  /// The counts of several classes in one.
  static func sum(_ scores: [ClassScore]) -> ClassScore {
    ClassScore(
      label: "all", hits: scores.reduce(0) { $0 + $1.hits },
      predicted: scores.reduce(0) { $0 + $1.predicted },
      support: scores.reduce(0) { $0 + $1.support })
  }

  /// The mean of F1 over the given classes; 0 without classes.
  static func mean(_ scores: [ClassScore]) -> Double {
    scores.isEmpty ? 0 : scores.reduce(0) { $0 + $1.f1 } / Double(scores.count)
  }
}
