import SwiftletJSON
import SwiftletSystem

/// A value of a row: a field of a table, or a JSON value.
package enum RowValue: Sendable, Equatable {
  /// The object does not have the key.
  case missing
  case null
  case text(String)
  /// A number, as the file spells it.
  case number(String)
  case boolean(String)
  case list([RowValue])
  case object([RowMember])

  /// The kind of the value as a noun in errors, such as `a list`.
  package var kind: String {
    switch self {
    case .missing: "nothing"
    case .null: "null"
    case .text: "a string"
    case .number: "a number"
    case .boolean: "a boolean"
    case .list: "a list"
    case .object: "an object"
    }
  }

  /// Reads one value, however deep the reader allows it.
  init(
    _ reader: inout JSONReader, over bytes: UnsafeBufferPointer<UInt8>
  ) throws(JSONError) {
    switch try reader.peek() {
    case .string: self = .text(try reader.readString())
    case .null:
      _ = try reader.readNull()
      self = .null
    case .number: self = .number(try Self.source(&reader, bytes))
    case .boolean: self = .boolean(try Self.source(&reader, bytes))
    case .array:
      var values: [RowValue] = []
      var array = try reader.beginArray()
      while try reader.nextElement(in: &array) { values.append(try RowValue(&reader, over: bytes)) }
      self = .list(values)
    case .object:
      var members: [RowMember] = []
      var object = try reader.beginObject()
      while let key = try reader.nextKey(in: &object) {
        let name = key.string
        members.append(RowMember(key: name, value: try RowValue(&reader, over: bytes)))
      }
      self = .object(members)
    }
  }

  private static func source(
    _ reader: inout JSONReader, _ bytes: UnsafeBufferPointer<UInt8>
  ) throws(JSONError) -> String {
    let start = reader.offset
    try reader.skipValue()
    let written = UnsafeBufferPointer(rebasing: bytes[start..<reader.offset])
    return String(decoding: written, as: UTF8.self)
  }
}

/// A member of an object in a row.
package struct RowMember: Sendable, Equatable {
  package let key: String
  package let value: RowValue
}

/// Some values of a row, and the line in which the row starts, from 1.
package struct DataRow: Sendable, Equatable {
  package let line: Int
  package let values: [RowValue]
}

/// Reads rows with any columns, for tasks that need more than a text and a label.
///
/// A ``RecordReader`` reads the same files in the same way. Not `Sendable`: only one thread may use
/// a reader at a time.
package final class RowReader {
  /// The fields of the first row, or the keys of the first object; `text` for lines of text.
  package let columns: [String]
  /// Whether ``columns`` are names; if not, they are data.
  package let hasHeader: Bool

  private enum Rows {
    case lines
    case objects
    case table(TableRows)
  }

  private let source: ByteSource
  private let lines: LineScanner
  private let documents: JSONDocuments
  private let rows: Rows
  private var holdsFirstLine = false

  /// Opens a file and reads its first row.
  ///
  /// - Parameters:
  ///   - path: The file; `-` is standard input.
  ///   - format: The format of the rows, whatever the extension.
  ///   - dialect: The file's encoding, and how fields are separated and quoted; nil fields are
  ///     detected.
  ///   - choice: The selected columns.
  ///   - knownNames: More lower-case names that only a header has, besides the usual ones.
  /// - Throws: If the file can't be read.
  package init(
    path: String, format: RecordFormat, dialect: DialectChoice = DialectChoice(),
    choice: ColumnChoice = ColumnChoice(), knownNames: [String] = []
  ) throws(RecordError) {
    source = try ByteSource(path: path, encoding: dialect.encoding)
    let limit = RecordReader.defaultRecordLimit
    lines = LineScanner(source, limit: limit)
    documents = JSONDocuments(source, format: format, limit: limit)
    switch format {
    case .folder: throw .file(FileError("read", path: path, code: FileError.notRegular))
    case .lines:
      (columns, hasHeader, rows) = (["text"], true, .lines)
    case .jsonLines, .json:
      columns = try Self.keys(documents)
      (hasHeader, rows, holdsFirstLine) = (true, .objects, !columns.isEmpty)
    case .csv, .tsv:
      let own = format == .csv ? UInt8(ascii: ",") : TableDialect.tab
      let table = try TableRows(
        source, own: own, dialect: dialect, names: choice.names, limit: limit)
      if choice.text == nil { try table.checkOnlyName() }
      columns = table.firstRow
      let names = columns.map(ColumnLayout.normalised)
      hasHeader =
        choice.hasHeader
        ?? (!choice.names.isEmpty || ColumnLayout.isHeader(names)
          || names.contains { knownNames.contains($0) })
      if !hasHeader { table.repeatFirstRow() }
      rows = .table(table)
    }
  }

  /// Reads the next row; returns nil at the end.
  ///
  /// `selection` has the indices of ``columns`` whose values are returned, in that order. After an
  /// error whose ``RecordError/endsFile`` is false, the next row can be read.
  package func next(_ selection: [Int]) throws(RecordError) -> DataRow? {
    switch rows {
    case .lines:
      guard try lines.next() else { return nil }
      try lines.validate()
      return DataRow(
        line: lines.number, values: [.text(String(decoding: lines.bytes, as: UTF8.self))])
    case .table(let table):
      guard try table.next() else { return nil }
      let row = table.row
      return DataRow(line: row.line, values: selection.map { .text(row[$0]) })
    case .objects:
      guard !columns.isEmpty else { return nil }
      if holdsFirstLine {
        holdsFirstLine = false
      } else {
        guard try documents.advance() else { return nil }
      }
      return DataRow(line: documents.line, values: try values(of: selection.map { columns[$0] }))
    }
  }

  /// Returns new notes for the user about how the file is read; each note is returned once.
  package func takeNotes() -> [String] {
    if case .table(let table) = rows { table.takeNotes() } else { [] }
  }

  // MARK: JSON

  private static func keys(_ documents: JSONDocuments) throws(RecordError) -> [String] {
    guard try documents.advance() else { return [] }
    return try documents.parse { reader, _ throws(JSONError) in
      var names: [String] = []
      var object = try reader.beginObject()
      while let key = try reader.nextKey(in: &object) {
        names.append(key.string)
        try reader.skipValue()
      }
      return names
    }
  }

  /// Reads the current object's values under `keys`; of a repeated key the last one counts.
  private func values(of keys: [String]) throws(RecordError) -> [RowValue] {
    try documents.parse { reader, bytes throws(JSONError) in
      var values = [RowValue](repeating: .missing, count: keys.count)
      var object = try reader.beginObject()
      while let key = try reader.nextKey(in: &object) {
        let matches = keys.indices.filter { keys[$0].utf8.elementsEqual(key.utf8) }
        guard !matches.isEmpty else {
          try reader.skipValue()
          continue
        }
        let value = try RowValue(&reader, over: bytes)
        for index in matches { values[index] = value }
      }
      return values
    }
  }
}

extension RecordError {
  /// The line of the row that the error is about; nil for an error of the whole file.
  package var line: Int? {
    switch self {
    case .notUTF8(_, let line, _), .recordTooLong(_, let line, _), .unterminatedQuote(_, let line),
      .textAfterQuote(_, let line, _), .escapedQuote(_, let line), .tooManyColumns(_, let line, _),
      .fieldCount(_, let line, _, _), .notJSON(_, let line, _), .notAnObject(_, let line, _, _),
      .unclosedArray(_, let line), .textAfterArray(_, let line), .keyMissing(_, let line, _),
      .wrongValue(_, let line, _, _, _):
      line
    default: nil
    }
  }

  /// Whether no row after the error can be read: the end of its row is not known, or it is a question
  /// about the whole file, as a backslash before a quote is.
  package var endsFile: Bool {
    switch self {
    case .notUTF8, .fieldCount, .notJSON, .notAnObject, .keyMissing, .wrongValue:
      false
    default: true
    }
  }
}
