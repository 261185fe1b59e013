/// The columns (or JSON keys) that the user selects; nil to find a column by its usual names.
///
/// A column is selected by its name in the header or by its 1-based number; a name takes
/// precedence. The number of a JSON key is its position in the first object.
package struct ColumnChoice: Sendable, Equatable {
  package var text: String?
  /// The second text of a pair, which is read only if it is selected.
  package var pair: String?
  package var label: String?
  package var id: String?
  /// Whether the first row is a header; nil if a usual or a selected name in it decides.
  package var hasHeader: Bool?
  /// The columns that every record keeps for the output.
  package var kept: KeptColumns

  package init(
    text: String? = nil,
    pair: String? = nil,
    label: String? = nil,
    id: String? = nil,
    hasHeader: Bool? = nil,
    kept: KeptColumns = .none
  ) {
    self.text = text
    self.pair = pair
    self.label = label
    self.id = id
    self.hasHeader = hasHeader
    self.kept = kept
  }

  /// The role of a column that is selected, if any, for formats without columns.
  var selectedRole: ColumnRole? {
    let roles: [(ColumnRole, Bool)] = [
      (.text, text != nil), (.pair, pair != nil), (.label, label != nil), (.id, id != nil),
      (.kept, kept != .none),
    ]
    return roles.first(where: \.1)?.0
  }

  /// The selected columns that are not numbers, so must be names in the header.
  var names: [String] {
    let kept: [String] = if case .named(let names) = kept { names } else { [] }
    return ([text, pair, label, id].compactMap(\.self) + kept).filter { Int($0) == nil }
  }
}

/// The columns (or JSON keys) that are kept for the output.
package enum KeptColumns: Sendable, Equatable {
  case none
  /// All columns of a table, or all keys of each object.
  case all
  /// Names or numbers, as for the other columns; the columns keep the order of this list.
  case named([String])
}

/// The use of a column.
package enum ColumnRole: String, Sendable, Equatable {
  case text, pair, label, id
  /// A column that is kept for the output.
  case kept

  /// The usual names in lower case, the most likely first.
  package var usualNames: [String] {
    switch self {
    case .text:
      [
        "text", "sentence", "content", "review", "message", "utterance", "query", "question",
        "title", "comment", "tweet", "body", "document", "description", "input", "premise",
        "sentence1", "text_a",
      ]
    case .pair, .kept: []
    case .label: ["label", "labels", "target", "class", "category", "sentiment", "intent", "y"]
    case .id: ["id", "idx", "guid", "uid"]
    }
  }

  /// The command-line option that selects the column.
  var option: String { self == .kept ? "--keep-columns" : "--\(rawValue)-column" }
}
