/// Reads the rows of a csv or tsv file, which all have as many fields as the first.
///
/// Skips blank lines, except in a file of one column, where they are empty texts.
final class TableRows {
  /// The fields of the first row, which may be a header.
  let firstRow: [String]
  /// The current row.
  private(set) var row = FieldRow()

  private let rows: TableScanner
  private let source: ByteSource
  private let file: String
  /// The separator of the file's format.
  private let own: UInt8
  private let dialect: TableDialect
  /// Whether ``row`` holds the first row, which ``next()`` returns again.
  private var holdsFirstRow = false

  /// Detects the dialect and reads the first row.
  ///
  /// `own` is the separator of the file's format, `choice` the user's settings of the dialect, and
  /// `names` are the columns that the user selects.
  init(
    _ source: ByteSource, own: UInt8, dialect choice: DialectChoice, names: [String], limit: Int
  ) throws(RecordError) {
    self.source = source
    self.own = own
    file = source.name
    dialect = try TableDialect(of: source, own: own, choice: choice, names: names)
    rows = TableScanner(source, dialect: dialect, limit: limit)
    repeat {
      guard try rows.next(into: &row) else { throw .noRows(file: file) }
    } while row.isBlank
    try row.validate(from: source)
    firstRow = row.strings
    if dialect.separator != own, choice.separator == nil {
      openingNotes.append(
        firstRow.count == 1
          ? "\(file): there is one column, and \(TableDialect.name(of: own)) in it are text;"
            + " --delimiter \(TableDialect.option(own)) makes them separate columns"
          : "\(file): columns are separated by \(TableDialect.name(of: dialect.separator)), not"
            + " \(TableDialect.name(of: own)); --delimiter sets another separator")
    }
  }

  /// Makes the first row, which is not a header, the result of the first ``next()``.
  func repeatFirstRow() { holdsFirstRow = true }

  /// Reads the next row into ``row``; returns false at the end. The row after one that threw can
  /// still be read, unless the error is that of an unclosed quote or of a row that is too long.
  func next() throws(RecordError) -> Bool {
    guard try advance() else { return false }
    guard row.count == firstRow.count else {
      if row.mayHaveEscapes { throw .escapedQuote(file: file, line: row.line) }
      throw .fieldCount(file: file, line: row.line, expected: firstRow.count, found: row.count)
    }
    try row.validate(from: source)
    return true
  }

  /// Throws if the only field of the first row looks like several with another separator: one
  /// between letters or digits, unlike punctuation and smileys.
  func checkOnlyName() throws(RecordError) {
    guard firstRow.count == 1, !dialect.isSeparatorGiven else { return }
    let bytes = Array(firstRow[0].utf8)
    let found = TableDialect.separators.first { other in
      other != dialect.separator
        && bytes.indices.dropFirst().dropLast().contains { index in
          bytes[index] == other && Self.isOfWord(bytes[index - 1])
            && Self.isOfWord(bytes[index + 1])
        }
    }
    if let found { throw .onlyColumn(file: file, name: firstRow[0], separator: found) }
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

  /// Reads the next row, skipping blank ones; returns false at the end.
  private func advance() throws(RecordError) -> Bool {
    if holdsFirstRow {
      holdsFirstRow = false
      return true
    }
    repeat {
      guard try rows.next(into: &row) else { return false }
    } while row.isBlank && firstRow.count > 1
    return true
  }
}
