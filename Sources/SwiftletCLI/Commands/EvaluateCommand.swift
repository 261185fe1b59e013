import ArgumentParser
import Glibc
import Swiftlet

/// `swiftlet evaluate`: how well a model does on texts whose labels are known.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Compare a model's answers with the labels in a file.",
    discussion: """
      Prints accuracy, precision, recall and F1 of each class, and the confusion matrix.

        swiftlet evaluate dev.tsv
        swiftlet evaluate reviews.csv --text-column review --label-column stars
        swiftlet evaluate dev.jsonl --model ./my-model --json

      Labels are the model's own names, in any case, or their numbers from 0; "swiftlet inspect" \
      lists them.
      """
  )

  @Argument(
    help: ArgumentHelp(
      "A .csv, .tsv or .jsonl file with texts and labels; - is standard input.", valueName: "file")
  )
  var file: String

  @OptionGroup(title: "Input") var columns: ColumnArguments
  @OptionGroup(title: "Input") var labels: LabelArguments
  @OptionGroup(title: "Output") var output: ReportArguments
  @OptionGroup(title: "Model") var model: ModelArguments
  @OptionGroup(title: "Model") var running: RunningArguments

  func run() throws {
    let input = try columns.input(at: file, labelColumn: labels.labelColumn, wantsLabel: true)
    try input.check()
    let classifier = try model.loadClassifier()
    guard classifier.labels.count > 1 else {
      throw CommandFailure(
        "\(model.name): the model has one output, not classes to choose from;"
          + " classify with it instead",
        .badData
      )
    }
    let report = try evaluate(input, with: classifier)
    let sink = OutputSink()
    if output.isJSON {
      try sink.write(ReportText.json(report, model: model.name, file: input.name).line)
    } else {
      try sink.write(ReportText.text(report, terminal: Terminal(descriptor: STDOUT_FILENO)))
    }
    try sink.finish()
  }

  private func evaluate(
    _ input: TextInput, with classifier: Classifier
  ) throws -> ClassificationReport {
    let labelIndex = LabelIndex(classifier.labels)
    var report = ClassificationReport(labels: classifier.labels)
    let progress = Progress(
      total: TextInput.totalBytes(of: [input]).map(Progress.Total.bytes) ?? .unknown,
      isEnabled: !output.hidesProgress)
    let runner = ChunkRunner(
      classifier: classifier,
      options: running.options(topK: 1), limit: running.chunkLimit, progress: progress)
    let feed = try RecordFeed([input], aheadRows: running.chunkLimit.rows)
    try runner.run(feed) { chunk, answers in
      for (text, answer) in zip(chunk, answers) {
        let expected = try Self.expectedIndex(of: text, in: labelIndex)
        report.add(expected: expected, predicted: Self.predictedIndex(answer))
      }
    }
    guard report.count > 0 else {
      throw CommandFailure("\(input.name): no labelled rows", .badData)
    }
    runner.warnOfTruncation(maximumLength: classifier.maximumLength)
    return report
  }

  private static func expectedIndex(
    of text: SourcedText, in labelIndex: LabelIndex
  ) throws(CommandFailure) -> Int {
    guard let label = text.label else {
      throw CommandFailure("\(text.place): no label", .badData)
    }
    guard let index = labelIndex(label) else {
      throw CommandFailure(
        "\(text.place): unknown label \"\(DisplayText.shorten(label, to: 40))\";"
          + " the model has \(labelIndex.summary)",
        .badData
      )
    }
    return index
  }

  /// The label with the largest output; of equal ones the first.
  private static func predictedIndex(_ answer: Classification) -> Int {
    var best = 0
    for (index, logit) in answer.logits.enumerated() where logit > answer.logits[best] {
      best = index
    }
    return best
  }
}
