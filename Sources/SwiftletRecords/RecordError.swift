import SwiftletJSON
package import SwiftletSystem

/// Why records can't be read; the description has the file, the line and what to do.
package enum RecordError: Error, Equatable, Sendable, CustomStringConvertible {
  case file(FileError)
  /// The contents have another format, whatever the file's name.
  case foreignFormat(file: String, ForeignFormat)
  case foreignEncoding(file: String, EncodingGuess)
  /// The first bytes contradict the encoding that the user gave.
  case encodingMismatch(file: String, TextEncoding, EncodingMismatch)
  /// The program that decompresses the file failed, or is not installed.
  case decompression(file: String, Compression, ChildProcessError)
  /// The contents of a compressed file are compressed again.
  case compressedTwice(file: String, Compression, Compression)
  case notUTF8(file: String, line: Int, EncodingFault)
  case recordTooLong(file: String, line: Int, limit: Int)
  /// A csv or tsv file has no row, not even a header.
  case noRows(file: String)
  case unterminatedQuote(file: String, line: Int)
  case textAfterQuote(file: String, line: Int, separator: UInt8)
  /// A row is valid only if a backslash escapes a quote.
  case escapedQuote(file: String, line: Int)
  case tooManyColumns(file: String, line: Int, limit: Int)
  case fieldCount(file: String, line: Int, expected: Int, found: Int)
  case columnMissing(file: String, role: ColumnRole, name: String, columns: [String])
  case columnRepeated(file: String, name: String)
  /// Two kept columns have the same name, which would be repeated in the output.
  case keptRepeated(file: String, name: String)
  /// No column, or more than one, matches the role.
  case columnUndecided(file: String, role: ColumnRole, columns: [String], hasHeader: Bool)
  /// The only column's name looks like several with another separator.
  case onlyColumn(file: String, name: String, separator: UInt8)
  /// A column is selected in a format without columns.
  case noColumns(file: String, role: ColumnRole, isFolder: Bool)
  /// A folder has no texts.
  case emptyFolder(String)
  /// A folder without sub-folders has no labels.
  case unlabelledFolder(String)
  case notJSON(file: String, line: Int, reason: String)
  case notAnObject(file: String, line: Int, found: String, isElement: Bool)
  case unclosedArray(file: String, line: Int)
  case textAfterArray(file: String, line: Int)
  case keyMissing(file: String, line: Int, key: String)
  case wrongValue(file: String, line: Int, key: String, expected: String, found: String)

  package var description: String {
    switch self {
    case .file(let error): error.description
    case .foreignFormat(let file, let format):
      "\(file): this is \(format.name), not text; \(format.advice(for: file))"
    case .foreignEncoding(let file, let encoding): "\(file): \(encoding.description(of: file))"
    case .encodingMismatch(let file, let given, let mismatch):
      "\(file): \(mismatch.description(of: given))"
    case .decompression(let file, let compression, let error):
      compression.description(of: error, on: file)
    case .compressedTwice(let file, let outer, let inner):
      "\(file): this is \(inner.name) inside \(outer.name); "
        + ForeignFormat.unpacking(file, with: outer.program)
    case .notUTF8(let file, let line, let fault):
      "\(file):\(line): \(fault.description(of: file))"
    case .recordTooLong(let file, let line, let limit):
      "\(file):\(line): the record that starts here is longer than \(limit) bytes;"
        + " check for a missing line break or closing quote"
    case .noRows(let file): "\(file): the file is empty; expected rows of columns"
    case .unterminatedQuote(let file, let line):
      "\(file):\(line): the quoted field that begins here is never closed;"
        + " --quote none reads quotes as text"
    case .textAfterQuote(let file, let line, let separator):
      "\(file):\(line): after a closing quote expected \(Self.article(separator)) or the end of the"
        + " row; a quote inside a quoted field is written twice; --quote none reads quotes as text"
    case .escapedQuote(let file, let line):
      "\(file):\(line): the row is invalid unless a backslash before a quote escapes it;"
        + " give --escape backslash if it does, --escape none if it is text"
    case .tooManyColumns(let file, let line, let limit):
      "\(file):\(line): more than \(limit) columns in one row; check the file's format"
    case .fieldCount(let file, let line, let expected, let found):
      "\(file):\(line): expected \(Self.count(expected, "column")), found \(found)"
        + (expected == 1
          ? "; put a field with separators in quotes, or give --input-format lines if each line is a"
            + " text" : "")
    case .noColumns(let file, let role, let isFolder):
      "\(file): \(isFolder ? "a folder of texts has no" : "lines of text have no")"
        + " \(role == .kept ? "columns to keep" : "\(role.rawValue) column");"
        + " give a .csv, .tsv, .jsonl or .json file, or name its format"
    case .emptyFolder(let folder):
      "\(folder): the folder has no .txt files; give files of other formats by their names"
    case .unlabelledFolder(let folder):
      "\(folder): the texts have no labels; put them into one sub-folder for each label, or give a"
        + " table with a label column"
    default: columnDescription
    }
  }

  private var columnDescription: String {
    switch self {
    case .columnMissing(let file, let role, let name, let columns):
      // The option for second texts has a different name in each task.
      "\(file): no column \(Self.quote(name))\(role == .pair ? "" : " for \(role.option)");"
        + " the file has \(Self.list(columns))"
    case .columnRepeated(let file, let name):
      "\(file): two columns are named \(Self.quote(name)); give the column's number instead"
    case .keptRepeated(let file, let name):
      "\(file): two columns to keep are named \(Self.quote(name)); select one of them by its number"
        + " with --keep-columns, or rename it"
    case .columnUndecided(let file, let role, let columns, let hasHeader):
      "\(file): cannot tell which column is the \(role.rawValue) among \(Self.list(columns));"
        + " give \(role.option) with a name or a number"
        + (hasHeader ? "" : ", and --no-header if the first row is not a header")
    case .onlyColumn(let file, let name, let separator):
      "\(file): the only column is \(Self.quote(name)); if \(TableDialect.name(of: separator))"
        + " separate columns, give --delimiter \(TableDialect.option(separator)); if not, --text-column 1"
    case .notJSON(let file, let line, let reason): "\(file):\(line): not JSON: \(reason)"
    case .notAnObject(let file, let line, let found, isElement: true):
      "\(file):\(line): expected an array of JSON objects, found \(found) in it"
    case .notAnObject(let file, let line, let found, isElement: false):
      "\(file):\(line): expected one JSON object on each line, found \(found)"
        + (found == JSONKind.array.rawValue
          ? "; --input-format json reads an array of objects" : "")
    case .unclosedArray(let file, let line):
      "\(file):\(line): the array is not closed after the element that begins here; the file may be"
        + " truncated"
    case .textAfterArray(let file, let line):
      "\(file):\(line): unexpected text after the end of the array"
    case .keyMissing(let file, let line, let key):
      "\(file):\(line): the object has no key \(Self.quote(key))"
    case .wrongValue(let file, let line, let key, let expected, let found):
      "\(file):\(line): expected \(expected) for the key \(Self.quote(key)), found \(found)"
    default: ""
    }
  }

  // MARK: Wording

  private static func count(_ number: Int, _ noun: String) -> String {
    "\(number) \(noun)\(number == 1 ? "" : "s")"
  }

  /// Returns a separator with its article, such as `a comma`.
  private static func article(_ separator: UInt8) -> String {
    switch separator {
    case UInt8(ascii: ","): "a comma"
    case UInt8(ascii: ";"): "a semicolon"
    case UInt8(ascii: "|"): "a pipe"
    case TableDialect.tab: "a tab"
    default: "\(TableDialect.name(of: separator))"
    }
  }

  /// Lists columns with their numbers, as `1 "label", 2 "content"`.
  private static func list(_ columns: [String]) -> String {
    guard !columns.isEmpty else { return "no columns" }
    let shown = columns.prefix(12).enumerated().map { "\($0.offset + 1) \(quote($0.element))" }
    let rest = columns.count - shown.count
    return shown.joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
  }

  /// Quotes text from the file for a terminal: at most 40 scalars, control characters replaced.
  private static func quote(_ text: String) -> String {
    let limit = 40
    var shown = String.UnicodeScalarView()
    for scalar in text.unicodeScalars.prefix(limit) {
      let isControl = scalar.properties.generalCategory == .control
      shown.append(isControl ? "\u{FFFD}" : scalar)
    }
    let isCut = text.unicodeScalars.dropFirst(limit).isEmpty == false
    return "\"\(String(shown))\(isCut ? "…" : "")\""
  }
}
