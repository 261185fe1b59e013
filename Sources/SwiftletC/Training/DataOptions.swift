import CSwiftlet
import SwiftletRecords
import SwiftletTraining

/// How a file of labelled rows is read.
struct DataOptions {
  let options: TrainingFileOptions
  /// The options that were given, in a fixed order.
  let arguments: [(name: String, value: String)]
  /// The options that only tables have, and those that only files with columns have.
  private let ofTables: [String]
  private let ofColumns: [String]

  private static let tableKeys = ["no-header", "delimiter", "quote", "escape"]
  private static let columnKeys = [
    "text-column", "pair-column", "label-column", "label-separator",
  ]

  /// Takes the options that select rows, columns and labels.
  init(_ json: inout JSONOptions) throws(Failure) {
    ofTables = Self.tableKeys.filter(json.has)
    ofColumns = Self.columnKeys.filter(json.has)
    var options = TrainingFileOptions()
    options.task = try json.choice("task", of: TrainingTask.self)
    options.textColumn = try json.text("text-column")
    options.pairColumn = try json.text("pair-column")
    options.labelColumn = try json.text("label-column")
    options.labelSeparator = try json.text("label-separator")
    guard options.labelSeparator != "" else {
      throw Failure(SWIFTLET_INVALID_OPTION, "\"label-separator\" is empty")
    }
    options.format = try json.choice("input-format", of: TrainingFormat.self)
    options.hasHeader = try json.flag("no-header") ? false : nil
    options.onBadRows = try json.choice("on-bad-rows", of: RowPolicy.self) ?? .error
    options.onUnlabelledRows = try json.choice("on-unlabelled-rows", of: RowPolicy.self) ?? .error
    options.onEmptyRows = try json.choice("on-empty-rows", of: RowPolicy.self) ?? .skip
    options.dialect = try Self.dialect(&json)
    self.options = options
    let all: [(String, String?)] = [
      ("task", options.task?.rawValue), ("text-column", options.textColumn),
      ("pair-column", options.pairColumn), ("label-column", options.labelColumn),
      ("label-separator", options.labelSeparator), ("input-format", options.format?.rawValue),
      ("on-bad-rows", options.onBadRows.rawValue),
      ("on-unlabelled-rows", options.onUnlabelledRows.rawValue),
      ("on-empty-rows", options.onEmptyRows.rawValue),
    ]
    arguments = all.compactMap { name, value in value.map { (name, $0) } }
  }

  /// Throws for an option that the file that was read does not use.
  func checkUse(by data: DataSummary) throws(TrainingError) {
    guard let format = data.format?.format else { return }
    let unused =
      switch format {
      case .csv, .tsv: [String]()
      case .jsonl: ofTables
      case .lines, .squad, .conll: ofTables + ofColumns
      }
    guard let key = unused.first else { return }
    throw .invalidOption(
      name: "\"\(key)\"", reason: "is not used by files in the format \(format.rawValue)")
  }

  // MARK: Dialect

  private static func dialect(_ json: inout JSONOptions) throws(Failure) -> DialectChoice {
    var choice = DialectChoice()
    choice.separator = try json.text("delimiter").map { (text) throws(Failure) in
      try byte(text, named: separators, "delimiter")
    }
    choice.quoting = try json.choice("quote", of: TableQuoting.self)
    choice.escape = try json.text("escape").map { (text) throws(Failure) in
      text == "none" ? .none : .byte(try byte(text, named: escapes, "escape"))
    }
    return choice
  }

  private static let separators: [(name: String, byte: UInt8)] = [
    ("comma", UInt8(ascii: ",")), ("semicolon", UInt8(ascii: ";")), ("tab", UInt8(ascii: "\t")),
    ("pipe", UInt8(ascii: "|")), ("space", UInt8(ascii: " ")),
  ]
  private static let escapes: [(name: String, byte: UInt8)] = [("backslash", UInt8(ascii: "\\"))]

  private static func byte(
    _ text: String, named names: [(name: String, byte: UInt8)], _ key: String
  ) throws(Failure) -> UInt8 {
    if let named = names.first(where: { $0.name == text }) { return named.byte }
    guard let only = text.utf8.first, text.utf8.count == 1, DialectChoice.isSeparator(only) else {
      throw Failure(
        SWIFTLET_INVALID_OPTION,
        "\"\(key)\" is \"\(text)\", but must be one ASCII character, or one of "
          + names.map(\.name).joined(separator: ", "))
    }
    return only
  }
}
