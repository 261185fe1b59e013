import Swiftlet
import SwiftletTraining

/// The threshold of each label that reaches a precision or a recall.
struct ThresholdTable {
  enum Goal: Equatable {
    case precision(Double)
    case recall(Double)

    /// `a precision of 95%`.
    var text: String {
      switch self {
      case .precision(let share): "a precision of \(Self.percent(share))"
      case .recall(let share): "a recall of \(Self.percent(share))"
      }
    }

    private static func percent(_ share: Double) -> String {
      NumberText.short(100 * share, digits: 2) + "%"
    }
  }

  let goal: Goal
  let labels: [String]
  /// One for each label; nil if no threshold reaches the goal.
  let choices: [DecisionThresholds.Choice?]
  /// The temperature of the scores.
  let temperature: Float

  /// - Parameters:
  ///   - goal: What each label's threshold must reach.
  ///   - labels: Of the model.
  ///   - rows: The rows.
  ///   - scores: The score of each label in each row, [rows, labels].
  ///   - temperature: That of the scores.
  init(
    _ goal: Goal, labels: [String], rows: ScoredRows, scores: [Float], temperature: Float
  ) {
    self.goal = goal
    self.labels = labels
    self.temperature = temperature
    choices = labels.indices.map { label in
      let own = stride(from: label, to: scores.count, by: labels.count).map { scores[$0] }
      let targets = rows.targets(of: label)
      return switch goal {
      case .precision(let share):
        DecisionThresholds.reaching(precision: share, scores: own, targets: targets)
      case .recall(let share):
        DecisionThresholds.reaching(recall: share, scores: own, targets: targets)
      }
    }
  }

  /// The options of `classify` that use the thresholds; empty if no label has one.
  var options: [String] {
    let thresholds = zip(labels, choices).flatMap { label, choice in
      choice.map { ["--label-threshold", "\(label)=\($0.threshold)"] } ?? []
    }
    guard !thresholds.isEmpty, temperature != 1 else { return thresholds }
    return ["--temperature", "\(temperature)"] + thresholds
  }

  /// The labels that no threshold serves.
  var missing: [String] {
    zip(labels, choices).compactMap { label, choice in choice == nil ? label : nil }
  }
}

/// The temperature that calibrates the scores, fitted on the rows and measured on the same ones.
struct TemperatureFit {
  struct Figures {
    let calibrationError: Double
    let logLoss: Double
  }

  /// With four significant digits.
  let temperature: Float
  /// Whether the log loss would be lower still beyond the limits of the fit.
  var isLimit: Bool {
    [TemperatureScaling.bounds.lowerBound, TemperatureScaling.bounds.upperBound].contains {
      Float($0) == temperature
    }
  }
  /// With the temperature of the run.
  let before: Figures
  let after: Figures

  /// - Parameters:
  ///   - evaluation: Of the same rows, with the run's temperature.
  ///   - rows: The rows.
  init(_ evaluation: Evaluation, rows: ScoredRows) {
    let isSeveral = evaluation.hasSeveralLabels
    let fitted =
      isSeveral
      ? TemperatureScaling.fit(logits: rows.logits, targets: rows.targets)
      : TemperatureScaling.fit(
        logits: rows.logits, labels: rows.labels, classCount: rows.labelCount)
    let temperature = Float(NumberText.rounded(fitted, digits: 4)) ?? Float(fitted)
    self.temperature = temperature
    before = Self.figures(evaluation)
    var calibrated = Evaluation(
      labels: evaluation.labels, function: evaluation.function, temperature: temperature)
    rows.forEach { logits, expected in calibrated.add(logits, expected: expected) }
    after = Self.figures(calibrated)
  }

  private static func figures(_ evaluation: Evaluation) -> Figures {
    guard let several = evaluation.multiLabelMetrics else {
      let metrics = evaluation.metrics
      return Figures(calibrationError: metrics.calibrationError, logLoss: metrics.logLoss)
    }
    return Figures(calibrationError: several.calibrationError, logLoss: several.logLoss)
  }
}

/// The rows whose label is probably wrong.
struct IssueList {
  struct Row {
    let text: SourcedText
    let issue: LabelIssue
  }

  let rows: [Row]
  let filter: LabelIssues.Filter

  /// - Throws: `CommandFailure` if the model's scores are not numbers.
  init(
    rows: ScoredRows, scores: [Float], filter: LabelIssues.Filter, ranking: LabelIssues.Ranking
  ) throws(CommandFailure) {
    self.filter = filter
    do throws(TrainingError) {
      let issues = try LabelIssues.find(
        probabilities: scores, labels: rows.labels, labelCount: rows.labelCount, filter: filter,
        ranking: ranking)
      // The answer of every issue is wrong, so its text was kept.
      self.rows = issues.compactMap { issue in
        rows.mistakes[issue.row].map { Row(text: $0, issue: issue) }
      }
    } catch {
      throw CommandFailure("--label-issues: \(error.description)", .badData)
    }
  }
}
