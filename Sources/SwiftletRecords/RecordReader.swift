/// Reads records from a file or standard input, one at a time; memory is a buffer of 64 KiB and the
/// current record.
///
/// Not `Sendable`: only one thread may use a reader at a time.
package final class RecordReader {
  /// The default maximum size of a record in bytes.
  package static let defaultRecordLimit = 64 << 20

  private let source: ByteSource
  private let records: any RecordSource

  /// Opens a file and determines its columns, for which it reads the first row; in the format
  /// `lines` it reads nothing.
  ///
  /// - Parameters:
  ///   - path: The file; `-` is standard input, named `<stdin>` in messages.
  ///   - format: The format of the records, whatever the extension.
  ///   - dialect: How fields are separated and quoted; nil fields are detected.
  ///   - columns: The selected columns; nil fields are found by their usual names.
  ///   - wantsLabel: Whether every record must have a label.
  ///   - recordLimit: The maximum size of a record in bytes.
  /// - Throws: If the file can't be read, or a column is missing or ambiguous.
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

  /// Reads the next record; returns nil at the end of the file.
  package func next() throws(RecordError) -> Record? { try records.next() }

  /// The names of the kept columns, in the order of ``Record/columns``; later objects of a JSON Lines
  /// file have other names if all keys are kept.
  package var keptNames: [String] { records.keptNames }

  /// What each of the kept columns is for besides, in the order of ``keptNames``.
  package var keptRoles: [ColumnRole?] { records.keptRoles }

  /// Returns new notes for the user about how the file is read; each note is returned once.
  package func takeNotes() -> [String] { records.takeNotes() }

  /// Notes for the user after all records have been read.
  package var closingNotes: [String] { records.closingNotes }

  /// The number of bytes in the records so far, for a progress bar.
  package var bytesRead: Int { source.bytesRead }

  /// The number of bytes in the whole file; nil for a pipe or a terminal.
  package var totalBytes: Int? { source.totalBytes }
}

/// Reads the records of one format.
protocol RecordSource: AnyObject {
  func next() throws(RecordError) -> Record?
  var keptNames: [String] { get }
  var keptRoles: [ColumnRole?] { get }
  func takeNotes() -> [String]
  var closingNotes: [String] { get }
}

extension RecordSource {
  var keptNames: [String] { [] }
  var keptRoles: [ColumnRole?] { [] }
  func takeNotes() -> [String] { [] }
  var closingNotes: [String] { [] }
}

/// Reads every line as a record, even an empty one, so that the n-th answer belongs to the n-th
/// line.
final class LineRecords: RecordSource {
  private let lines: LineScanner

  init(_ lines: LineScanner, columns: ColumnChoice, wantsLabel: Bool) throws(RecordError) {
    let wanted: [(ColumnRole, Bool)] = [
      (.text, columns.text != nil), (.pair, columns.pair != nil),
      (.label, wantsLabel || columns.label != nil), (.id, columns.id != nil),
      (.kept, columns.kept != .none),
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
