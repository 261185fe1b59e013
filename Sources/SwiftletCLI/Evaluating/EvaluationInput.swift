import Swiftlet
import SwiftletRecords

/// The labelled file of `evaluate`, and where its labels and groups are.
struct EvaluationInput {
  let input: TextInput
  /// Whether the last kept column has the labels, and not the record.
  let labelsAreKept: Bool
  /// The place of the group among the kept columns; nil without --group-by.
  let groupPlace: Int?

  /// Labels of JSON are read from a kept column where they may be lists or missing, which the reader
  /// refuses.
  ///
  /// - Parameters:
  ///   - path: The file; `-` is standard input.
  ///   - columns: The columns that the user selects.
  ///   - labelColumn: The column of the labels.
  ///   - pairColumn: The column of second texts.
  ///   - groupColumn: The column by which figures are grouped.
  ///   - takesAnyLabel: Whether labels may be lists or missing.
  /// - Throws: `CommandFailure` or `RecordError` for a missing file or column.
  init(
    at path: String, columns: ColumnArguments, labelColumn: String?, pairColumn: String?,
    groupColumn: String?, takesAnyLabel: Bool
  ) throws {
    let groups = groupColumn.map { [$0] } ?? []
    let usual = try columns.input(
      at: path, labelColumn: labelColumn, pairColumn: pairColumn,
      keeping: groups.isEmpty ? .none : .named(groups), wantsLabel: true)
    guard takesAnyLabel, ![.lines, .csv, .tsv].contains(usual.format),
      let label = try labelColumn ?? Self.labelKey(of: usual)
    else {
      try Self.check(usual)
      (input, labelsAreKept, groupPlace) = (usual, false, groups.isEmpty ? nil : 0)
      return
    }
    input = try columns.input(
      at: path, pairColumn: pairColumn, keeping: .named(groups + [label]), wantsLabel: false)
    labelsAreKept = true
    groupPlace = groups.isEmpty ? nil : 0
    try Self.check(input)
  }

  /// Opens a regular file; an error about the column of groups names its option.
  private static func check(_ input: TextInput) throws {
    do {
      try input.check()
    } catch {
      guard case .columnMissing(_, .kept, _, _) = error else { throw error }
      let text = error.description.replacing("--keep-columns", with: "--group-by")
      throw CommandFailure(text, .badData)
    }
  }

  /// The first usual name of a label among the keys of the first object; nil for standard input, which
  /// can be read only once.
  private static func labelKey(of input: TextInput) throws(RecordError) -> String? {
    guard !input.isStandardInput else { return nil }
    var columns = input.columns
    columns.kept = .all
    let names = try RecordReader(
      path: input.path, format: input.format, dialect: input.dialect, columns: columns,
      wantsLabel: true
    ).keptNames
    return ColumnRole.label.usualNames.lazy.compactMap { usual in
      names.first { $0.lowercased() == usual }
    }.first
  }

  /// The value by which a row is grouped; nil without --group-by, empty if the row lacks it.
  func group(of text: SourcedText) -> String? {
    guard let groupPlace else { return nil }
    guard text.columns.indices.contains(groupPlace) else { return "" }
    return switch text.columns[groupPlace].value {
    case .text(let value): value
    case .json(let value): value == "null" ? "" : value
    }
  }
}
