import Glibc
import SwiftletRecords
import SwiftletSystem

/// One file (or standard input) to be read as records.
struct TextInput: Sendable, Equatable {
  /// `-` is standard input.
  let path: String
  let format: RecordFormat
  var dialect = DialectChoice()
  let columns: ColumnChoice
  let wantsLabel: Bool

  var isStandardInput: Bool { path == "-" }

  /// The input in messages.
  var name: String { isStandardInput ? "<stdin>" : path }

  /// What tells whether another path names the same file.
  var identity: FileIdentity? {
    isStandardInput ? FileIdentity(of: STDIN_FILENO) : FileIdentity(of: path)
  }

  func open() throws(RecordError) -> RecordReader {
    try RecordReader(
      path: path, format: format, dialect: dialect, columns: columns, wantsLabel: wantsLabel)
  }

  /// Opens a regular file and closes it again, so that a missing file or column is told before any
  /// work is done; pipes can be opened only once and are left alone.
  func check() throws(RecordError) {
    var status = stat()
    if isStandardInput || stat(path, &status) == 0 && !Self.isFileOrFolder(status) { return }
    _ = try open()
  }

  /// The size of all inputs together; nil if one of them does not say.
  static func totalBytes(of inputs: [TextInput]) -> Int? {
    var total = 0
    for input in inputs {
      var status = stat()
      let result = input.isStandardInput ? fstat(STDIN_FILENO, &status) : stat(input.path, &status)
      guard result == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
      total += Int(status.st_size)
    }
    return total
  }

  private static func isFileOrFolder(_ status: stat) -> Bool {
    status.st_mode & S_IFMT == S_IFREG || status.st_mode & S_IFMT == S_IFDIR
  }
}

/// A text with the place it came from.
struct SourcedText: Sendable {
  let text: String
  let record: Int
  /// The line of the file, where there is a file.
  let line: Int?
  let file: String?
  let id: String?
  let label: String?
  /// Bytes of all inputs up to the end of this record, for the progress bar.
  let bytesThrough: Int
  /// The second text of a pair, where a column was named for it.
  var pair: String?

  /// Whether the text, or the second text of its row, has nothing but white space and control
  /// characters: such a row has no answer.
  var isEmpty: Bool { Self.isEmpty(text) || pair.map(Self.isEmpty) ?? false }

  static func isEmpty(_ text: String) -> Bool {
    text.unicodeScalars.allSatisfy { scalar in
      switch scalar.properties.generalCategory {
      case .control, .format, .spaceSeparator, .lineSeparator, .paragraphSeparator: true
      default: false
      }
    }
  }

  /// Where a message says that the text stands: `reviews.csv:12`, or `text 3`.
  var place: String {
    guard let file, let line else { return "text \(record)" }
    return "\(file):\(line)"
  }
}
