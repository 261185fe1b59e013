/// A row whose label is probably wrong, as ``LabelIssues`` finds it.
public struct LabelIssue: Sendable, Equatable {
  /// The index of the row.
  public let row: Int
  /// The index of the row's label.
  public let given: Int
  /// The index of the label with the highest probability.
  public let suggested: Int
  /// The probability of the given label.
  public let selfConfidence: Double
  /// (p(given) - the highest other probability + 1) / 2, from 0 to 1.
  public let normalizedMargin: Double

  /// Creates an issue of a row.
  public init(
    row: Int, given: Int, suggested: Int, selfConfidence: Double, normalizedMargin: Double
  ) {
    self.row = row
    self.given = given
    self.suggested = suggested
    self.selfConfidence = selfConfidence
    self.normalizedMargin = normalizedMargin
  }
}

/// Finds rows whose label is probably wrong by confident learning. Northcutt, Jiang and Chuang,
/// "Confident Learning: Estimating Uncertainty in Dataset Labels", 2021.
///
/// The probabilities must be out of sample: of a model that was not trained on the rows. The indices
/// are those of cleanlab's `filter.find_label_issues` with the same filter, except among equal
/// probabilities, of which the first row comes first.
public enum LabelIssues {
  /// Which rows count as issues. The raw values are cleanlab's names. A row whose label has the highest
  /// probability is never an issue.
  public enum Filter: String, CaseIterable, Sendable {
    /// For each pair of labels the estimated number of rows with the largest margin.
    case pruneByNoiseRate = "prune_by_noise_rate"
    /// For each label the estimated number of rows with the lowest probability of that label.
    case pruneByClass = "prune_by_class"
    /// The rows that both ``pruneByNoiseRate`` and ``pruneByClass`` find.
    case both
    /// The rows that confident learning counts under another label than theirs.
    case confidentLearning = "confident_learning"
    /// All rows whose label does not have the highest probability.
    case predictedNotGiven = "predicted_neq_given"
  }

  /// The score by which issues are sorted, lowest first. The raw values are cleanlab's names.
  public enum Ranking: String, CaseIterable, Sendable {
    /// The probability of the given label.
    case selfConfidence = "self_confidence"
    /// The probability of the given label relative to the highest other one.
    case normalizedMargin = "normalized_margin"
  }

  /// Returns the rows whose label is probably wrong, the surest first.
  ///
  /// - Parameters:
  ///   - probabilities: The probability of each label in each row, [rows, labelCount].
  ///   - labels: The index of each row's label.
  ///   - labelCount: The number of labels, at least 2.
  ///   - filter: Which rows count as issues.
  ///   - ranking: The score by which issues are sorted.
  /// - Returns: The issues; equal scores in the order of the rows.
  /// - Throws: ``TrainingError/invalidOption(name:reason:)`` for sizes that contradict each other, a
  ///   label that is out of range, or a probability outside 0 to 1.
  public static func find(
    probabilities: [Float], labels: [Int], labelCount: Int,
    filter: Filter = .pruneByNoiseRate, ranking: Ranking = .selfConfidence
  ) throws(TrainingError) -> [LabelIssue] {
    let table = try ProbabilityTable(
      probabilities: probabilities, labels: labels, labelCount: labelCount)
    let found = marked(by: filter, in: table)
    let issues = labels.indices.filter { found[$0] && !table.predictsGiven($0) }
      .map(table.issue(in:))
    return issues.sorted { left, right in
      let (first, second) =
        switch ranking {
        case .selfConfidence: (left.selfConfidence, right.selfConfidence)
        case .normalizedMargin: (left.normalizedMargin, right.normalizedMargin)
        }
      return first == second ? left.row < right.row : first < second
    }
  }

  private static func marked(by filter: Filter, in table: ProbabilityTable) -> [Bool] {
    guard filter != .predictedNotGiven else { return table.labels.map { _ in true } }
    let joint = ConfidentJoint(table)
    switch filter {
    case .pruneByNoiseRate: return joint.prunedByNoiseRate(table)
    case .pruneByClass: return joint.prunedByClass(table)
    case .both:
      return zip(joint.prunedByNoiseRate(table), joint.prunedByClass(table)).map { $0 && $1 }
    case .confidentLearning, .predictedNotGiven:
      return zip(joint.guesses, table.labels).map { $0 != nil && $0 != $1 }
    }
  }
}
