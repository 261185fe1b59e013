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

  package init(
    number: Int,
    line: Int,
    id: String? = nil,
    text: String,
    pair: String? = nil,
    label: String? = nil
  ) {
    self.number = number
    self.line = line
    self.id = id
    self.text = text
    self.pair = pair
    self.label = label
  }
}
