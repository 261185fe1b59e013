/// Which columns (or JSON keys) the user asked for; nil leaves a column to be found.
///
/// A column is given by its name in the header or by its 1-based number; a name wins over a number
/// that looks like it. The number of a JSON key is its place in the first object.
package struct ColumnChoice: Sendable, Equatable {
  package var text: String?
  /// The second text of a pair: never looked for, read only when it is named here.
  package var pair: String?
  package var label: String?
  package var id: String?
  /// Whether the first row holds names; nil: it does if one of them is a known name or is asked for.
  package var hasHeader: Bool?

  package init(
    text: String? = nil,
    pair: String? = nil,
    label: String? = nil,
    id: String? = nil,
    hasHeader: Bool? = nil
  ) {
    self.text = text
    self.pair = pair
    self.label = label
    self.id = id
    self.hasHeader = hasHeader
  }

  /// The columns that can only be meant as names in the header.
  var names: [String] { [text, pair, label, id].compactMap(\.self).filter { Int($0) == nil } }

  /// Whether one of the columns can only be meant as a name in the header.
  var givesNames: Bool { !names.isEmpty }
}

/// What a column is used for.
package enum ColumnRole: String, Sendable, Equatable {
  case text, pair, label, id

  /// The names by which a column is found, the likeliest first, in lower case.
  var usualNames: [String] {
    switch self {
    case .text:
      [
        "text", "sentence", "content", "review", "message", "utterance", "query", "question",
        "title", "comment", "tweet", "body", "document", "description", "input", "premise",
        "sentence1", "text_a",
      ]
    case .pair: []
    case .label: ["label", "labels", "target", "class", "category", "sentiment", "intent", "y"]
    case .id: ["id", "idx", "guid", "uid"]
    }
  }

  /// The option of the command line that names the column.
  var option: String { "--\(rawValue)-column" }
}
