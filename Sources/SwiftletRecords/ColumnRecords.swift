/// Reads the records of a csv or tsv file.
final class ColumnRecords: RecordSource {
  private let source: ByteSource
  private let rows: TableRows
  private let layout: ColumnLayout
  let keptNames: [String]
  let keptRoles: [ColumnRole?]
  private var number = 0

  /// Detects the dialect and reads the first row; `own` is the separator of the file's format,
  /// `choice` the user's settings of the dialect.
  init(
    _ source: ByteSource,
    own: UInt8,
    dialect choice: DialectChoice,
    columns: ColumnChoice,
    wantsLabel: Bool,
    limit: Int
  ) throws(RecordError) {
    self.source = source
    rows = try TableRows(
      source, own: own, dialect: choice, names: columns.names, limit: limit)
    layout = try ColumnLayout(
      firstRow: rows.firstRow, choice: columns, wantsLabel: wantsLabel, file: source.name)
    let (layout, names) = (layout, rows.firstRow)
    keptNames = layout.kept.map { layout.hasHeader ? names[$0] : "\($0 + 1)" }
    keptRoles = layout.kept.map(layout.role)
    if columns.text == nil { try rows.checkOnlyName() }
    if !layout.hasHeader { rows.repeatFirstRow() }
  }

  var bytesRead: Int { source.bytesRead }
  var totalBytes: Int? { source.totalBytes }

  func takeNotes() -> [String] { rows.takeNotes() }

  func next() throws(RecordError) -> Record? {
    guard try rows.next() else { return nil }
    number += 1
    let row = rows.row
    return Record(
      number: number,
      line: row.line,
      id: layout.id.map { row[$0] },
      text: row[layout.text],
      pair: layout.pair.map { row[$0] },
      label: layout.label.map { row[$0] },
      columns: layout.kept.isEmpty ? [] : keptColumns()
    )
  }

  private func keptColumns() -> [RecordColumn] {
    layout.kept.indices.map { index in
      RecordColumn(
        name: keptNames[index], value: .text(rows.row[layout.kept[index]]), role: keptRoles[index])
    }
  }
}
