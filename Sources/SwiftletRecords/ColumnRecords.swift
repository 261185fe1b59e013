/// The records of a csv or tsv file.
///
/// Blank lines are passed over, except in a file of one column, where they are empty texts.
final class ColumnRecords: RecordSource {
  private let rows: any RowScanner
  private let file: String
  private let layout: ColumnLayout
  private var row = FieldRow()
  /// Whether ``row`` holds the first row of a file without header, still to be handed out.
  private var holdsFirstRow: Bool
  private var number = 0

  init(
    _ rows: any RowScanner,
    file: String,
    columns: ColumnChoice,
    wantsLabel: Bool
  ) throws(RecordError) {
    self.rows = rows
    self.file = file
    repeat {
      guard try rows.next(into: &row) else { throw .noRows(file: file) }
    } while row.isBlank
    try row.validate(file: file)
    layout = try ColumnLayout(
      firstRow: row.strings,
      choice: columns,
      wantsLabel: wantsLabel,
      file: file
    )
    holdsFirstRow = !layout.hasHeader
  }

  func next() throws(RecordError) -> Record? {
    guard try advance() else { return nil }
    guard row.count == layout.count else {
      throw .fieldCount(file: file, line: row.line, expected: layout.count, found: row.count)
    }
    try row.validate(file: file)
    number += 1
    return Record(
      number: number,
      line: row.line,
      id: layout.id.map { row[$0] },
      text: row[layout.text],
      pair: layout.pair.map { row[$0] },
      label: layout.label.map { row[$0] }
    )
  }

  /// Reads the next row that is not to be passed over.
  private func advance() throws(RecordError) -> Bool {
    if holdsFirstRow {
      holdsFirstRow = false
      return true
    }
    repeat {
      guard try rows.next(into: &row) else { return false }
    } while row.isBlank && layout.count > 1
    return true
  }
}
