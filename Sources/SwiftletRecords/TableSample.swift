/// Statistics of the beginning of a table read with one separator, to judge whether it is the right
/// one. Reading the sample never fails.
struct TableSample {
  let separator: UInt8
  let quoting: TableQuoting
  /// The field count of each complete row, without blank rows.
  private(set) var widths: [Int] = []
  /// The field count of the incomplete row at the end of the sample.
  private(set) var cutWidth = 0
  /// The fields of the first row.
  private(set) var names: [String] = []
  private(set) var quotes = QuoteEvidence()

  private var separators = 0
  private var separatorsBeforeSpace = 0
  private var separatorsBetweenDigits = 0

  /// Reads `bytes`, which are the rest of the table if `isWhole`; `width` is the number of fields
  /// of the first row before them.
  init(
    _ bytes: UnsafeBufferPointer<UInt8>, separator: UInt8, quoting: TableQuoting, escape: UInt8?,
    isWhole: Bool, after width: Int = 0
  ) {
    self.separator = separator
    self.quoting = quoting
    var reading = Reading(bytes, separator: separator, quoting: quoting, escape: escape)
    var width = width
    while let field = reading.next() {
      width += 1
      if widths.isEmpty { names.append(field.text(in: bytes)) }
      let isCut = field.end == .endOfSample && !isWhole
      quotes.add(field, column: width - 1, isCut: isCut)
      switch field.end {
      case .separator: count(separatorAt: field.range.upperBound, in: bytes)
      case .row, .endOfSample:
        if isCut {
          cutWidth = width
        } else if width > 1 || !field.range.isEmpty {
          widths.append(width)
        }
        width = 0
      }
    }
  }

  private mutating func count(separatorAt index: Int, in bytes: UnsafeBufferPointer<UInt8>) {
    separators += 1
    guard index + 1 < bytes.count else { return }
    if bytes[index + 1] == UInt8(ascii: " ") { separatorsBeforeSpace += 1 }
    if index > 0, Self.isDigit(bytes[index - 1]), Self.isDigit(bytes[index + 1]) {
      separatorsBetweenDigits += 1
    }
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  /// The field count of the part of the first row that is in the sample.
  var width: Int { widths.first ?? cutWidth }

  /// The share of rows with as many fields as the first.
  var consistency: Double { share(of: width) }

  /// Returns the share of rows with `width` fields.
  func share(of width: Int) -> Double {
    let rows = widths.count + (cutWidth > 0 ? 1 : 0)
    let fitting = widths.count { $0 == width } + (cutWidth > 0 && cutWidth <= width ? 1 : 0)
    return rows > 0 ? Double(fitting) / Double(rows) : 0
  }

  /// Whether all rows have as many fields as the first, and all quoted fields are complete.
  var isConsistent: Bool { consistency == 1 && quotes.broken == 0 }

  /// Whether the separators may be the punctuation of a text, or of numbers.
  var looksLikePunctuation: Bool {
    guard separator == UInt8(ascii: ",") || separator == UInt8(ascii: ";") else { return false }
    return separators > 0
      && (separatorsBeforeSpace == separators
        || separator == UInt8(ascii: ",") && separatorsBetweenDigits == separators)
  }
}

/// A field of a ``TableSample``.
struct SampleField {
  enum End { case separator, row, endOfSample }

  /// The range of its bytes, including quotes.
  let range: Range<Int>
  let end: End
  /// Whether it begins with a quote.
  let isQuoted: Bool
  /// Whether a quoted field has a second quote that is not doubled.
  let hasClosingQuote: Bool
  /// Whether the closing quote is at the end of the field.
  let isClosed: Bool
  /// Whether a quote in it follows a backslash that is not an escape.
  let hasBackslashedQuote: Bool
  /// Whether it has doubled quotes within its quotes.
  let hasDoubledQuote: Bool
  /// Whether it has separators or line breaks within its quotes.
  let holdsEnds: Bool
  let hasComma: Bool
  /// Whether it contains a quote but does not begin with one.
  let hasBareQuote: Bool

  /// Returns the text within the quotes, for names in a header.
  func text(in bytes: UnsafeBufferPointer<UInt8>) -> String {
    let inner = isQuoted && isClosed ? range.dropFirst().dropLast() : range[...]
    return String(decoding: bytes[inner], as: UTF8.self)
  }
}

/// Splits bytes into fields.
private struct Reading {
  let bytes: UnsafeBufferPointer<UInt8>
  let separator: UInt8
  let quoting: TableQuoting
  let escape: UInt8?
  private var offset = 0

  init(
    _ bytes: UnsafeBufferPointer<UInt8>, separator: UInt8, quoting: TableQuoting, escape: UInt8?
  ) {
    self.bytes = bytes
    self.separator = separator
    self.quoting = quoting
    self.escape = escape
  }

  mutating func next() -> SampleField? {
    guard offset < bytes.count else { return nil }
    let start = offset
    let isQuoted = quoting == .double && bytes[offset] == TableDialect.quote
    let quoted = isQuoted ? skipQuoted() : Quoted()
    var hasBareQuote = false
    let rest = offset
    while offset < bytes.count, !endsField(bytes[offset]) {
      if bytes[offset] == TableDialect.quote { hasBareQuote = true }
      offset += bytes[offset] == escape ? 2 : 1
    }
    offset = min(offset, bytes.count)
    let range = start..<offset
    return SampleField(
      range: range, end: skipEnd(), isQuoted: isQuoted,
      hasClosingQuote: quoted.isClosed, isClosed: quoted.isClosed && range.upperBound == rest,
      hasBackslashedQuote: quoted.hasBackslashedQuote, hasDoubledQuote: quoted.hasDoubledQuote,
      holdsEnds: quoted.holdsEnds,
      hasComma: bytes[range].contains(UInt8(ascii: ",")), hasBareQuote: !isQuoted && hasBareQuote)
  }

  private struct Quoted {
    var isClosed = false
    var hasBackslashedQuote = false
    var hasDoubledQuote = false
    var holdsEnds = false
  }

  /// Skips a quoted field and its closing quote.
  private mutating func skipQuoted() -> Quoted {
    var quoted = Quoted()
    offset += 1
    while offset < bytes.count {
      let byte = bytes[offset]
      if byte == escape {
        offset = min(offset + 2, bytes.count)
        continue
      }
      offset += 1
      if byte == TableDialect.quote {
        if escape == nil, bytes[offset - 2] == UInt8(ascii: "\\") {
          quoted.hasBackslashedQuote = true
        }
        guard offset < bytes.count, bytes[offset] == TableDialect.quote else {
          quoted.isClosed = true
          return quoted
        }
        quoted.hasDoubledQuote = true
        offset += 1
      } else if endsField(byte) {
        quoted.holdsEnds = true
      }
    }
    return quoted
  }

  private mutating func skipEnd() -> SampleField.End {
    guard offset < bytes.count else { return .endOfSample }
    let byte = bytes[offset]
    offset += 1
    guard byte != separator else { return .separator }
    if byte == TableDialect.carriageReturn, offset < bytes.count,
      bytes[offset] == TableDialect.lineFeed
    {
      offset += 1
    }
    return .row
  }

  private func endsField(_ byte: UInt8) -> Bool {
    byte == separator || byte == TableDialect.lineFeed || byte == TableDialect.carriageReturn
  }
}
