import SwiftletRecords

/// The column of `--group-by`: it is read with the columns that are copied to the output, after them.
struct GroupColumn {
  private let name: String
  private let copied: KeptColumns
  /// The columns to read: the copied ones, then this one.
  let kept: KeptColumns

  /// - Parameters:
  ///   - name: the column's name, or its number from 1
  ///   - copied: the columns that are copied to the output
  init(_ name: String, beside copied: KeptColumns) {
    self.name = name
    self.copied = copied
    kept =
      switch copied {
      case .none: .named([name])
      case .all: .all
      case .named(let names): .named(names + [name])
      }
  }

  /// The value among the columns of a row; empty for null, and for a row without the column.
  func value(in columns: [RecordColumn]) -> String {
    switch column(in: columns)?.value {
    case .text(let text): text
    case .json(let source): source == "null" ? "" : source
    case nil: ""
    }
  }

  /// A name takes precedence over a number. A column that is copied too is read once, in its place among
  /// the copied ones.
  private func column(in columns: [RecordColumn]) -> RecordColumn? {
    if copied == .none { return columns.last }
    if let column = columns.last(where: { $0.name == name }) { return column }
    let folded = name.lowercased()
    if let column = columns.last(where: { $0.name.lowercased() == folded }) { return column }
    guard let number = Int(name), columns.indices.contains(number - 1) else { return nil }
    return columns[number - 1]
  }

  /// Why the column can't be found beside the copied ones; nil if it can.
  var problem: String? {
    guard case .named = copied, Int(name) != nil else { return nil }
    return "--group-by \(name) needs the column's name, because --keep-columns is given"
  }

  /// Calls `body`; an error about the column names its own option.
  static func naming<Result>(_ column: String?, _ body: () throws -> Result) throws -> Result {
    do { return try body() } catch let error as RecordError {
      switch error {
      case .columnMissing(_, .kept, let name, _) where name == column:
        throw CommandFailure(
          error.description.replacing("--keep-columns", with: "--group-by"), .badData)
      case .noColumns(let file, .kept, false) where column != nil:
        throw CommandFailure(
          "\(file): lines of text have no columns for --group-by; give a .csv, .tsv or .jsonl file, or"
            + " --input-format", .badData)
      default: throw error
      }
    }
  }
}
