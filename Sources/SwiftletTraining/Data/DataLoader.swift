import SwiftletRecords
import SwiftletSystem

/// The examples of one source with provisional numbers of labels.
struct LoadedData {
  let decision: TaskDecision
  /// Why the file has its format; nil for examples in memory.
  let format: FormatDecision?
  /// The use of the columns; nil without columns.
  var columns: String?
  /// What the reader noticed about the file.
  let notes: [String]
  let skipped: [SkippedRows]
  var encoder: ExampleEncoder
}

/// Reads and encodes a source.
struct DataLoader {
  let encoding: DataEncoding
  /// The task that the caller wants; nil to find it.
  var task: TrainingTask?
  /// Whether rows without a label are kept, for a teacher.
  var keepsUnlabelled = false

  func load(_ data: TrainingData) throws(TrainingError) -> LoadedData {
    switch data.source {
    case .file(let path, let options): try load(file: path, options)
    case .examples(let examples): try load(examples)
    }
  }

  // MARK: Examples in memory

  private func load(_ examples: [TrainingExample]) throws(TrainingError) -> LoadedData {
    guard let first = examples.first else {
      throw .noExamples(file: nil, reason: "there are none; give at least two")
    }
    let labelled = examples.first { $0.task != nil } ?? first
    guard let found = task ?? labelled.task else {
      throw .undecidedTask(file: nil, reason: "the examples have no labels; give a task")
    }
    let decision = TaskDecision(task: found, reason: "the examples are of this kind")
    var collector = RowCollector(
      ExampleEncoder(encoding, file: nil), decision.task, TrainingFileOptions(), keepsUnlabelled)
    for (index, example) in examples.enumerated() {
      let isLabelled = example.task != nil || found == .masks
      let row: RowContents =
        example.isEmpty ? .empty : isLabelled ? .example(example) : .unlabelled(example)
      try collector.add(row, line: index + 1)
    }
    return LoadedData(
      decision: decision, format: nil, notes: [], skipped: collector.skipped,
      encoder: collector.encoder)
  }

  // MARK: Files

  private func load(
    file: String, _ options: TrainingFileOptions
  ) throws(TrainingError) -> LoadedData {
    if let identity = FileIdentity(of: file), !identity.isRegularFile {
      throw .invalidFile(
        file: file, reason: "not a regular file; training reads a file more than once")
    }
    let format: FormatDecision =
      if let given = options.format {
        FormatDecision(format: given, reason: "--input-format selects it")
      } else {
        try TrainingFormat.detect(file)
      }
    let given = options.task ?? task
    switch format.format {
    case .conll:
      return try load(
        file, options, format, try decision(.tokens, given, format, "the file is in CoNLL form")
      ) { (body) throws(TrainingError) in try DataReading.readConll(file, options.dialect, body) }
    case .squad:
      return try load(
        file, options, format,
        try decision(.questions, given, format, "the file is in the form of SQuAD")
      ) { (body) throws(TrainingError) in try DataReading.readSquad(file, body) }
    case .lines, .csv, .tsv, .jsonl:
      return try loadRows(file, options, format, given)
    }
  }

  /// Checks that a format with one task has the task that the caller wants.
  private func decision(
    _ task: TrainingTask, _ given: TrainingTask?, _ format: FormatDecision, _ reason: String
  ) throws(TrainingError) -> TaskDecision {
    guard given == nil || given == task else {
      throw .invalidOption(
        name: "--task",
        reason:
          "is \(given.map(\.rawValue) ?? ""), but \(reason), which is for --task \(task.rawValue)")
    }
    return TaskDecision(task: task, reason: reason)
  }

  private func load(
    _ file: String, _ options: TrainingFileOptions, _ format: FormatDecision,
    _ decision: TaskDecision, notes: () -> [String] = { [] },
    _ read: (RowBody) throws(TrainingError) -> Void
  ) throws(TrainingError) -> LoadedData {
    var collector = RowCollector(
      ExampleEncoder(encoding, file: file), decision.task, options, keepsUnlabelled)
    try read { (line, row) throws(TrainingError) in try collector.add(row, line: line) }
    guard collector.encoder.exampleCount > 0 else {
      let reasons = collector.skipped.map { "\($0.count) \($0.reason)" }
      throw .noExamples(
        file: file,
        reason: "no row can be used for training"
          + (reasons.isEmpty ? "" : ": " + reasons.joined(separator: ", ")))
    }
    return LoadedData(
      decision: decision, format: format, notes: notes(), skipped: collector.skipped,
      encoder: collector.encoder)
  }

  private func loadRows(
    _ file: String, _ options: TrainingFileOptions, _ format: FormatDecision, _ given: TrainingTask?
  ) throws(TrainingError) -> LoadedData {
    let reader = try self.reader(file, options, format.format)
    let form = try form(of: reader, file, options, format.format, given)
    let decision = try decision(form, reader, file, options, format.format, given)
    var loaded = try load(file, options, format, decision, notes: { reader.takeNotes() }) {
      (body) throws(TrainingError) in
      try DataReading.readRows(reader, form: form, decision: decision, file: file, body)
    }
    if format.format != .lines {
      // The first row of a file without header is data.
      let names = reader.columns.indices.map { reader.hasHeader ? reader.columns[$0] : "\($0 + 1)" }
      loaded.columns = form.description(names)
    }
    return loaded
  }

  private func reader(
    _ file: String, _ options: TrainingFileOptions, _ format: TrainingFormat
  ) throws(TrainingError) -> RowReader {
    let recordFormat: RecordFormat =
      switch format {
      case .csv: .csv
      case .tsv: .tsv
      // The name of an array is .json; with JSON Lines in it, it is read as those.
      case .jsonl: RecordFormat(path: file) == .json ? .json : .jsonLines
      case .lines, .squad, .conll: .lines
      }
    do throws(RecordError) {
      return try RowReader(
        path: file, format: recordFormat, dialect: options.dialect, choice: options.columns,
        knownNames: DataForm.knownNames)
    } catch {
      throw DataReading.error(error, file: file)
    }
  }

  private func form(
    of reader: RowReader, _ file: String, _ options: TrainingFileOptions, _ format: TrainingFormat,
    _ given: TrainingTask?
  ) throws(TrainingError) -> DataForm {
    let isJSON = format == .jsonl
    if isJSON, reader.columns.isEmpty {
      throw .noExamples(file: file, reason: "the file has no objects")
    }
    let needsLabel = given != .masks && !keepsUnlabelled
    if format == .lines {
      guard !needsLabel, options.labelColumn == nil else {
        throw .undecidedTask(
          file: file,
          reason: "lines of text have no labels; give a .csv, .tsv or .jsonl file with labels, or"
            + " --task mask to train on masked words")
      }
      return .labeled(text: 0, pair: nil, label: nil)
    }
    // Texts for a teacher may have labels, but another column is not one.
    let names = reader.hasHeader ? reader.columns.map { $0.trimmed.lowercased() } : []
    let hasLabel = names.contains { ColumnRole.label.usualNames.contains($0) }
    return try DataForm(
      reader, isJSON: isJSON, task: given, options, file: file,
      wantsLabel: needsLabel || given != .masks && hasLabel)
  }

  // MARK: The task

  private func decision(
    _ form: DataForm, _ reader: RowReader, _ file: String, _ options: TrainingFileOptions,
    _ format: TrainingFormat, _ given: TrainingTask?
  ) throws(TrainingError) -> TaskDecision {
    let selected = given.map {
      keepsUnlabelled ? "the teacher is for it" : "--task \($0.rawValue) selects it"
    }
    switch form {
    case .words, .entities:
      return TaskDecision(task: .tokens, reason: selected ?? "the rows have tagged words")
    case .choices:
      return TaskDecision(task: .choices, reason: selected ?? "the rows have choices")
    case .similar(_, let score):
      let columns = score == nil ? "an anchor and a positive" : "two sentences and a score"
      return TaskDecision(
        task: .embeddings,
        reason: selected
          ?? "the columns are \(columns)"
          + (score == nil ? "" : "; --task regression predicts the score of a pair"))
    case .labeled(_, _, let label):
      if let given, given != .multiLabel || options.labelSeparator != nil || label == nil {
        return TaskDecision(
          task: given, reason: selected ?? "", labelSeparator: options.labelSeparator)
      }
      guard let label else {
        throw .undecidedTask(
          file: file, reason: "the rows have no labels; --task classify, with a teacher, is one")
      }
      let survey = try survey(file, options, format, label)
      guard given == .multiLabel else { return survey.decision(separator: options.labelSeparator) }
      return TaskDecision(
        task: .multiLabel, reason: selected ?? "", labelSeparator: survey.separator)
    }
  }

  /// Reads the labels of a file once, which decide the task; bad rows are reported later.
  private func survey(
    _ file: String, _ options: TrainingFileOptions, _ format: TrainingFormat, _ label: Int
  ) throws(TrainingError) -> LabelSurvey {
    let reader = try reader(file, options, format)
    var survey = LabelSurvey()
    while true {
      do throws(RecordError) {
        guard let row = try reader.next([label]) else { return survey }
        survey.add(row.values[0])
      } catch {
        if error.endsFile { return survey }
      }
    }
  }
}
