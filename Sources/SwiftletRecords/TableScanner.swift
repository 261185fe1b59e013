/// Streams rows of fields from a source, in the dialect of a ``TableDialect``.
///
/// Rows end in LF, CRLF or CR. A quote is special only at the start of a field, as in Python's
/// `csv`. (The package SwiftCSV loads the whole file.)
final class TableScanner {
  private enum State {
    case fieldStart, unquoted, quoted
    /// After a quote inside a quoted field: the closing quote, or the first of a doubled quote.
    case quote
    /// After an escape.
    case escape(isQuoted: Bool)
  }

  private let source: ByteSource
  private let limit: Int
  private var dialect: TableDialect {
    didSet { rules = Rules(dialect) }
  }
  private var rules: Rules
  /// The quoting decided at the first field that begins with a quote, and its line; nil before it
  /// and if the dialect sets the quoting.
  private(set) var foundQuoting: (quoting: TableQuoting, line: Int)?
  /// The line of the next byte.
  private var line: Int
  /// The line in which the open quoted field began.
  private var quoteLine = 1
  /// Whether a following LF belongs to the CR that ended the last row.
  private var skipsLineFeed = false
  /// The evidence on quotes from the rows before the decision.
  private var evidence = QuoteEvidence()
  private var rowCount = 0
  /// The number of fields in the first row that is not blank; 0 before it.
  private var width = 0

  init(_ source: ByteSource, dialect: TableDialect, limit: Int) {
    self.source = source
    self.dialect = dialect
    self.limit = limit
    line = dialect.hasSeparatorLine ? 2 : 1
    rules = Rules(dialect)
  }

  /// Values derived from the dialect for the inner loops.
  private struct Rules {
    let isUndecided: Bool
    let readsQuotes: Bool
    /// The bytes that end a run of plain bytes outside quotes.
    let unquotedEnds: ByteSet
    /// The bytes that end a run of plain bytes inside quotes.
    let quotedEnds: ByteSet

    init(_ dialect: TableDialect) {
      isUndecided = dialect.quoting == nil
      readsQuotes = dialect.quoting == .double
      let separator = dialect.separator
      let quote = TableDialect.quote
      unquotedEnds = ByteSet(
        separator, TableDialect.lineFeed,
        dialect.returnEndsRow ? TableDialect.carriageReturn : separator,
        dialect.escape ?? separator)
      quotedEnds = ByteSet(quote, dialect.escape ?? quote, quote, quote)
    }
  }

  /// Reads the next row; returns false at the end.
  func next(into row: inout FieldRow) throws(RecordError) -> Bool {
    guard try beginRow() else { return false }
    row.reset(line: line)
    rowCount += 1
    var state = State.fieldStart
    repeat {
      var window = source.window
      var offset = 0
      while offset < window.count {
        if rules.isUndecided, case .fieldStart = state, window[offset] == TableDialect.quote {
          source.consume(offset)
          offset = 0
          window = try decideQuoting(after: row.count)
        }
        let isDone = try step(&state, window, &offset, &row)
        guard row.byteCount <= limit else {
          throw .recordTooLong(file: source.name, line: row.line, limit: limit)
        }
        if isDone {
          source.consume(offset)
          if width == 0, !row.isBlank { width = row.count }
          return true
        }
      }
      source.consume(offset)
    } while try source.fill()
    try finish(state, &row)
    return true
  }

  /// Skips the LF of a CRLF; returns false at the end of the file.
  private func beginRow() throws(RecordError) -> Bool {
    guard try source.fill() else { return false }
    guard skipsLineFeed else { return true }
    skipsLineFeed = false
    if source.window.first == TableDialect.lineFeed { source.consume(1) }
    return try source.fill()
  }

  /// Ends the last row of a file without a final line break.
  private func finish(_ state: State, _ row: inout FieldRow) throws(RecordError) {
    switch state {
    case .escape(let isQuoted):
      if let escape = dialect.escape { row.append(escape) }
      if isQuoted { throw unterminatedQuote(row) }
    case .quoted: throw unterminatedQuote(row)
    case .unquoted: dropReturn(&row)
    case .fieldStart, .quote: break
    }
    try endField(&row, isUnquoted: true)
  }

  private func unterminatedQuote(_ row: FieldRow) -> RecordError {
    row.mayHaveEscapes
      ? .escapedQuote(file: source.name, line: row.line)
      : .unterminatedQuote(file: source.name, line: quoteLine)
  }

  /// Decides the quoting at a field that begins with a quote; returns the window from there.
  private func decideQuoting(after width: Int) throws(RecordError) -> UnsafeBufferPointer<UInt8> {
    let window = try source.lookAhead()
    func sample(_ quoting: TableQuoting) -> TableSample {
      TableSample(
        window, separator: dialect.separator, quoting: quoting, escape: dialect.escape,
        isWhole: source.isAtEnd, after: width)
    }
    var quotes = sample(.double).quotes
    let plain = sample(.none)
    quotes.bareQuotes += evidence.bareQuotes
    quotes.plainWithComma += evidence.plainWithComma
    let quoting = quotes.quoting(
      rowsFitUnquoted: plain.share(of: self.width > 0 ? self.width : plain.width) == 1,
      rowsBefore: rowCount - 1)
    dialect.quoting = quoting
    if quoting == .double { dialect.returnEndsRow = true }
    foundQuoting = (quoting, line)
    return window
  }

  /// Consumes one run of plain bytes or one special byte; returns true when the row is complete.
  private func step(
    _ state: inout State,
    _ window: UnsafeBufferPointer<UInt8>,
    _ offset: inout Int,
    _ row: inout FieldRow
  ) throws(RecordError) -> Bool {
    let isQuote = window[offset] == TableDialect.quote && rules.readsQuotes
    switch state {
    case .quoted:
      takeQuotedRun(&state, window, &offset, &row)
      return false
    case .escape(let isQuoted):
      takeEscaped(window[offset], isQuoted: isQuoted, &row)
      offset += 1
      state = isQuoted ? .quoted : .unquoted
      return false
    case .fieldStart where isQuote:
      quoteLine = line
      state = .quoted
      offset += 1
      return false
    case .quote where isQuote:
      row.append(TableDialect.quote)
      state = .quoted
      offset += 1
      return false
    case .quote:
      return try takeEnd(&state, window[offset], &offset, &row)
    case .fieldStart, .unquoted:
      takeRun(window, &offset, &row)
      state = .unquoted
      guard offset < window.count else { return false }
      if window[offset] == dialect.escape {
        offset += 1
        state = .escape(isQuoted: false)
        return false
      }
      return try takeEnd(&state, window[offset], &offset, &row)
    }
  }

  /// Consumes the bytes of an unquoted field up to its end or an escape.
  private func takeRun(
    _ window: UnsafeBufferPointer<UInt8>, _ offset: inout Int, _ row: inout FieldRow
  ) {
    let start = offset
    offset = window.firstIndex(of: rules.unquotedEnds, from: start)
    let run = UnsafeBufferPointer(rebasing: window[start..<offset])
    row.append(run)
    if rules.isUndecided {
      if run.firstIndex(ofByte: TableDialect.quote) != nil { evidence.bareQuotes += 1 }
      // Only whether there is such a field matters, not the number.
      if evidence.plainWithComma == 0, run.firstIndex(ofByte: UInt8(ascii: ",")) != nil {
        evidence.plainWithComma = 1
      }
    } else if row.mayHaveEscapes, run.firstIndex(ofByte: TableDialect.quote) != nil {
      row.hasStrayQuote = true
    }
  }

  private func takeQuotedRun(
    _ state: inout State,
    _ window: UnsafeBufferPointer<UInt8>,
    _ offset: inout Int,
    _ row: inout FieldRow
  ) {
    let start = offset
    offset = window.firstIndex(of: rules.quotedEnds, from: start)
    let run = UnsafeBufferPointer(rebasing: window[start..<offset])
    line += run.count(ofByte: TableDialect.lineFeed)
    row.append(run)
    guard offset < window.count else { return }
    if window[offset] == TableDialect.quote {
      state = .quote
      if !dialect.isEscapeGiven, row.lastByte == UInt8(ascii: "\\") {
        row.mayHaveEscapes = true
      }
    } else {
      state = .escape(isQuoted: true)
    }
    offset += 1
  }

  /// Appends the byte after an escape: unchanged if it is special in the dialect; without quoting
  /// also the control characters that MySQL and PostgreSQL write as letters; otherwise keeps the
  /// escape.
  private func takeEscaped(_ byte: UInt8, isQuoted: Bool, _ row: inout FieldRow) {
    if byte == TableDialect.lineFeed { line += 1 }
    switch byte {
    case TableDialect.quote, TableDialect.lineFeed, TableDialect.carriageReturn, dialect.separator,
      dialect.escape:
      row.append(byte)
    case UInt8(ascii: "n") where dialect.quoting == TableQuoting.none:
      row.append(TableDialect.lineFeed)
    case UInt8(ascii: "r") where dialect.quoting == TableQuoting.none:
      row.append(TableDialect.carriageReturn)
    case UInt8(ascii: "t") where dialect.quoting == TableQuoting.none:
      row.append(TableDialect.tab)
    default:
      if let escape = dialect.escape { row.append(escape) }
      row.append(byte)
    }
  }

  /// Ends the field at `byte`, and the row too unless the byte is a separator.
  private func takeEnd(
    _ state: inout State, _ byte: UInt8, _ offset: inout Int, _ row: inout FieldRow
  ) throws(RecordError) -> Bool {
    let endsRow = byte == TableDialect.lineFeed || byte == TableDialect.carriageReturn
    guard byte == dialect.separator || endsRow else {
      throw row.mayHaveEscapes
        ? .escapedQuote(file: source.name, line: row.line)
        : .textAfterQuote(file: source.name, line: line, separator: dialect.separator)
    }
    offset += 1
    if case .unquoted = state {
      if byte == TableDialect.lineFeed { dropReturn(&row) }
      try endField(&row, isUnquoted: true)
    } else {
      try endField(&row, isUnquoted: false)
    }
    state = .fieldStart
    guard endsRow else { return false }
    line += 1
    skipsLineFeed = byte == TableDialect.carriageReturn
    if row.hasStrayQuote { throw .escapedQuote(file: source.name, line: row.line) }
    return true
  }

  /// Removes the CR of a CRLF from a field if a lone CR is text.
  private func dropReturn(_ row: inout FieldRow) {
    if !dialect.returnEndsRow, row.lastByte == TableDialect.carriageReturn { row.dropLast(1) }
  }

  private func endField(_ row: inout FieldRow, isUnquoted: Bool) throws(RecordError) {
    // `\N` is NULL in files of MySQL and PostgreSQL.
    if isUnquoted, let escape = dialect.escape, row.openField.elementsEqual([escape, 0x4E]) {
      row.dropLast(2)
    }
    try row.endField(file: source.name)
  }
}
