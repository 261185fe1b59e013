/// The records of one file or of standard input, one at a time, in memory that does not grow with
/// the file: a buffer of 64 KiB and the record at hand.
///
/// Pulled by one thread at a time.
package final class RecordReader {
  /// What one record may be long at most, in bytes.
  package static let defaultRecordLimit = 64 << 20

  private let source: ByteSource
  private let records: any RecordSource

  /// Opens a file and decides about its columns, which reads its first row; lines are not read
  /// before they are asked for.
  ///
  /// - Parameters:
  ///   - path: the file; `-` is standard input, called `<stdin>` in messages
  ///   - format: how its records are written, whatever its extension says
  ///   - dialect: how fields are separated and quoted; what is left nil is found from the file
  ///   - columns: the user's choice; the columns left nil are found by their usual names
  ///   - wantsLabel: whether every record must have a label
  ///   - recordLimit: bytes after which a record is refused
  /// - Throws: when the file can't be read, or a wanted column isn't there or can't be told
  package init(
    path: String,
    format: RecordFormat,
    dialect: DialectChoice = DialectChoice(),
    columns: ColumnChoice = ColumnChoice(),
    wantsLabel: Bool = false,
    recordLimit: Int = RecordReader.defaultRecordLimit
  ) throws(RecordError) {
    source = try ByteSource(path: path)
    let lines = LineScanner(source, limit: recordLimit)
    switch format {
    case .lines:
      records = try LineRecords(lines, columns: columns, wantsLabel: wantsLabel)
    case .csv, .tsv:
      records = try ColumnRecords(
        source,
        own: format == .csv ? UInt8(ascii: ",") : TableDialect.tab,
        dialect: dialect,
        columns: columns,
        wantsLabel: wantsLabel,
        limit: recordLimit
      )
    case .jsonLines:
      records = try JSONRecords(lines, columns: columns, wantsLabel: wantsLabel)
    }
  }

  /// The next record; nil at the end of the file.
  package func next() throws(RecordError) -> Record? { try records.next() }

  /// What the user should know about how the file is read, each once: empty until there is more.
  package func takeNotes() -> [String] { records.takeNotes() }

  /// What the user should know once all records are read.
  package var closingNotes: [String] { records.closingNotes }

  /// Bytes taken up by the records so far, for a progress bar.
  package var bytesRead: Int { source.bytesRead }

  /// Bytes of the whole file; nil for a pipe or a terminal.
  package var totalBytes: Int? { source.totalBytes }
}

/// One format's way from bytes to records.
protocol RecordSource: AnyObject {
  func next() throws(RecordError) -> Record?
  func takeNotes() -> [String]
  var closingNotes: [String] { get }
}

extension RecordSource {
  func takeNotes() -> [String] { [] }
  var closingNotes: [String] { [] }
}

/// Every line is a record, an empty one too: the n-th answer belongs to the n-th line.
final class LineRecords: RecordSource {
  private let lines: LineScanner

  init(_ lines: LineScanner, columns: ColumnChoice, wantsLabel: Bool) throws(RecordError) {
    let wanted: [(ColumnRole, Bool)] = [
      (.text, columns.text != nil), (.pair, columns.pair != nil),
      (.label, wantsLabel || columns.label != nil), (.id, columns.id != nil),
    ]
    if let (role, _) = wanted.first(where: { $0.1 }) {
      throw .noColumns(file: lines.source.name, role: role)
    }
    self.lines = lines
  }

  func next() throws(RecordError) -> Record? {
    guard try lines.next() else { return nil }
    try lines.validate()
    let text = String(decoding: lines.bytes, as: UTF8.self)
    return Record(number: lines.number, line: lines.number, text: text)
  }
}
