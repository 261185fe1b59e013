import SwiftletJSON

/// What each row of the output has before the answer: where the text is from, the text, and the
/// columns that are copied from the input.
struct SourceColumns {
  /// Names of these fields in every task; a copied column never has one of them.
  static let fieldNames = ["file", "record", "id", "text", "pair", "truncated", "empty", "error"]

  var showsFile = false
  /// Whether a table has a column of ids; the first rows can add it.
  var showsID = false
  var showsText = true
  /// Whether the second text of a row, which a column of the input has, is written.
  var showsPair = false
  var copied = CopiedColumns()

  /// Adds a column of ids if the first rows have some, and determines the copied columns.
  mutating func settle(by rows: [SourcedText]) {
    showsID = showsID || rows.contains { $0.id != nil }
    copied.settle(by: rows.first?.columns ?? [])
  }

  /// The names of a table's columns.
  var names: [String] {
    var names = showsFile ? ["file"] : []
    names.append("record")
    if showsID { names.append("id") }
    if showsText { names.append("text") }
    if showsPair { names.append("pair") }
    return names + copied.names
  }

  /// Returns the fields of a table's row.
  mutating func fields(of text: SourcedText) -> [String] {
    var fields = showsFile ? [text.file ?? ""] : []
    fields.append(String(text.record))
    if showsID { fields.append(text.id ?? "") }
    if showsText { fields.append(text.text) }
    if showsPair { fields.append(text.pair ?? "") }
    return fields + copied.fields(of: text.columns, at: text.place)
  }

  /// Returns the members of a JSON object, which has an id only if the row has one.
  func members(of text: SourcedText) -> [JSONValue.Member] {
    var members: [JSONValue.Member] = []
    if showsFile, let file = text.file { members.append(("file", .string(file))) }
    members.append(("record", .int(text.record)))
    if let id = text.id { members.append(("id", .string(id))) }
    if showsText { members.append(("text", .string(text.text))) }
    if showsPair, let pair = text.pair { members.append(("pair", .string(pair))) }
    return members + copied.members(of: text.columns)
  }
}
