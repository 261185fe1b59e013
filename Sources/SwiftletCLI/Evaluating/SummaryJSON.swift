import Swiftlet
import SwiftletJSON
import SwiftletTraining

/// An ``EvaluationSummary`` as one JSON object.
enum SummaryJSON {
  static func value(_ summary: EvaluationSummary) -> JSONValue {
    let evaluation = summary.evaluation
    var members = summary.source.json + [("count", .int(evaluation.count))]
    if let metrics = evaluation.multiLabelMetrics {
      members += several(metrics)
    } else {
      members += one(evaluation)
    }
    members += extras(summary)
    return .object(members)
  }

  // MARK: Figures

  private static func one(_ evaluation: Evaluation) -> [JSONValue.Member] {
    let (report, metrics) = (evaluation.report, evaluation.metrics)
    return [
      ("correct", .int(report.correct)),
      ("accuracy", .double(report.accuracy)),
      ("accuracy_interval", IntervalText.json(metrics.correct)),
      ("calibration_error", .double(metrics.calibrationError)),
      ("log_loss", .double(metrics.logLoss)),
      ("brier_score", .double(metrics.brierScore)),
      ("macro_average", average(report.macroAverage)),
      ("weighted_average", average(report.weightedAverage)),
      ("classes", .array(report.classes.map(scores))),
      ("confusion", .array(report.confusion.map { .array($0.map(JSONValue.int)) })),
      ("calibration_bins", bins(metrics.calibrationBins)),
    ]
  }

  private static func several(_ metrics: MultiLabelMetrics) -> [JSONValue.Member] {
    [
      ("correct", .int(metrics.exact.count)),
      ("subset_accuracy", .double(metrics.subsetAccuracy)),
      ("subset_accuracy_interval", IntervalText.json(metrics.exact)),
      ("calibration_error", .double(metrics.calibrationError)),
      ("log_loss", .double(metrics.logLoss)),
      ("brier_score", .double(metrics.brierScore)),
      ("micro_f1", .double(metrics.microF1)),
      ("macro_f1", .double(metrics.macroF1)),
      ("mean_average_precision", metrics.meanAveragePrecision.map(JSONValue.double) ?? .null),
      (
        "classes",
        .array(
          zip(metrics.perLabel, metrics.averagePrecisions).map { score, precision in
            .object([
              ("label", .string(score.label)), ("precision", .double(score.precision)),
              ("recall", .double(score.recall)), ("f1", .double(score.f1)),
              ("average_precision", precision.map(JSONValue.double) ?? .null),
              ("support", .int(score.support)),
            ])
          })
      ),
      ("calibration_bins", bins(metrics.calibrationBins)),
    ]
  }

  private static func scores(_ scores: ClassScores) -> JSONValue {
    .object([
      ("label", .string(scores.label)), ("precision", .double(scores.precision)),
      ("recall", .double(scores.recall)), ("f1", .double(scores.f1)),
      ("support", .int(scores.support)),
    ])
  }

  private static func average(_ average: AverageScores) -> JSONValue {
    .object([
      ("precision", .double(average.precision)), ("recall", .double(average.recall)),
      ("f1", .double(average.f1)),
    ])
  }

  private static func bins(_ bins: [CalibrationBin]) -> JSONValue {
    .array(
      bins.map { bin in
        .object([
          ("from", .double(bin.range.lowerBound)), ("to", .double(bin.range.upperBound)),
          ("count", .int(bin.correct.total)),
          ("accuracy", bin.correct.total > 0 ? .double(bin.correct.value) : .null),
          ("confidence", bin.correct.total > 0 ? .double(bin.confidence) : .null),
        ])
      })
  }

  // MARK: On request

  private static func extras(_ summary: EvaluationSummary) -> [JSONValue.Member] {
    var members: [JSONValue.Member] = []
    if let groups = summary.evaluation.groups?.sorted, let column = summary.groupColumn {
      let isSeveral = summary.evaluation.hasSeveralLabels
      members.append(("group_by", .string(column)))
      members.append(("groups", .array(groups.map { group($0, isSeveral: isSeveral) })))
    }
    if let fit = summary.temperature { members.append(("temperature", temperature(fit))) }
    if !summary.thresholds.isEmpty {
      members.append(("thresholds", .array(summary.thresholds.map(thresholds))))
    }
    if summary.listsMistakes {
      let mistakes = summary.evaluation.mistakes.list
      members.append(("errors", .array(mistakes.map { mistake($0, summary) })))
    }
    if let issues = summary.issues { members.append(("label_issues", .int(issues.rows.count))) }
    if let duplicates = summary.duplicates {
      members.append(("duplicates", self.duplicates(duplicates)))
    }
    return members
  }

  private static func group(_ group: GroupTally.Group, isSeveral: Bool) -> JSONValue {
    .object([
      ("value", .string(group.name)), ("count", .int(group.exact.total)),
      ("correct", .int(group.exact.count)),
      (isSeveral ? "subset_accuracy" : "accuracy", .double(group.exact.value)),
      (
        isSeveral ? "subset_accuracy_interval" : "accuracy_interval",
        IntervalText.json(group.exact)
      ),
      ("macro_f1", .double(group.macroF1)), ("micro_f1", .double(group.microF1)),
      ("calibration_error", .double(group.calibrationError)),
    ])
  }

  private static func temperature(_ fit: TemperatureFit) -> JSONValue {
    func figures(_ figures: TemperatureFit.Figures) -> JSONValue {
      .object([
        ("calibration_error", .double(figures.calibrationError)),
        ("log_loss", .double(figures.logLoss)),
      ])
    }
    return .object([
      ("value", .float(fit.temperature)), ("before", figures(fit.before)),
      ("after", figures(fit.after)),
    ])
  }

  private static func thresholds(_ table: ThresholdTable) -> JSONValue {
    let goal: JSONValue.Member =
      switch table.goal {
      case .precision(let share): ("precision_at", .double(share))
      case .recall(let share): ("recall_at", .double(share))
      }
    let labels = zip(table.labels, table.choices).map { label, choice in
      JSONValue.object([
        ("label", .string(label)), ("threshold", choice.map { .float($0.threshold) } ?? .null),
        ("precision", choice.map { .double($0.precision) } ?? .null),
        ("precision_interval", choice.map { IntervalText.json($0.precisionShare) } ?? .null),
        ("recall", choice.map { .double($0.recall) } ?? .null),
        ("recall_interval", choice.map { IntervalText.json($0.recallShare) } ?? .null),
      ])
    }
    return .object([
      goal, ("temperature", .float(table.temperature)), ("labels", .array(labels)),
      ("options", .array(table.options.map(JSONValue.string))),
    ])
  }

  private static func mistake(
    _ mistake: SurestMistakes.Mistake, _ summary: EvaluationSummary
  ) -> JSONValue {
    func labels(_ labels: [Int]) -> JSONValue {
      guard summary.evaluation.hasSeveralLabels else { return .string(summary.names(labels)) }
      return .array(labels.map { .string(summary.labels[$0]) })
    }
    var members: [JSONValue.Member] = [
      ("line", mistake.text.line.map(JSONValue.int) ?? .null),
      ("text", .string(mistake.text.text)),
    ]
    if let pair = mistake.text.pair { members.append(("pair", .string(pair))) }
    members += [
      ("expected", labels(mistake.expected)), ("predicted", labels(mistake.predicted)),
      ("score", .float(mistake.score)),
    ]
    if let score = mistake.expectedScore { members.append(("expected_score", .float(score))) }
    return .object(members)
  }

  private static func duplicates(_ report: DuplicateReport) -> JSONValue {
    func place(_ place: DuplicateTally.Place) -> JSONValue {
      .object([
        ("file", .string(place.isOtherFile ? report.otherFile ?? "" : report.file)),
        ("line", .int(place.line)), ("label", place.label.isEmpty ? .null : .string(place.label)),
      ])
    }
    return .object([
      ("repeated", .int(report.repeated.count)), ("shared", .int(report.shared.count)),
      ("different_labels", .int(report.groups.count { $0.labels.count > 1 })),
      (
        "groups",
        .array(
          report.groups.map {
            .object([("text", .string($0.text)), ("rows", .array($0.places.map(place)))])
          })
      ),
      (
        "near",
        .array(
          report.near.map {
            .object([
              ("text", .string($0.text)), ("row", place($0.place)), ("earlier", place($0.earlier)),
              ("similarity", .double($0.similarity)),
            ])
          })
      ),
    ])
  }
}
