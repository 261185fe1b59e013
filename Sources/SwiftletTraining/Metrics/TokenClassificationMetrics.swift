/// How well entities are found in texts, as seqeval counts them: an entity is right if its kind, its
/// first and its last token are.
public struct TokenClassificationMetrics: EvaluationMetrics {
  /// One score for each kind of entity, in the order of the model's labels.
  public let perKind: [ClassScore]
  /// The tokens with the right label.
  public let tokens: Proportion
  /// The mean of the training's loss, if it was computed.
  public package(set) var loss: Double?

  /// Creates a result from its parts, for tests of code that uses it.
  public init(perKind: [ClassScore], tokens: Proportion, loss: Double? = nil) {
    self.perKind = perKind
    self.tokens = tokens
    self.loss = loss
  }

  /// The counts of all kinds: precision, recall and F1 of entities.
  public var entities: ClassScore { ClassScore.sum(perKind) }
  /// The mean of F1 over the kinds that are in the data or among the predictions.
  public var macroF1: Double { ClassScore.mean(perKind.filter(\.isSeen)) }

  /// The value of a metric; nil if it is undefined here, or belongs to another task.
  public func value(of metric: Metric) -> Double? {
    switch metric {
    case .f1: entities.f1
    case .precision: entities.precision
    case .recall: entities.recall
    case .accuracy: tokens.value
    case .loss: loss
    default: nil
    }
  }
}

/// Collects texts for ``TokenClassificationMetrics``, in memory that doesn't depend on their number.
package struct TokenClassificationCounter: Sendable {
  private let scheme: EntityScheme
  private var hits: [Int]
  private var predicted: [Int]
  private var support: [Int]
  private var tokens = Proportion()

  /// - Parameters:
  ///   - labels: of the model, as `B-PER`, `I-PER`, `O`.
  ///   - mode: how they are read.
  package init(labels: [String], mode: EntityScheme.Mode = .lenient) {
    scheme = EntityScheme(labels: labels, mode: mode)
    hits = Array(repeating: 0, count: scheme.kinds.count)
    predicted = hits
    support = hits
  }

  /// Adds one text: the labels of its labelled tokens, as indices of the model's labels.
  package mutating func add(predicted labels: [Int], truth: [Int]) {
    precondition(labels.count == truth.count, "a prediction for each labelled token")
    for (label, target) in zip(labels, truth) { tokens.add(label == target) }
    let (found, expected) = (scheme.entities(in: labels), scheme.entities(in: truth))
    let set = Set(expected)
    for entity in expected { support[entity.kind] += 1 }
    for entity in found {
      predicted[entity.kind] += 1
      hits[entity.kind] += set.contains(entity) ? 1 : 0
    }
  }

  /// The metrics of the texts so far. They leave out the kind of the label `O`.
  package func metrics() -> TokenClassificationMetrics {
    let kinds = scheme.kinds.indices.filter { scheme.isEntity($0) }
    let scores = kinds.map { kind in
      ClassScore(
        label: scheme.kinds[kind], hits: hits[kind], predicted: predicted[kind],
        support: support[kind])
    }
    return TokenClassificationMetrics(perKind: scores, tokens: tokens)
  }
}
