import ArgumentParser
import Glibc
import SwiftletSystem
import SwiftletTraining

/// The files of a training, and how they are read.
struct TrainingDataArguments: ParsableArguments {
  @Option(
    name: [.short, .long],
    help: ArgumentHelp(
      "File to train on: .csv, .tsv, .jsonl, .json in the form of SQuAD, .conll, or .txt"
        + " with texts for --task mask and distill.", valueName: "path")
  )
  var file: String

  @Option(
    help: ArgumentHelp(
      "What to evaluate on: a file, a share of the rows between 0 and 1, or none. Default: 0.1.",
      valueName: "file|share|none")
  )
  var validation: String?

  @Option(help: ArgumentHelp("What to train. Default: by the contents.", valueName: "task"))
  var task: TrainingTask?

  @OptionGroup var table: TableArguments

  @Option(
    help: ArgumentHelp("Column (or JSON key) of the second texts of pairs.", valueName: "column"))
  var pairColumn: String?

  @OptionGroup var label: LabelArguments

  @Option(
    help: ArgumentHelp(
      "What separates the labels of one row, such as ';'. Default: detected.",
      valueName: "separator")
  )
  var labelSeparator: String?

  @Option(
    help: ArgumentHelp("Format of the files. Default: by the suffix.", valueName: "format"))
  var inputFormat: TrainingFormat?

  @Option(help: ArgumentHelp("What to do with rows that can't be read.", valueName: "policy"))
  var onBadRows: RowPolicy = .error

  @Option(help: ArgumentHelp("What to do with rows without a label.", valueName: "policy"))
  var onUnlabelledRows: RowPolicy = .error

  @Option(help: ArgumentHelp("What to do with rows whose text is empty.", valueName: "policy"))
  var onEmptyRows: RowPolicy = .skip

  func validate() throws {
    for (name, path) in [("--file", file), ("--validation", validation ?? "none")] {
      try requireText(path, for: name)
      guard path != "-" else {
        throw ValidationError(
          "\(name) -: training reads a file more than once; save standard input to a file")
      }
    }
    if labelSeparator == "" { throw ValidationError("--label-separator is empty") }
    if labelSeparator != nil, let task, task != .multiLabel {
      throw ValidationError("--label-separator is used with --task multi-label only")
    }
    if let inputFormat { try requireUse(of: inputFormat) }
    _ = try validationData(seed: 0)
  }

  /// Returns the data to train on.
  var training: TrainingData { .file(file, options) }

  /// Whether there is nothing to evaluate on.
  var hasNoValidation: Bool { validation == "none" }

  /// Returns the data to evaluate on; `seed` selects the rows of a share.
  func validationData(seed: UInt64) throws(ValidationError) -> ValidationData {
    guard let validation else { return .share(0.1, seed: seed) }
    if validation == "none" { return .none }
    guard let share = Double(validation) else { return .data(.file(validation, options)) }
    guard share > 0, share < 1 else {
      throw ValidationError(
        "--validation must be a share between 0 and 1, a file or none, found \(validation); write"
          + " ./\(validation) for a file of this name")
    }
    return .share(share, seed: seed)
  }

  private var options: TrainingFileOptions {
    var options = TrainingFileOptions(format: inputFormat, task: task)
    options.textColumn = table.textColumn
    options.pairColumn = pairColumn
    options.labelColumn = label.labelColumn
    options.hasHeader = table.hasNoHeader ? false : nil
    options.labelSeparator = labelSeparator
    options.onBadRows = onBadRows
    options.onUnlabelledRows = onUnlabelledRows
    options.onEmptyRows = onEmptyRows
    options.dialect = table.dialect.choice
    return options
  }

  /// What `training.json` records.
  var arguments: [(name: String, value: String)] {
    let all: [(String, String?)] = [
      ("file", file), ("validation", validation ?? "0.1"), ("task", task?.rawValue),
      ("text-column", table.textColumn), ("pair-column", pairColumn),
      ("label-column", label.labelColumn), ("label-separator", labelSeparator),
      ("input-format", inputFormat?.rawValue), ("on-bad-rows", onBadRows.rawValue),
      ("on-unlabelled-rows", onUnlabelledRows.rawValue), ("on-empty-rows", onEmptyRows.rawValue),
    ]
    return all.compactMap { name, value in value.map { (name, $0) } }
  }

  // MARK: Checks

  /// The paths of the files, the training file first.
  var paths: [String] {
    guard let validation, validation != "none", Double(validation) == nil else { return [file] }
    return [file, validation]
  }

  /// Reports a missing or unreadable file before anything is loaded.
  func checkFiles() throws(CommandFailure) {
    for path in paths {
      try ColumnArguments.refuseFolder(path)
      guard access(path, R_OK) == 0 else {
        throw CommandFailure(FileError("open", path: path).description, .missingInput)
      }
    }
  }

  /// Refuses flags that a file's format does not use.
  func requireUse(of format: TrainingFormat) throws(ValidationError) {
    let dialect = table.dialect
    let ofTables = [
      ("--no-header", table.hasNoHeader), ("--delimiter", dialect.delimiter != nil),
      ("--quote", dialect.quote != nil), ("--escape", dialect.escape != nil),
    ]
    let ofColumns = [
      ("--text-column", table.textColumn != nil), ("--pair-column", pairColumn != nil),
      ("--label-column", label.labelColumn != nil), ("--label-separator", labelSeparator != nil),
    ]
    let unused: [(String, Bool)] =
      switch format {
      case .csv, .tsv: []
      case .jsonl: ofTables
      case .lines, .squad, .conll: ofTables + ofColumns
      }
    guard let (flag, _) = unused.first(where: \.1) else { return }
    throw ValidationError("\(flag) is not used by files in the format \(format.rawValue)")
  }
}
