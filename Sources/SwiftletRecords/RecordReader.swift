/// Reads records from a file, a folder or standard input, one at a time; memory is some buffers of
/// 64 KiB and the current record.
///
/// Not `Sendable`: only one thread may use a reader at a time.
package final class RecordReader {
  /// The default maximum size of a record in bytes.
  package static let defaultRecordLimit = 64 << 20

  private let records: any RecordSource

  /// Opens a file and determines its columns, for which it reads the first row; in the format
  /// `lines` it reads nothing.
  ///
  /// - Parameters:
  ///   - path: The file, or the folder in the format `folder`; `-` is standard input, named `<stdin>` in messages.
  ///   - format: The format of the records, whatever the extension.
  ///   - dialect: The file's encoding, and how fields are separated and quoted; nil fields are
  ///     detected.
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
    if format == .folder {
      records = try FolderRecords(
        path: path, encoding: dialect.encoding, columns: columns, wantsLabel: wantsLabel,
        limit: recordLimit)
      return
    }
    let source = try ByteSource(path: path, encoding: dialect.encoding)
    switch format {
    case .lines, .folder:
      records = try LineRecords(
        LineScanner(source, limit: recordLimit), columns: columns, wantsLabel: wantsLabel)
    case .csv, .tsv:
      records = try ColumnRecords(
        source,
        own: format == .csv ? UInt8(ascii: ",") : TableDialect.tab,
        dialect: dialect,
        columns: columns,
        wantsLabel: wantsLabel,
        limit: recordLimit
      )
    case .jsonLines, .json:
      records = try JSONRecords(
        JSONDocuments(source, format: format, limit: recordLimit), columns: columns,
        wantsLabel: wantsLabel)
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

  /// The number of bytes of the file, which may be compressed, in the records so far; for a progress
  /// bar.
  package var bytesRead: Int { records.bytesRead }

  /// The number of bytes in the whole file; nil for a pipe or a terminal.
  package var totalBytes: Int? { records.totalBytes }
}

/// Reads the records of one format.
protocol RecordSource: AnyObject {
  func next() throws(RecordError) -> Record?
  var keptNames: [String] { get }
  var keptRoles: [ColumnRole?] { get }
  func takeNotes() -> [String]
  var closingNotes: [String] { get }
  var bytesRead: Int { get }
  var totalBytes: Int? { get }
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

  var bytesRead: Int { lines.source.bytesRead }
  var totalBytes: Int? { lines.source.totalBytes }

  init(_ lines: LineScanner, columns: ColumnChoice, wantsLabel: Bool) throws(RecordError) {
    if let role = columns.selectedRole ?? (wantsLabel ? .label : nil) {
      throw .noColumns(file: lines.source.name, role: role, isFolder: false)
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
