/// One row of a file: a text, and what else the row says about it.
package struct Record: Sendable, Equatable {
  /// 1 for the first record; a header and blank lines that are passed over do not count.
  package let number: Int
  /// The line of the file in which the record starts, from 1.
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
