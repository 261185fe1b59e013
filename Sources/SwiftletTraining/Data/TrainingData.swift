package import SwiftletRecords

/// Examples to train or to validate on: a file, which is read when training starts, or values in
/// memory.
///
///     let data = TrainingData.csv("reviews.csv", labelColumn: "stars")
///     let (training, validation) = data.split(0.1)
public struct TrainingData: Sendable, Equatable {
  package enum Source: Sendable, Equatable {
    case file(path: String, TrainingFileOptions)
    case examples([TrainingExample])
  }

  package let source: Source
  /// The part of the source, as one side of each split in turn; empty for all of it.
  package private(set) var parts: [DataPart] = []

  private init(_ source: Source) { self.source = source }

  /// A table with a header or with columns by number; nil columns are found by their usual names.
  public static func csv(
    _ path: String, textColumn: String? = nil, pairColumn: String? = nil, labelColumn: String? = nil
  ) -> TrainingData {
    var options = TrainingFileOptions(format: .csv)
    (options.textColumn, options.pairColumn, options.labelColumn) = (
      textColumn, pairColumn, labelColumn
    )
    return file(path, options)
  }

  /// One JSON object on each line; nil keys are found by their usual names.
  public static func jsonl(
    _ path: String, textColumn: String? = nil, pairColumn: String? = nil, labelColumn: String? = nil
  ) -> TrainingData {
    var options = TrainingFileOptions(format: .jsonl)
    (options.textColumn, options.pairColumn, options.labelColumn) = (
      textColumn, pairColumn, labelColumn
    )
    return file(path, options)
  }

  /// A file whose format and task are found by its suffix and contents, unless `options` set them.
  public static func file(
    _ path: String, _ options: TrainingFileOptions = TrainingFileOptions()
  ) -> TrainingData {
    TrainingData(.file(path: path, options))
  }

  /// Examples in memory, all of one task.
  public static func examples(_ examples: [TrainingExample]) -> TrainingData {
    TrainingData(.examples(examples))
  }

  /// Splits the data into training and validation data.
  ///
  /// The labels of a classifier have the same shares in both; other tasks are split at random,
  /// questions by context. Rows with the same text are on the same side. The result depends only on
  /// the data and the seed.
  ///
  /// - Parameters:
  ///   - share: The share of rows for validation, between 0 and 1.
  ///   - seed: Selects the rows.
  /// - Returns: Both parts of the same source.
  public func split(
    _ share: Double = 0.1, seed: UInt64 = 42
  ) -> (training: TrainingData, validation: TrainingData) {
    let split = DataSplit(share: share, seed: seed)
    var (training, validation) = (self, self)
    training.parts.append(DataPart(split: split, isValidation: false))
    validation.parts.append(DataPart(split: split, isValidation: true))
    return (training, validation)
  }

  /// The file's path; nil for examples in memory.
  package var path: String? { if case .file(let path, _) = source { path } else { nil } }
}

/// One side of a split.
package struct DataPart: Sendable, Equatable {
  package let split: DataSplit
  package let isValidation: Bool
}

/// The format of a file of training data. The raw value is the value of `--input-format`.
public enum TrainingFormat: String, CaseIterable, Sendable {
  /// One text on each line.
  case lines
  /// A table with commas or another separator.
  case csv
  /// A table with tabs.
  case tsv
  /// One JSON object on each line.
  case jsonl
  /// The JSON of SQuAD 1.1 and 2.0.
  case squad
  /// One word on each line with its tag in the last column; an empty line ends a sentence.
  case conll
}

/// What happens to a row that can't be used.
public enum RowPolicy: String, CaseIterable, Sendable {
  /// Reading stops with an error that names the row.
  case error
  /// The row is left out and counted.
  case skip
}

/// How a file of training data is read; nil settings are found by its suffix and contents.
public struct TrainingFileOptions: Sendable, Equatable {
  /// The file's format.
  public var format: TrainingFormat?
  /// The task of the data.
  public var task: TrainingTask?
  /// The column or JSON key of the texts: its name, or its number from 1.
  public var textColumn: String?
  /// The column of the second texts of pairs.
  public var pairColumn: String?
  /// The column of the labels.
  public var labelColumn: String?
  /// Whether the first row of a table is a header.
  public var hasHeader: Bool?
  /// What separates the labels of one row, such as `;`.
  public var labelSeparator: String?
  /// What happens to a row that can't be read, or has a value that the task can't use.
  public var onBadRows = RowPolicy.error
  /// What happens to a row without a label.
  public var onUnlabelledRows = RowPolicy.error
  /// What happens to a row with an empty text.
  public var onEmptyRows = RowPolicy.skip
  /// How the fields of a table are written.
  package var dialect = DialectChoice()

  /// Creates options that find everything by the file's contents.
  public init(format: TrainingFormat? = nil, task: TrainingTask? = nil) {
    self.format = format
    self.task = task
  }

  /// The selected columns, as other subcommands select them.
  var columns: ColumnChoice {
    ColumnChoice(text: textColumn, pair: pairColumn, label: labelColumn, hasHeader: hasHeader)
  }
}
