import ArgumentParser
import SwiftletTraining

/// How labels of a file become labels of the model.
struct LabelMappingArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Read a label of the file as a label of the model, as in 5=POSITIVE; may be repeated.",
      valueName: "file=model"))
  var mapLabel: [MappedLabel] = []

  @Option(
    help: ArgumentHelp(
      "What to do with a row whose label is missing or not a label of the model: stop, or skip it"
        + " and count such rows at the end.", valueName: "policy"))
  var unknownLabels: UnknownLabelPolicy = .stop

  @Option(
    help: ArgumentHelp(
      "What separates the labels of a row, for models with several labels for each text. Default: a"
        + " comma, a semicolon or a vertical bar.", valueName: "text"))
  var labelSeparator: String?

  func validate() throws {
    if labelSeparator == "" { throw ValidationError("--label-separator is empty") }
  }
}

/// `--unknown-labels`.
enum UnknownLabelPolicy: String, CaseIterable, ExpressibleByArgument {
  case stop, skip
}

/// What is computed from the scores of all rows, to be used in later runs.
struct FittingArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Print for each label the threshold with the highest recall that has at least this"
        + " precision.",
      valueName: "share"))
  var precisionAt: Double?

  @Option(
    help: ArgumentHelp(
      "Print for each label the threshold with the highest precision that has at least this"
        + " recall.", valueName: "share"))
  var recallAt: Double?

  @Flag(
    help:
      "Print the temperature that calibrates the scores, and the calibration error before and after."
  )
  var fitTemperature = false

  func validate() throws {
    for (name, share) in [("--precision-at", precisionAt), ("--recall-at", recallAt)] {
      guard let share, !(share > 0 && share <= 1) else { continue }
      throw ValidationError("\(name) must be above 0 and at most 1, found \(share)")
    }
  }

  /// Whether the scores of all rows are needed at the end.
  var needsRows: Bool { precisionAt != nil || recallAt != nil || fitTemperature }
}

/// Where rows with probably wrong labels are written.
struct LabelIssueArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Write the rows whose label is probably wrong (confident learning), the surest first:"
        + " .jsonl, .csv or .tsv. The model must not have been trained on these rows.",
      valueName: "file"))
  var labelIssues: String?

  @Option(
    help: ArgumentHelp(
      "Which rows are issues, by cleanlab's names. Default: prune_by_noise_rate.",
      valueName: "filter"))
  var issueFilter: LabelIssues.Filter?

  @Option(
    help: ArgumentHelp(
      "The score that sorts them, lowest first. Default: self_confidence.", valueName: "score"))
  var issueRank: LabelIssues.Ranking?

  func validate() throws {
    guard let labelIssues else {
      guard issueFilter == nil, issueRank == nil else {
        throw ValidationError("--issue-filter and --issue-rank need --label-issues")
      }
      return
    }
    guard IssueFormat(path: labelIssues) != nil else {
      throw ValidationError(
        "--label-issues \(DisplayText.oneLine(labelIssues)): the name must end in .jsonl, .csv or"
          + " .tsv")
    }
  }

  var filter: LabelIssues.Filter { issueFilter ?? .pruneByNoiseRate }
  var ranking: LabelIssues.Ranking { issueRank ?? .selfConfidence }
}

/// Which texts are compared with each other.
struct DuplicateArguments: ParsableArguments {
  @Flag(help: "Find texts that occur more than once, and near copies of an earlier text.")
  var duplicates = false

  @Option(
    help: ArgumentHelp(
      "With --duplicates: find texts of this file too, such as the training data.",
      valueName: "file"))
  var against: String?

  func validate() throws {
    if against != nil, !duplicates { throw ValidationError("--against needs --duplicates") }
    if against == "-" { throw ValidationError("--against must be a file, found standard input") }
  }
}

/// The page for a browser.
struct ReportPageArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Write all figures with charts as one self-contained page.", valueName: "file.html"))
  var report: String?

  @Flag(help: "Print the 15 ranges of scores behind the calibration error.")
  var calibrationBins = false

  func validate() throws {
    guard let report, !["html", "htm"].contains(FileSuffix.of(report)) else { return }
    throw ValidationError(
      "--report \(DisplayText.oneLine(report)): the name must end in .html")
  }
}
