import ArgumentParser
import Swiftlet
import SwiftletRecords

/// `swiftlet classify`: texts in, labels out, in the same order.
struct ClassifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "classify",
    abstract: "Classify texts.",
    discussion: """
      Texts come from the arguments, from lines on standard input, or from the rows of files.

        swiftlet classify "I loved it" "Never again."
        echo "I loved it" | swiftlet classify --json
        swiftlet classify --file reviews.csv --text-column review
        swiftlet classify --file a.jsonl b.jsonl --output answers.csv
        swiftlet classify --file reviews.csv --output answers.csv --resume
        swiftlet classify --file reviews.csv --output answers.csv --unique \\
          --on-error skip --error-file errors.jsonl --group-by stars
        tail -f app.log | swiftlet classify --format table
        swiftlet classify --model path/to/reranker --pair "A document." "A query"
        swiftlet classify --minimum-score 0.8 --temperature 1.5 "Not bad, I suppose."
        swiftlet classify --model path/to/model --threshold 0.4 \\
          --label-threshold spam=0.9 "Buy now!"
        swiftlet classify -- "-5 stars for this, I want my money back"

      Each text gets its best label; --top-k 3 lists the best three, --all-scores all of them. A \
      text that begins with a dash goes after --, as in the last example.

      The suffix of --output decides the format: .csv, .tsv, .jsonl, or .txt for a table. An empty \
      text gets no label and no score. CSV and TSV have columns truncated and empty with true or \
      false; JSON has these keys only where they are true.

      With --output, rows are written to a file named .partial beside it until the run is complete. \
      It stays after Ctrl-C, a crash or a full disk, and the same command with --resume continues \
      it: the output is the same as without the interruption. The files of an interrupted run are \
      never replaced; delete them to begin again.

      --minimum-score adds a decision: the best label, or, if its score is lower, null in JSON, an \
      empty field in CSV and ? in a table. --threshold and --label-threshold add the accepted \
      labels: a list with scores in JSON, a field with semicolons in CSV, a line for each in a \
      table. A table marks accepted labels with ✓ and others with ✗.
      """
  )

  @OptionGroup(title: "Input") var input: TaskInputArguments

  @Option(
    help: ArgumentHelp("Second text, paired with each text.", valueName: "text")
  )
  var pair: String?

  @Option(
    help: ArgumentHelp("Column (or JSON key) of the second texts.", valueName: "column"))
  var pairColumn: String?

  @OptionGroup(title: "Output") var decision: DecisionArguments
  @OptionGroup(title: "Output") var list: LabelListArguments
  @OptionGroup(title: "Output") var output: OutputArguments<ClassifyFormat>
  @OptionGroup(title: "Output") var summary: SummaryArguments
  @OptionGroup(title: "Model") var model: ModelArguments
  @OptionGroup(title: "Model") var running: RunningArguments

  @Flag(help: "Compute equal texts once; the answers are the same.")
  var unique = false

  func validate() throws {
    try requireText(pair, for: "--pair")
    if pairColumn != nil, pair != nil || !input.texts.isEmpty {
      throw ValidationError("--pair-column needs --file and excludes --pair")
    }
  }

  func run() throws {
    let folder = try ModelArguments.directory(
      model.model, hidesProgress: output.file.hidesProgress)
    let task = try TaskRun(
      input, output, model: folder, pairColumn: pairColumn, groupColumn: summary.groupBy)
    try summary.checkFile(task.inputs, output: output.file.path)
    let classifier = try model.loadClassifier(from: folder)
    var options = running.options(topK: list.topK)
    try decision.apply(to: &options, for: classifier)
    let counts = counts(of: classifier)
    let cache =
      unique
      ? AnswerCache<Classification>(answerBytes: 64 + 32 * classifier.labels.count) : nil
    try task.run(
      try renderer(for: task, labels: classifier.labels), maxLength: classifier.maxLength,
      hint: LongText.hint,
      observe: { counts?.add($0, group: task.group(of: $0.text)) }
    ) { [options] (chunk) throws(SwiftletError) in
      guard let cache else { return try classify(chunk, with: classifier, options) }
      return try cache.answers(to: chunk) { (texts) throws(SwiftletError) in
        try classify(texts, with: classifier, options)
      }
    }
    if let note = cache?.note { printMessage("swiftlet: note: \(note)") }
    try summary.write(counts, isPrinted: showsSummary)
  }

  /// The summary of the run before its first row; nil if it is not asked for.
  private func counts(of classifier: Classifier) -> RunSummary? {
    guard showsSummary || summary.summaryFile != nil else { return nil }
    let function = running.function ?? classifier.defaultFunction
    return RunSummary(
      labels: classifier.labels, countsAccepted: decision.accepts,
      hasProbabilities: function != ScoreFunction.none, minimumScore: decision.minimumScore,
      groupColumn: summary.groupBy)
  }

  private var showsSummary: Bool {
    summary.isPrinted(
      readsFiles: !input.files.file.isEmpty, hidesProgress: output.file.hidesProgress)
  }

  private func classify(
    _ texts: [SourcedText], with classifier: Classifier, _ options: ClassificationOptions
  ) throws(SwiftletError) -> [Classification] {
    guard pair != nil || pairColumn != nil else {
      return try classifier.classify(texts.map(\.text), options: options)
    }
    let pairs = texts.map { TextPair($0.text, pair ?? $0.pair ?? "") }
    return try classifier.classify(pairs, options: options)
  }

  private func renderer(
    for task: TaskRun<ClassifyFormat>, labels: [String]
  ) throws(RecordError) -> any AnswerRenderer<Classification> {
    let layout = ClassificationLayout(
      labels: labels, labelsPerRow: list.labelsPerRow(labelCount: labels.count),
      listsScores: list.listsScores, showsDecision: decision.decides,
      showsAccepted: decision.accepts, showsFile: task.inputs.count > 1,
      showsID: input.idColumn != nil,
      scoresAreProbabilities: running.function != ScoreFunction.none,
      recordCount: input.texts.isEmpty ? nil : input.texts.count)
    return try task.renderer(
      columns: layout.columns, members: layout.members,
      people: TableRenderer(layout: layout, terminal: task.terminal))
  }
}
