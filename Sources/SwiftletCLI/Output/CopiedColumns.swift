import SwiftletJSON
import SwiftletRecords

/// The columns of the input that are copied to the output.
///
/// A column whose name is that of a field of the output, in upper or lower case, gets `input_` before
/// its name: `input_label` beside the answer's `label`. A name that already begins so gets another
/// one, so two columns never have the same name.
///
/// A table has the columns of all regular files, which are opened before the first row is written; a
/// pipe's are those of its first row. In a JSON object each row has its own.
struct CopiedColumns {
  private static let prefix = "input_"

  private let selection: KeptColumns
  private let isComplete: Bool
  /// In lower case.
  private let fieldNames: Set<String>
  /// The names in the input of a table's columns.
  private var sources: [String] = []
  private var positions: [String: Int] = [:]
  private var lost = LostColumns()

  /// Copies no column.
  init() { self.init(.none, fieldNames: []) }

  /// - Parameters:
  ///   - selection: The columns that are copied; rows may have more columns after them. All columns
  ///     are those that the output does not have already.
  ///   - fieldNames: The names of the output's own fields.
  ///   - sources: The names of columns that a table has in any case.
  ///   - isComplete: Whether they are all columns of a table; otherwise the first row adds its own.
  init(
    _ selection: KeptColumns, fieldNames: [String], sources: [String] = [],
    isComplete: Bool = false
  ) {
    self.selection = selection
    self.isComplete = isComplete
    self.fieldNames = Set((SourceColumns.fieldNames + fieldNames).map { $0.lowercased() })
    add(sources)
  }

  /// Adds the columns of the first row, unless all are known; without rows the table has the selected
  /// names.
  mutating func settle(by columns: [RecordColumn]) {
    switch selection {
    case .none: break
    case .all: if !isComplete { add(selected(columns).map(\.name)) }
    case .named(let names):
      if sources.isEmpty { add(columns.isEmpty ? names : selected(columns).map(\.name)) }
    }
  }

  private mutating func add(_ names: [String]) {
    for name in names where positions[name] == nil {
      positions[name] = sources.count
      sources.append(name)
    }
  }

  private func selected(_ columns: [RecordColumn]) -> ArraySlice<RecordColumn> {
    switch selection {
    case .none: []
    case .all: columns.filter { !Self.isWritten($0.role) }[...]
    case .named(let names): columns.prefix(names.count)
    }
  }

  /// Whether the output has the contents of a column in a field of its own.
  static func isWritten(_ role: ColumnRole?) -> Bool { role == .text || role == .id }

  /// Returns the name of a column in the output.
  func name(of column: String) -> String {
    var base = column.lowercased()[...]
    while base.hasPrefix(Self.prefix) { base = base.dropFirst(Self.prefix.count) }
    return fieldNames.contains(String(base)) ? Self.prefix + column : column
  }

  // MARK: Output

  /// The names of a table's columns.
  var names: [String] { sources.map(name(of:)) }

  /// Returns the fields of a table's row at `place`; empty where the row lacks a column.
  mutating func fields(of columns: [RecordColumn], at place: String) -> [String] {
    guard !sources.isEmpty else { return [] }
    var fields = Array(repeating: "", count: sources.count)
    var hasLost = false
    for (index, column) in selected(columns).enumerated() {
      if let position = position(of: column, at: index) {
        fields[position] = column.value.field
      } else {
        hasLost = true
        lost.add(column.name, at: place)
      }
    }
    if hasLost { lost.rowCount += 1 }
    return fields
  }

  /// Selected columns are in the order of the selection, under the names of their own file.
  private func position(of column: RecordColumn, at index: Int) -> Int? {
    if case .named = selection { return index < sources.count ? index : nil }
    return index < sources.count && sources[index] == column.name ? index : positions[column.name]
  }

  /// Returns the members of a JSON object.
  func members(of columns: [RecordColumn]) -> [JSONValue.Member] {
    selected(columns).map { (name(of: $0.name), $0.value.json) }
  }

  /// Says which columns a table lacks, because rows after its header have more.
  var note: String? { lost.note }
}

/// Columns that are not in the header of a table.
private struct LostColumns {
  var rowCount = 0
  private var first: (name: String, place: String)?

  mutating func add(_ name: String, at place: String) {
    if first == nil { first = (name, place) }
  }

  var note: String? {
    first.map { name, place in
      "\(NumberText.grouped(rowCount)) \(rowCount == 1 ? "row has" : "rows have") columns that are not"
        + " in the header and were left out (the first is \"\(DisplayText.shorten(name, to: 40))\" at"
        + " \(place)); --format jsonl writes them"
    }
  }
}

extension RecordColumn.Value {
  /// The field of a table: a string as it is, other JSON values as JSON, null as an empty field.
  var field: String {
    switch self {
    case .text(let text): return text
    case .json(let source):
      let json = String(decoding: JSONLineText.bytes(of: source), as: UTF8.self)
      return json == "null" ? "" : json
    }
  }

  var json: JSONValue {
    switch self {
    case .text(let text): .string(text)
    case .json(let source): .raw(JSONLineText.bytes(of: source))
    }
  }
}
