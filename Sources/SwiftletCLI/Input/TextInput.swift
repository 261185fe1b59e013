import Glibc
import SwiftletRecords
import SwiftletSystem

/// A file, a folder, or standard input, that is read as records.
struct TextInput: Sendable, Equatable {
  /// `-` is standard input.
  let path: String
  let format: RecordFormat
  var dialect = DialectChoice()
  let columns: ColumnChoice
  let wantsLabel: Bool

  var isStandardInput: Bool { path == "-" }

  /// The input's name in messages.
  var name: String { isStandardInput ? "<stdin>" : path }

  /// Equal for two paths of one file.
  var identity: FileIdentity? {
    isStandardInput ? FileIdentity(of: STDIN_FILENO) : FileIdentity(of: path)
  }

  func open() throws(RecordError) -> RecordReader {
    try RecordReader(
      path: path, format: format, dialect: dialect, columns: columns, wantsLabel: wantsLabel)
  }

  /// Opens and closes a regular file, so that a missing file or column is reported before any work.
  /// Skips pipes, which can be opened only once.
  func check() throws(RecordError) {
    var status = stat()
    if isStandardInput || stat(path, &status) == 0 && !Self.isFileOrFolder(status) { return }
    _ = try open()
  }

  /// The size of all inputs together; nil if one is neither a regular file nor a folder of texts.
  static func totalBytes(of inputs: [TextInput]) -> Int? {
    var total = 0
    for input in inputs {
      if input.format == .folder {
        guard let folder = try? TextFolder(path: input.path) else { return nil }
        total += folder.totalBytes
        continue
      }
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

/// A text and its place in the input.
struct SourcedText: Sendable {
  let text: String
  let record: Int
  /// The line of the file, if the text is from a file.
  let line: Int?
  let file: String?
  let id: String?
  let label: String?
  /// Bytes of all inputs up to the end of this record, for the progress bar.
  var bytesThrough: Int
  /// The second text of a pair, if a column has it.
  var pair: String?
  /// The columns of the row that are kept for the output.
  var columns: [RecordColumn] = []
  /// Why the row has no answer: it can't be read, and has no text, or the model refuses its text.
  var problem: String?

  /// Whether the text, or the second text of its row, has only white space and control characters;
  /// such a row gets no answer.
  var isEmpty: Bool { Self.isEmpty(text) || pair.map(Self.isEmpty) ?? false }

  static func isEmpty(_ text: String) -> Bool {
    text.unicodeScalars.allSatisfy { scalar in
      switch scalar.properties.generalCategory {
      case .control, .format, .spaceSeparator, .lineSeparator, .paragraphSeparator: true
      default: false
      }
    }
  }

  /// The place of the text in a message: `reviews.csv:12`, or `text 3`.
  var place: String {
    guard let file, let line else { return "text \(record)" }
    return "\(file):\(line)"
  }
}
