/// Reads the records of a csv or tsv file.
///
/// Skips blank lines, except in a file of one column, where they are empty texts.
final class ColumnRecords: RecordSource {
  private let rows: TableScanner
  private let source: ByteSource
  private let file: String
  /// The separator of the file's format.
  private let own: UInt8
  private let layout: ColumnLayout
  private var row = FieldRow()
  /// Whether ``row`` holds the first row of a file without header, which ``next()`` returns first.
  private var holdsFirstRow: Bool
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
    self.own = own
    file = source.name
    let dialect = try TableDialect(of: source, own: own, choice: choice, names: columns.names)
    rows = TableScanner(source, dialect: dialect, limit: limit)
    repeat {
      guard try rows.next(into: &row) else { throw .noRows(file: file) }
    } while row.isBlank
    try row.validate(from: source)
    let firstRow = row.strings
    layout = try ColumnLayout(
      firstRow: firstRow, choice: columns, wantsLabel: wantsLabel, file: file)
    holdsFirstRow = !layout.hasHeader
    if firstRow.count == 1, columns.text == nil, !dialect.isSeparatorGiven {
      try Self.checkOnlyName(firstRow[0], separator: dialect.separator, file: file)
    }
    if dialect.separator != own, choice.separator == nil {
      openingNotes.append(
        firstRow.count == 1
          ? "\(file): there is one column, and \(TableDialect.name(of: own)) in it are text;"
            + " --delimiter \(TableDialect.option(own)) makes them separate columns"
          : "\(file): columns are separated by \(TableDialect.name(of: dialect.separator)), not"
            + " \(TableDialect.name(of: own)); --delimiter sets another separator")
    }
  }

  /// Throws if the only field of the first row looks like several with another separator: one
  /// between letters or digits, unlike punctuation and smileys.
  private static func checkOnlyName(
    _ name: String, separator: UInt8, file: String
  ) throws(RecordError) {
    let bytes = Array(name.utf8)
    let found = TableDialect.separators.first { other in
      other != separator
        && bytes.indices.dropFirst().dropLast().contains { index in
          bytes[index] == other && isOfWord(bytes[index - 1]) && isOfWord(bytes[index + 1])
        }
    }
    if let found { throw .onlyColumn(file: file, name: name, separator: found) }
  }

  private static func isOfWord(_ byte: UInt8) -> Bool {
    byte >= 0x80 || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "\"")
      || (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20)
  }

  private var openingNotes: [String] = []
  private var saidQuotes = false

  func takeNotes() -> [String] {
    guard !openingNotes.isEmpty || rows.foundQuoting != nil && !saidQuotes else { return [] }
    var notes = openingNotes
    openingNotes = []
    if let (quoting, line) = rows.foundQuoting, !saidQuotes {
      saidQuotes = true
      switch quoting {
      case .double:
        notes.append(
          "\(file):\(line): quotes enclose fields from here on and are not part of the text;"
            + " --quote none reads them as text")
      case .none where own != TableDialect.tab:
        notes.append(
          "\(file):\(line): quotes are read as text from here on, because they do not enclose"
            + " fields; --quote double reads them as quotes around fields")
      case .none: break
      }
    }
    return notes
  }

  func next() throws(RecordError) -> Record? {
    guard try advance() else { return nil }
    guard row.count == layout.count else {
      if row.mayHaveEscapes { throw .escapedQuote(file: file, line: row.line) }
      throw .fieldCount(file: file, line: row.line, expected: layout.count, found: row.count)
    }
    try row.validate(from: source)
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

  /// Reads the next row, skipping blank ones; returns false at the end.
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
