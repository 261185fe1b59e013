import ArgumentParser
import Glibc
import Swiftlet
import SwiftletJSON

/// `swiftlet evaluate`: how good a classifier is on labelled texts, and how good the labels are.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Evaluate a classifier on labelled texts.",
    discussion: """
      Prints accuracy with its 95 % interval, the calibration error (the mean difference of the \
      best score and the accuracy, over 15 ranges of scores), Brier score and log loss, precision, \
      recall and F1 of each class, and the confusion matrix. A model with several labels for each \
      text gets micro and macro F1 and figures of each label.

        swiftlet evaluate dev.tsv
        swiftlet evaluate reviews.csv --text-column review --label-column stars
        swiftlet evaluate dev.jsonl --model ./my-model --json
        swiftlet evaluate dev.tsv --errors 10 --report report.html
        swiftlet evaluate dev.tsv --precision-at 0.95 --fit-temperature
        swiftlet evaluate dev.tsv --label-issues issues.csv --duplicates
        swiftlet evaluate dev.tsv --model ./my-model --compare

      --compare evaluates the model in every precision that the machine has, float32, bfloat16 and \
      int8: accuracy with its interval, labels that differ from float32's, the largest difference of \
      a logit, and texts per second.

      Labels in the file are the model's names, in any case, or their numbers from 0; "swiftlet \
      inspect" lists them. --map-label names others. Several labels of one text are separated by \
      commas, semicolons or vertical bars, or are a JSON list.

      Thresholds, the temperature and label issues are computed from the scores of all rows, which \
      take 4 bytes for each label of each row. They are worth something only on rows that the model \
      was not trained on; "swiftlet train --cross-validate" evaluates on each part of its data in \
      turn.

      Ctrl-C prints the figures of the rows so far, and the exit status is 130.
      """
  )

  @Argument(
    help: ArgumentHelp(
      "A .csv, .tsv or .jsonl file with texts and labels; - is standard input.", valueName: "file")
  )
  var file: String

  @OptionGroup(title: "Input") var columns: ColumnArguments
  @OptionGroup(title: "Input") var labels: LabelArguments
  @OptionGroup(title: "Input") var mapping: LabelMappingArguments

  @Option(
    help: ArgumentHelp("Column (or JSON key) of the second texts of pairs.", valueName: "column"))
  var pairColumn: String?

  @Option(
    help: ArgumentHelp(
      "Print figures for each value of this column (or JSON key) too.", valueName: "column"))
  var groupBy: String?

  @Flag(help: "Compare float32 with the other precisions that the machine has: bfloat16, int8.")
  var compare = false

  @Option(
    help: ArgumentHelp(
      "List this many mistakes, those with the highest score first.", valueName: "n"))
  var errors: Int?

  @OptionGroup(title: "Output") var fitting: FittingArguments
  @OptionGroup(title: "Output") var issues: LabelIssueArguments
  @OptionGroup(title: "Output") var copies: DuplicateArguments
  @OptionGroup(title: "Output") var page: ReportPageArguments
  @OptionGroup(title: "Output") var output: ReportArguments
  @OptionGroup(title: "Model") var model: ModelArguments
  @OptionGroup(title: "Model") var running: RunningArguments
  @OptionGroup(title: "Input") var batch: BatchArguments

  func validate() throws {
    if let errors { try requireIn(1...100_000, errors, for: "--errors") }
    guard compare else { return }
    if model.precision != nil {
      throw ValidationError("--compare runs every precision; remove --precision")
    }
    let unused: [(String, Bool)] = [
      ("--errors", errors != nil), ("--group-by", groupBy != nil),
      ("--precision-at", fitting.precisionAt != nil), ("--recall-at", fitting.recallAt != nil),
      ("--fit-temperature", fitting.fitTemperature),
      ("--label-issues", issues.labelIssues != nil), ("--duplicates", copies.duplicates),
      ("--report", page.report != nil), ("--calibration-bins", page.calibrationBins),
    ]
    if let option = unused.first(where: \.1)?.0 {
      throw ValidationError("\(option) is not used by --compare")
    }
  }

  func run() throws {
    try checkFiles()
    let folder = try ModelArguments.directory(model.model, hidesProgress: output.hidesProgress)
    let classifier = try model.loadClassifier(from: folder, compare ? .float32 : nil)
    let function = try classifier.evaluatedFunction(running.function, name: model.name)
    let isSeveral = function == .sigmoid
    let input = try EvaluationInput(
      at: file, columns: columns, labelColumn: labels.labelColumn, pairColumn: pairColumn,
      groupColumn: groupBy, takesAnyLabel: isSeveral || mapping.unknownLabels == .skip)
    let mapped = try LabelMapping(
      mapping.mapLabel, to: LabelIndex(classifier.labels), separator: mapping.labelSeparator)
    let rows = RowLabels(
      mapped, policy: mapping.unknownLabels, isSeveral: isSeveral, areKept: input.labelsAreKept)
    var run = EvaluationRun(
      input, classifier, labels: rows, limit: batch.limit, hidesProgress: output.hidesProgress)
    guard compare else {
      try requireUse(bySeveral: isSeveral)
      return try evaluate(&run, function, mapped)
    }
    guard !isSeveral else {
      throw CommandFailure(
        "--compare is for models with one label for each text; evaluate both folders instead",
        .usage)
    }
    try compare(&run, from: folder)
  }

  /// The files that are written at the end.
  var files: [ReportFile] {
    [("--label-issues", issues.labelIssues), ("--report", page.report)].compactMap { option, path in
      path.map { ReportFile(option: option, path: $0) }
    }
  }

  /// Reports a missing input or an output that can't be written before any work.
  private func checkFiles() throws {
    let inputs = [file, copies.against].compactMap(\.self).filter { $0 != "-" }
    for (index, output) in files.enumerated() {
      try output.check(reading: inputs, beside: Array(files[..<index]))
    }
  }

  private func requireUse(bySeveral isSeveral: Bool) throws(CommandFailure) {
    if isSeveral, issues.labelIssues != nil {
      throw CommandFailure(
        "--label-issues is for models with one label for each text; this one has any number", .usage
      )
    }
    if !isSeveral, mapping.labelSeparator != nil {
      throw CommandFailure(
        "--label-separator is for models with several labels for each text; this one has one",
        .usage)
    }
  }

  func write(json: @autoclosure () -> JSONValue, text: @autoclosure () -> String) throws {
    let sink = OutputSink()
    if output.isJSON {
      try sink.write(json().line)
    } else {
      try sink.write(text())
    }
    try sink.finish()
  }

  func source(_ run: EvaluationRun, isPartial: Bool) -> ReportSource {
    ReportSource(
      model: model.name, file: run.input.input.name, emptyCount: run.emptyCount,
      skippedCount: mapping.unknownLabels == .skip ? run.labels.skippedCount : nil,
      isPartial: isPartial)
  }

  /// Classifies texts, or pairs if there is a column for them.
  func answering(
    _ classifier: Classifier
  ) -> ([SourcedText]) throws(SwiftletError) -> [Classification] {
    let options = running.options(topK: 1)
    guard pairColumn != nil else {
      return { (texts) throws(SwiftletError) in
        try classifier.classify(texts.map(\.text), options: options)
      }
    }
    return { (texts) throws(SwiftletError) in
      try classifier.classify(texts.map { TextPair($0.text, $0.pair ?? "") }, options: options)
    }
  }
}
