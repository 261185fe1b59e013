/// The 0-based indices of a table's columns, determined from its first row.
package struct ColumnLayout: Equatable {
  package let hasHeader: Bool
  /// The number of fields that every row must have.
  package let count: Int
  package let text: Int
  package let pair: Int?
  package let label: Int?
  package let id: Int?
  /// The kept columns, each once, in the order of the selection.
  package let kept: [Int]

  /// Determines the layout from the first row. `nested` are keys inside the values of the first
  /// object, as `review.body`, which are found only by a selected name; their indices follow those
  /// of the row.
  ///
  /// Selected columns come first, then columns with a usual name in the header, then the only
  /// remaining column. In a file of two columns without header, the label is the column that looks
  /// like one.
  package init(
    firstRow: [String], nested: [String] = [], choice: ColumnChoice, wantsLabel: Bool,
    file: String
  ) throws(RecordError) {
    let names = firstRow.map(Self.normalised)
    hasHeader = choice.hasHeader ?? (!choice.names.isEmpty || Self.isHeader(names))
    count = firstRow.count
    var search = ColumnSearch(
      file: file, columns: firstRow, nested: nested, names: hasHeader ? names : nil)
    var text = try search.given(.text, choice.text)
    pair = try search.given(.pair, choice.pair)
    var label = try search.given(.label, choice.label)
    var id = try search.given(.id, choice.id)

    if label == nil {
      // A column named "label" is not the text, even if no label is wanted.
      let found = try search.usual(.label)
      if wantsLabel { label = found }
    }
    if id == nil { id = try search.usual(.id) }
    if text == nil { text = try search.usual(.text) }
    if wantsLabel, label == nil, text == nil { label = search.labelOfTwo() }
    self.text = if let text { text } else { try search.only(.text) }
    if wantsLabel, label == nil { label = try search.only(.label) }
    self.label = label
    self.id = id
    kept = try search.kept(choice.kept)
  }

  /// What a column is for, if it is not only kept.
  func role(of column: Int) -> ColumnRole? {
    switch column {
    case text: .text
    case pair: .pair
    case label: .label
    case id: .id
    default: nil
    }
  }

  static func normalised(_ name: String) -> String {
    let isBlank: (Unicode.Scalar) -> Bool = { $0 == " " || $0 == "\t" }
    let start = name.unicodeScalars.drop(while: isBlank)
    guard let end = start.lastIndex(where: { !isBlank($0) }) else { return "" }
    return String(start[...end]).lowercased()
  }

  static func isHeader(_ names: [String]) -> Bool {
    let known = [ColumnRole.text, .label, .id].flatMap(\.usualNames)
    return names.contains { known.contains($0) }
  }
}

/// Finds columns in the first row; uses none of them twice unless the user selects it twice.
private struct ColumnSearch {
  let file: String
  let columns: [String]
  /// Names beyond the columns; the first has the index `columns.count`.
  let nested: [String]
  /// The header in lower case; nil if the file has none.
  let names: [String]?
  private var free: [Int]

  init(file: String, columns: [String], nested: [String], names: [String]?) {
    self.file = file
    self.columns = columns
    self.nested = nested
    self.names = names
    free = Array(columns.indices)
  }

  /// Returns the column selected by name or number; nil if none is selected.
  mutating func given(_ role: ColumnRole, _ choice: String?) throws(RecordError) -> Int? {
    guard let choice else { return nil }
    if let named = try named(choice) { return take(named) }
    guard let number = Int(choice), columns.indices.contains(number &- 1) else {
      throw .columnMissing(file: file, role: role, name: choice, columns: columns)
    }
    return take(number - 1)
  }

  /// Returns the columns to keep; throws if two of them have the same name in the header.
  mutating func kept(_ choice: KeptColumns) throws(RecordError) -> [Int] {
    var kept: [Int] = []
    switch choice {
    case .none: return []
    case .all: kept = Array(columns.indices)
    case .named(let names):
      var seen: Set<Int> = []
      for name in names {
        if let column = try given(.kept, name), seen.insert(column).inserted { kept.append(column) }
      }
    }
    guard names != nil else { return kept }
    let all = columns + nested
    var seen: Set<String> = []
    for column in kept where !seen.insert(all[column]).inserted {
      throw .keptRepeated(file: file, name: all[column])
    }
    return kept
  }

  /// Returns the column with a name: an exact match, or else one that ignores case.
  private func named(_ name: String) throws(RecordError) -> Int? {
    guard let names else { return nil }
    var matches = columns.indices.filter { columns[$0] == name }
    if matches.isEmpty {
      let lowercased = name.lowercased()
      matches = names.indices.filter { names[$0] == lowercased }
    }
    guard matches.count < 2 else { throw .columnRepeated(file: file, name: name) }
    return matches.first ?? nested.firstIndex(of: name).map { columns.count + $0 }
  }

  /// Returns the free column with the most likely usual name; nil if there is none.
  mutating func usual(_ role: ColumnRole) throws(RecordError) -> Int? {
    guard let names else { return nil }
    for name in role.usualNames {
      let matches = free.filter { names[$0] == name }
      guard matches.count < 2 else { throw .columnRepeated(file: file, name: name) }
      if let match = matches.first { return take(match) }
    }
    return nil
  }

  /// Returns the only free column; throws if there is not exactly one.
  mutating func only(_ role: ColumnRole) throws(RecordError) -> Int {
    guard free.count == 1 else {
      throw .columnUndecided(file: file, role: role, columns: columns, hasHeader: names != nil)
    }
    return take(free[0])
  }

  /// Returns the label column of a file of two columns without header: the only field that is a
  /// number, or else the only one that is a single short word; nil if there is neither.
  mutating func labelOfTwo() -> Int? {
    guard names == nil, columns.count == 2, free.count == 2 else { return nil }
    for looksLikeLabel in [Self.isNumber, Self.isShortWord] {
      let matches = free.filter { looksLikeLabel(columns[$0]) }
      if matches.count == 1 { return take(matches[0]) }
    }
    return nil
  }

  private static func isNumber(_ field: String) -> Bool { Int(field) != nil }

  private static func isShortWord(_ field: String) -> Bool {
    (1...32).contains(field.utf8.count)
      && !field.unicodeScalars.contains { $0.properties.isWhitespace }
  }

  private mutating func take(_ column: Int) -> Int {
    free.removeAll { $0 == column }
    return column
  }
}
