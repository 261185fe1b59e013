/// Why a model could not be trained. Each error names the file and the row, and says what to do.
///
/// `file` is nil for examples in memory, whose `line` is the number of the example from 1.
public enum TrainingError: Error, Equatable, Sendable {
  /// An option that is out of range, or that contradicts another; `reason` continues a sentence that begins with
  /// `name`.
  case invalidOption(name: String, reason: String)
  /// A file that can't be read at all.
  case invalidFile(file: String, reason: String)
  /// A row that can't be read.
  case invalidRow(file: String?, line: Int, reason: String)
  /// A value of a row that the task can't use.
  case invalidValue(file: String?, line: Int, column: String, expected: String, found: String)
  /// A column that the task needs; `found` has the file's columns.
  case missingColumn(file: String, column: String, found: [String], advice: String)
  /// Data that do not show their task.
  case undecidedTask(file: String?, reason: String)
  /// A row without a label.
  case unlabelledRow(file: String?, line: Int)
  /// A row with an empty text.
  case emptyText(file: String?, line: Int)
  /// A label of the validation data that the training data or the model do not have.
  case unknownLabel(file: String?, line: Int, label: String, known: [String])
  /// A source has one label only, in `count` rows or words.
  case oneLabel(file: String?, label: String, count: Int)
  /// No row is left to train or to validate on.
  case noExamples(file: String?, reason: String)
  /// The validation data are the training data.
  case sameData(training: String, validation: String)
  /// A checkpoint or a model file that is missing, damaged, or not of the kind that is needed.
  case unreadable(reason: String)
  /// A file or folder that can't be written or must not be replaced.
  case unwritable(reason: String)
  /// The system refused `bytes` bytes of memory for `purpose`.
  case memory(bytes: Int, purpose: String)
  /// A training that had started could not go on.
  case stopped(TrainingFailure)
  /// The caller cancelled the training after `step` of `total` steps. Its checkpoint, if it has an output,
  /// continues it.
  case cancelled(step: Int, total: Int)
}

extension TrainingError: CustomStringConvertible {
  /// What is wrong, where, and what to do.
  public var description: String {
    switch self {
    case .invalidOption(let name, let reason): "\(name) \(reason)"
    case .invalidFile(let file, let reason): "\(file): \(reason)"
    case .invalidRow(let file, let line, let reason):
      "\(Self.place(file, line)): \(reason);" + Self.skipAdvice
    case .invalidValue(let file, let line, let column, let expected, let found):
      "\(Self.place(file, line)): expected \(expected) in \(column), found \(found);"
        + Self.skipAdvice
    case .missingColumn(let file, let column, let found, let advice):
      "\(file): no column \(column); the file has \(Self.list(found)); \(advice)"
    case .undecidedTask(let file, let reason):
      "\(file.map { "\($0): " } ?? "")cannot tell the task: \(reason)"
    case .unlabelledRow(let file, let line):
      "\(Self.place(file, line)): the row has no label; --on-unlabelled-rows skip leaves such rows"
        + " out and counts them"
    case .emptyText(let file, let line):
      "\(Self.place(file, line)): the text is empty; --on-empty-rows skip leaves such rows out and"
        + " counts them"
    case .unknownLabel(let file, let line, let label, let known):
      "\(Self.place(file, line)): unknown label \(Self.quote(label)); the training data or the"
        + " teacher has \(Self.list(known)); correct the label, or add rows with it to the training data"
    case .oneLabel(let file, let label, let count):
      "\(file ?? "the examples"): the only label is \(Self.quote(label))"
        + " (\(count) time\(count == 1 ? "" : "s")); a classifier needs at least two labels"
        + (label == "-1" ? "; -1 usually marks test data, whose labels are not published" : "")
        + "; --label-column selects another column"
    case .noExamples(let file, let reason): "\(file ?? "the examples"): \(reason)"
    case .sameData(let training, let validation):
      "\(validation): the validation data are the training data \(training); give another file, or"
        + " a share such as --validation 0.1"
    case .unreadable(let reason), .unwritable(let reason): reason
    case .stopped(let failure): failure.description
    case .cancelled(_, total: 0): "cancelled before the first step; nothing was written"
    case .cancelled(let step, let total):
      "cancelled after step \(step) of \(total); train with the same options and --resume to continue"
    case .memory(let bytes, let purpose):
      "the system refused \(bytes) bytes of memory for \(purpose); raise the limit of the process "
        + "(ulimit -v) or of its container, or lower --max-memory"
    }
  }

  private static let skipAdvice = " --on-bad-rows skip leaves such rows out and counts them"

  /// The place of a row: `reviews.csv:12`, or `example 3`.
  package static func place(_ file: String?, _ line: Int) -> String {
    file.map { "\($0):\(line)" } ?? "example \(line)"
  }

  /// Lists names in quotes, at most twelve of them.
  package static func list(_ names: [String]) -> String {
    guard !names.isEmpty else { return "none" }
    let rest = names.count - 12
    return names.prefix(12).map(quote).joined(separator: ", ")
      + (rest > 0 ? " and \(rest) more" : "")
  }

  /// Quotes text of the data for a terminal: at most 40 scalars, control characters replaced.
  package static func quote(_ text: String) -> String {
    let limit = 40
    var shown = String.UnicodeScalarView()
    for scalar in text.unicodeScalars.prefix(limit) {
      shown.append(scalar.properties.generalCategory == .control ? "\u{FFFD}" : scalar)
    }
    let isCut = !text.unicodeScalars.dropFirst(limit).isEmpty
    return "\"\(String(shown))\(isCut ? "…" : "")\""
  }
}
