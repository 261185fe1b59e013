import Swiftlet
import SwiftletJSON
import SwiftletTraining

/// The model and the file of a report.
struct ReportSource {
  let model: String
  let file: String
  /// Rows that were skipped because their text is empty.
  let emptyCount: Int
  /// Rows that were skipped because their label is missing or unknown; nil if such a row is an error.
  var skippedCount: Int?
  /// Whether a signal ended the run before the end of the file.
  var isPartial = false

  var json: [JSONValue.Member] {
    var members: [JSONValue.Member] = [
      ("model", .string(model)), ("file", .string(file)), ("empty", .int(emptyCount)),
    ]
    if let skippedCount { members.append(("unknown_labels", .int(skippedCount))) }
    if isPartial { members.append(("partial", .bool(true))) }
    return members
  }
}

/// An ``Evaluation`` and everything that was computed from it, for all forms of output.
struct EvaluationSummary {
  let source: ReportSource
  let evaluation: Evaluation
  /// Whether the surest mistakes are listed.
  var listsMistakes = false
  /// Whether the bins of the calibration error are printed.
  var showsBins = false
  /// The column by whose values there are figures.
  var groupColumn: String?
  var temperature: TemperatureFit?
  var thresholds: [ThresholdTable] = []
  var issues: IssueList?
  var duplicates: DuplicateReport?

  /// - Parameters:
  ///   - source: The model and the file.
  ///   - evaluation: The counted answers.
  init(source: ReportSource, evaluation: Evaluation) {
    self.source = source
    self.evaluation = evaluation
  }

  var labels: [String] { evaluation.labels }

  /// The rows whose labels are all right.
  var exact: Proportion {
    evaluation.multiLabelMetrics?.exact ?? evaluation.metrics.correct
  }

  /// Figures that models of both kinds have.
  var calibration: (error: Double, bins: [CalibrationBin], brierScore: Double, logLoss: Double) {
    if let metrics = evaluation.multiLabelMetrics {
      return (
        metrics.calibrationError, metrics.calibrationBins, metrics.brierScore, metrics.logLoss
      )
    }
    let metrics = evaluation.metrics
    return (metrics.calibrationError, metrics.calibrationBins, metrics.brierScore, metrics.logLoss)
  }

  /// The names of some labels in one text; a dash for none.
  func names(_ labels: [Int]) -> String {
    labels.isEmpty ? "-" : labels.map { self.labels[$0] }.joined(separator: ", ")
  }
}
