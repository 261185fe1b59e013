/// One row of a file: a text with its id, second text and label.
package struct Record: Sendable, Equatable {
  /// The number of the record, from 1; a header and skipped blank lines do not count.
  package let number: Int
  /// The number of the line in which the record starts, from 1.
  package let line: Int
  package let id: String?
  package let text: String
  package let pair: String?
  package let label: String?
  /// The columns that ``ColumnChoice/kept`` selects, in the order of the file or of the selection.
  package let columns: [RecordColumn]
  /// The file of a text in a folder; nil if the whole file is read as records.
  package let file: String?

  package init(
    number: Int,
    line: Int,
    id: String? = nil,
    text: String,
    pair: String? = nil,
    label: String? = nil,
    columns: [RecordColumn] = [],
    file: String? = nil
  ) {
    self.number = number
    self.line = line
    self.id = id
    self.text = text
    self.pair = pair
    self.label = label
    self.columns = columns
    self.file = file
  }
}

/// A column of a row, kept for the output.
package struct RecordColumn: Sendable, Equatable {
  package enum Value: Sendable, Equatable {
    /// A field of a table, or the contents of a JSON string.
    case text(String)
    /// The source text of a JSON value that is not a string; `null` for a missing key.
    case json(String)
  }

  /// The name in the header, or the number of a column of a file without header, from 1; a JSON key.
  package let name: String
  package let value: Value
  /// What the column is for besides; nil for a column that is only kept.
  package let role: ColumnRole?

  package init(name: String, value: Value, role: ColumnRole? = nil) {
    self.name = name
    self.value = value
    self.role = role
  }

  /// The size of name and value in UTF-8.
  package var byteCount: Int {
    switch value {
    case .text(let text), .json(let text): name.utf8.count + text.utf8.count
    }
  }
}
