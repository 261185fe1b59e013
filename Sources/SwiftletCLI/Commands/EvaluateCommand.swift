import ArgumentParser
import Glibc
import Swiftlet
import SwiftletJSON

/// `swiftlet evaluate`: accuracy of a classifier on labelled texts.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Evaluate a classifier on labelled texts.",
    discussion: """
      Prints accuracy with its 95 % interval, the calibration error (the mean difference of the \
      best score and the accuracy, over 15 ranges of scores), precision, recall and F1 of each \
      class, and the confusion matrix.

        swiftlet evaluate dev.tsv
        swiftlet evaluate reviews.csv --text-column review --label-column stars
        swiftlet evaluate dev.jsonl --model ./my-model --json
        swiftlet evaluate dev.tsv --errors 10
        swiftlet evaluate dev.tsv --model ./my-model --compare

      --compare evaluates the model in float32 and in int8: accuracy, changed labels, differences \
      of the logits, and time.

      Labels in the file are the model's names, in any case, or their numbers from 0; "swiftlet \
      inspect" lists them.
      """
  )

  @Argument(
    help: ArgumentHelp(
      "A .csv, .tsv or .jsonl file with texts and labels; - is standard input.", valueName: "file")
  )
  var file: String

  @OptionGroup(title: "Input") var columns: ColumnArguments
  @OptionGroup(title: "Input") var labels: LabelArguments

  @Option(
    help: ArgumentHelp("Column (or JSON key) of the second texts of pairs.", valueName: "column"))
  var pairColumn: String?

  @Flag(help: "Compare the model in float32 with the same model in int8.")
  var compare = false

  @Option(
    help: ArgumentHelp(
      "List this many mistakes, those with the highest score first.", valueName: "n"))
  var errors: Int?

  @OptionGroup(title: "Output") var output: ReportArguments
  @OptionGroup(title: "Model") var model: ModelArguments
  @OptionGroup(title: "Model") var running: RunningArguments
  @OptionGroup(title: "Input") var batch: BatchArguments

  func validate() throws {
    if compare, model.precision != nil {
      throw ValidationError("--compare runs both precisions; remove --precision")
    }
    if compare, errors != nil { throw ValidationError("--errors is not used by --compare") }
    if let errors { try requireIn(1...100_000, errors, for: "--errors") }
  }

  func run() throws {
    let input = try columns.input(
      at: file, labelColumn: labels.labelColumn, pairColumn: pairColumn, wantsLabel: true)
    try input.check()
    let folder = try ModelArguments.directory(model.model, hidesProgress: output.hidesProgress)
    let classifier = try model.loadClassifier(from: folder, compare ? .float32 : nil)
    guard classifier.labels.count > 1 else {
      throw CommandFailure(
        "\(model.name): expected a model with classes, found one output; use swiftlet classify",
        .badData
      )
    }
    let terminal = Terminal(descriptor: STDOUT_FILENO)
    if compare {
      let quantized = try model.loadClassifier(from: folder, .int8)
      let (comparison, source) = try self.compare(input, classifier, quantized)
      try write(
        json: ComparisonText.json(comparison, of: source),
        text: ComparisonText.text(comparison, terminal: terminal))
    } else {
      let (evaluation, source) = try evaluate(input, with: classifier)
      try write(
        json: ReportText.json(evaluation, of: source),
        text: ReportText.text(evaluation, terminal: terminal))
    }
  }

  private func write(json: @autoclosure () -> JSONValue, text: @autoclosure () -> String) throws {
    let sink = OutputSink()
    if output.isJSON {
      try sink.write(json().line)
    } else {
      try sink.write(text())
    }
    try sink.finish()
  }

  private func evaluate(
    _ input: TextInput, with classifier: Classifier
  ) throws -> (Evaluation, ReportSource) {
    var evaluation = Evaluation(
      labels: classifier.labels, temperature: running.temperature, errorLimit: errors)
    let runner = try run(input, with: classifier) { rows in
      for row in rows { evaluation.add(row.answer.logits, of: row.text, expected: row.expected) }
    }
    return (evaluation, source(input, runner))
  }

  private func compare(
    _ input: TextInput, _ exact: Classifier, _ quantized: Classifier
  ) throws -> (ModelComparison, ReportSource) {
    var comparison = ModelComparison(labels: exact.labels)
    let runner = try run(input, with: exact) { rows in
      let start = ContinuousClock.now
      let others = try classify(rows.map(\.text), with: quantized)
      comparison.quantizedSeconds += (ContinuousClock.now - start) / .seconds(1)
      for (row, other) in zip(rows, others) {
        comparison.add(expected: row.expected, exact: row.answer, quantized: other)
      }
    }
    comparison.exactSeconds = runner.computedSeconds
    return (comparison, source(input, runner))
  }

  private func source(
    _ input: TextInput, _ runner: ChunkRunner<Classification>
  ) -> ReportSource {
    ReportSource(model: model.name, file: input.name, emptyCount: runner.emptyCount)
  }

  private func classify(
    _ texts: [SourcedText], with classifier: Classifier
  ) throws(SwiftletError) -> [Classification] {
    let options = running.options(topK: 1)
    guard pairColumn != nil else {
      return try classifier.classify(texts.map(\.text), options: options)
    }
    return try classifier.classify(texts.map { TextPair($0.text, $0.pair ?? "") }, options: options)
  }

  /// A text, the index of its label, and the answer.
  private typealias LabeledRow = (text: SourcedText, expected: Int, answer: Classification)

  /// Calls `body` with the rows of each chunk; skips rows with an empty text. Returns the runner,
  /// which has counted and timed the texts.
  private func run(
    _ input: TextInput, with classifier: Classifier, body: ([LabeledRow]) throws -> Void
  ) throws -> ChunkRunner<Classification> {
    let labelIndex = LabelIndex(classifier.labels)
    let progress = Progress(
      total: TextInput.totalBytes(of: [input]).map(Progress.Total.bytes) ?? .unknown,
      isEnabled: !output.hidesProgress)
    let runner = ChunkRunner(limit: batch.limit, progress: progress) {
      (chunk) throws(SwiftletError) in
      try classify(chunk, with: classifier)
    }
    let feed = try RecordFeed([input], aheadRows: batch.limit.rows)
    var count = 0
    try runner.run(feed) { chunk, answers in
      // If a text failed, there are answers only to the texts before it.
      var rows: [LabeledRow] = []
      for (text, answer) in zip(chunk, answers) {
        let index = try Self.expectedIndex(of: text, in: labelIndex)
        if let answer { rows.append((text, index, answer)) }
      }
      count += rows.count
      try body(rows)
    }
    guard count > 0 else {
      throw CommandFailure("\(input.name): no labelled rows with a text", .badData)
    }
    runner.warn(
      maxLength: classifier.maxLength, hint: LongText.hint, fate: "left out of the counts")
    return runner
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
}
