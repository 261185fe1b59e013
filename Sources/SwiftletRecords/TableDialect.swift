/// The separator, quoting and escape of a table.
///
/// What the user does not set is detected from the first 64 KiB of a file, or from what a pipe has
/// delivered when it pauses.
///
/// **Separator.** A first line `sep=;`, as Excel writes it, sets the separator. Otherwise comma,
/// semicolon, tab and pipe are tried. A separator is a candidate if it splits the first line into
/// at least two fields; one other than the format's must also yield a usual name there, or be
/// consistent and not look like punctuation. Candidates are compared by these criteria, in this
/// order:
/// 1. the first row has a selected column, or else one with a usual name;
/// 2. it is consistent: all rows have as many fields as the first, and quoted fields are complete;
/// 3. it does not look like punctuation, which has a space after every separator or, for a comma,
///    digits on both sides;
/// 4. the share of rows that have as many fields as the first;
/// 5. the number of columns;
/// 6. it is the format's own separator.
///
/// Without a candidate there is one column. The format's separator is text in it if otherwise rows
/// would have more fields than the first. Quotes are text in it if they do not enclose fields,
/// unless a quoted field is never closed or has a backslash before a quote, which suggests a
/// mistake. A row with another number of fields is an error when it is read.
///
/// **Quotes.** With commas and semicolons, a field that begins with a quote is a quoted field. With
/// tabs and pipes it may also be text, as in the GLUE files: the first such field decides, by the
/// bytes that follow it (see ``QuoteEvidence``). Rows before it read the same either way. Quotes
/// around fields in a .tsv file and quotes as text in a .csv file are reported to the user.
///
/// **Escapes** are read only if the user sets them: a backslash at the end of a quoted field of
/// pandas looks like an escaped quote of Spark. A row that is valid only with escapes is an error
/// that names the option.
struct TableDialect: Equatable {
  var separator: UInt8
  /// Nil until a field that begins with a quote decides.
  var quoting: TableQuoting?
  var escape: UInt8?
  /// Whether the user set the escape, even to none.
  var isEscapeGiven = false
  /// Whether the user or a line `sep=…` set the separator.
  var isSeparatorGiven = false
  /// Whether the first line is `sep=…`.
  var hasSeparatorLine = false
  /// Whether a lone CR also ends a row.
  var returnEndsRow = true

  static let quote = UInt8(ascii: "\"")
  static let lineFeed = UInt8(ascii: "\n")
  static let carriageReturn = UInt8(ascii: "\r")
  static let tab = UInt8(ascii: "\t")
  /// The separators that are detected.
  static let separators = [UInt8(ascii: ","), UInt8(ascii: ";"), tab, UInt8(ascii: "|")]

  /// Returns whether quotes may be text with a separator.
  static func hasTextQuotes(_ separator: UInt8) -> Bool {
    separator == tab || separator == UInt8(ascii: "|")
  }

  /// Returns a separator as the value of `--delimiter`.
  static func option(_ separator: UInt8) -> String {
    separator == tab ? "tab" : "'\(Unicode.Scalar(separator))'"
  }

  /// Returns the plural name of a separator for messages.
  static func name(of separator: UInt8) -> String {
    switch separator {
    case UInt8(ascii: ","): "commas"
    case UInt8(ascii: ";"): "semicolons"
    case tab: "tabs"
    case UInt8(ascii: "|"): "pipes"
    default: "\"\(Unicode.Scalar(separator))\""
    }
  }
}

/// How quotes are read.
package enum TableQuoting: String, Sendable, Equatable, CaseIterable {
  /// Quotes enclose fields; a quote within them is doubled.
  case double
  /// Quotes are text.
  case none
}

/// The user's settings of how a file is written; nil fields are detected.
package struct DialectChoice: Sendable, Equatable {
  /// The encoding of a file in any format.
  package var encoding: TextEncoding?
  package var separator: UInt8?
  package var quoting: TableQuoting?
  package var escape: Escape?

  package enum Escape: Sendable, Equatable {
    case none
    case byte(UInt8)
  }

  package init(
    encoding: TextEncoding? = nil, separator: UInt8? = nil, quoting: TableQuoting? = nil,
    escape: Escape? = nil
  ) {
    self.encoding = encoding
    self.separator = separator
    self.quoting = quoting
    self.escape = escape
  }

  /// Returns whether a byte can be a separator or an escape.
  package static func isSeparator(_ byte: UInt8) -> Bool {
    byte < 0x80 && byte != 0 && byte != TableDialect.quote && byte != TableDialect.lineFeed
      && byte != TableDialect.carriageReturn
  }
}
