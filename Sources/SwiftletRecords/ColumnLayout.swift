/// Where the columns of a table stand: 0-based indices, decided once from its first row.
struct ColumnLayout: Equatable {
  let hasHeader: Bool
  /// How many fields every row must have.
  let count: Int
  let text: Int
  let pair: Int?
  let label: Int?
  let id: Int?

  /// Decides from the first row.
  ///
  /// What the user named is taken first, then what has a usual name in the header; what is still
  /// missing is the one column that is left, if it is one. Without a header, two columns of which
  /// one alone looks like a label are told apart.
  init(
    firstRow: [String],
    choice: ColumnChoice,
    wantsLabel: Bool,
    file: String
  ) throws(RecordError) {
    let names = firstRow.map(Self.normalised)
    hasHeader = choice.hasHeader ?? (choice.givesNames || Self.isHeader(names))
    count = firstRow.count
    var search = ColumnSearch(file: file, columns: firstRow, names: hasHeader ? names : nil)
    var text = try search.given(.text, choice.text)
    pair = try search.given(.pair, choice.pair)
    var label = try search.given(.label, choice.label)
    var id = try search.given(.id, choice.id)

    if label == nil {
      // A column that is called "label" is no text, be it wanted as a label or not.
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

/// Finds columns in the first row of a file, none of them twice unless the user names it twice.
private struct ColumnSearch {
  let file: String
  let columns: [String]
  /// The header in lower case; nil where the file has none.
  let names: [String]?
  private var free: [Int]

  init(file: String, columns: [String], names: [String]?) {
    self.file = file
    self.columns = columns
    self.names = names
    free = Array(columns.indices)
  }

  /// The column that the user gave by name or number; nil if none was given.
  mutating func given(_ role: ColumnRole, _ choice: String?) throws(RecordError) -> Int? {
    guard let choice else { return nil }
    if let named = try named(choice) { return take(named) }
    guard let number = Int(choice), columns.indices.contains(number &- 1) else {
      throw .columnMissing(file: file, role: role, name: choice, columns: columns)
    }
    return take(number - 1)
  }

  /// The column of that name, written just so or, if there is none, in another case.
  private func named(_ name: String) throws(RecordError) -> Int? {
    guard let names else { return nil }
    var matches = columns.indices.filter { columns[$0] == name }
    if matches.isEmpty {
      let lowercased = name.lowercased()
      matches = names.indices.filter { names[$0] == lowercased }
    }
    guard matches.count < 2 else { throw .columnRepeated(file: file, name: name) }
    return matches.first
  }

  /// The free column with the likeliest usual name; nil if there is none.
  mutating func usual(_ role: ColumnRole) throws(RecordError) -> Int? {
    guard let names else { return nil }
    for name in role.usualNames {
      let matches = free.filter { names[$0] == name }
      guard matches.count < 2 else { throw .columnRepeated(file: file, name: name) }
      if let match = matches.first { return take(match) }
    }
    return nil
  }

  /// The column that is left when all others are taken.
  mutating func only(_ role: ColumnRole) throws(RecordError) -> Int {
    guard free.count == 1 else {
      throw .columnUndecided(file: file, role: role, columns: columns, hasHeader: names != nil)
    }
    return take(free[0])
  }

  /// The label of a file of two columns without header: the field that is a number, or else the
  /// one that is a single short word; nil if that holds for neither or for both.
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
