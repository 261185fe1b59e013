/// How the fields of a table are written: what separates, quotes and escapes them.
///
/// What the user does not set is found from the file, by the 64 KiB at its beginning or by what a
/// pipe has brought when it pauses.
///
/// **Separator.** A first line `sep=;`, as Excel writes it, decides. Otherwise the first line is
/// read with comma, semicolon, tab and pipe, and each of them that makes two fields or more of it is
/// a candidate; a separator other than the suffix's must also find a known name there, or be
/// consistent and not look like punctuation. The candidates are compared in this order: the first
/// row has a column that is asked for, or else one with a usual name; the candidate is consistent,
/// which means that all rows have as many fields as the first one and quoted fields are whole; it
/// does not look like punctuation, which has a space behind every separator or, for a comma, digits
/// on both sides; the share of rows that fit is larger; there are more columns; it is the suffix's.
/// Without a candidate there is one column. The suffix's separator is text in it if the rows have
/// more fields than the first one otherwise, and quotes are text in it too if they do not stand
/// around the fields; but not if a quoted field is never closed or has a backslash before a quote,
/// which is rather a mistake. A row that does not fit is an error when it is read.
///
/// **Quotes.** Between commas and semicolons a field that begins with a quote is a quoted field.
/// Between tabs and pipes it may also be text that begins with a quote, as in the GLUE files, so the
/// first such field decides by the bytes that follow it, see ``QuoteEvidence``. Until then both ways
/// of reading give the same. A decision that the suffix does not suggest is reported: quotes around
/// fields in a .tsv file, quotes as text in a .csv file.
///
/// **Escapes** are read only if the user sets them: pandas writes a backslash at the end of a quoted
/// field as Spark writes an escaped quote. A row that makes sense only with escapes is an error that
/// names the option.
struct TableDialect: Equatable {
  var separator: UInt8
  /// Nil until a field that begins with a quote decides.
  var quoting: TableQuoting?
  var escape: UInt8?
  /// Whether the user said whether there are escapes.
  var isEscapeGiven = false
  /// Whether the user or a line `sep=…` set the separator.
  var isSeparatorGiven = false
  /// Whether the first line was `sep=…` and not a row.
  var hasSeparatorLine = false
  /// Whether CR alone ends a row too.
  var returnEndsRow = true

  static let quote = UInt8(ascii: "\"")
  static let lineFeed = UInt8(ascii: "\n")
  static let carriageReturn = UInt8(ascii: "\r")
  static let tab = UInt8(ascii: "\t")
  /// The separators that are looked for.
  static let separators = [UInt8(ascii: ","), UInt8(ascii: ";"), tab, UInt8(ascii: "|")]

  /// Whether quotes between these separators may be text.
  static func hasTextQuotes(_ separator: UInt8) -> Bool {
    separator == tab || separator == UInt8(ascii: "|")
  }

  /// A separator as `--delimiter` takes it.
  static func option(_ separator: UInt8) -> String {
    separator == tab ? "tab" : "'\(Unicode.Scalar(separator))'"
  }

  /// What a separator is called in a message.
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

/// Whether quotes around a field belong to it.
package enum TableQuoting: String, Sendable, Equatable, CaseIterable {
  /// A field in quotes stands for what is within them, where a quote is doubled.
  case double
  /// A quote is a character like any other.
  case none
}

/// What the user says about the dialect of a table; nil is found from the file.
package struct DialectChoice: Sendable, Equatable {
  package var separator: UInt8?
  package var quoting: TableQuoting?
  package var escape: Escape?

  package enum Escape: Sendable, Equatable {
    case none
    case byte(UInt8)
  }

  package init(separator: UInt8? = nil, quoting: TableQuoting? = nil, escape: Escape? = nil) {
    self.separator = separator
    self.quoting = quoting
    self.escape = escape
  }

  /// Whether a byte can separate fields, or escape what does.
  package static func isSeparator(_ byte: UInt8) -> Bool {
    byte < 0x80 && byte != 0 && byte != TableDialect.quote && byte != TableDialect.lineFeed
      && byte != TableDialect.carriageReturn
  }
}
