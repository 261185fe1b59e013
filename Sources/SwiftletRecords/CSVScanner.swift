/// Rows of comma-separated fields by RFC 4180, streamed.
///
/// Rows end with LF, CRLF or CR. A quote is special only at the start of a field; elsewhere it is a
/// character, as in Python's `csv`. (The CSV package at hand, SwiftCSV, loads the whole file.)
final class CSVScanner: RowScanner {
  private enum State {
    case fieldStart, unquoted, quoted
    /// After a quote inside a quoted field: its end, or the first half of a doubled quote.
    case quote
  }

  private static let quoteByte = UInt8(ascii: "\"")
  private static let comma = UInt8(ascii: ",")
  private static let lineFeed = UInt8(ascii: "\n")
  private static let carriageReturn = UInt8(ascii: "\r")

  private let source: ByteSource
  private let limit: Int
  /// The line of the next byte.
  private var line = 1
  /// The line in which the open quoted field began.
  private var quoteLine = 1
  /// Whether an LF that comes next belongs to the CR that ended the last row.
  private var skipsLineFeed = false

  init(_ source: ByteSource, limit: Int) {
    self.source = source
    self.limit = limit
  }

  func next(into row: inout FieldRow) throws(RecordError) -> Bool {
    guard try beginRow() else { return false }
    row.reset(line: line)
    var state = State.fieldStart
    repeat {
      let window = source.window
      var offset = 0
      while offset < window.count {
        let isDone = try step(&state, window, &offset, &row)
        guard row.byteCount <= limit else {
          throw .recordTooLong(file: source.name, line: row.line, limit: limit)
        }
        if isDone {
          source.consume(offset)
          return true
        }
      }
      source.consume(offset)
    } while try source.fill()
    guard state != .quoted else {
      throw .unterminatedQuote(file: source.name, line: quoteLine)
    }
    try row.endField(file: source.name)
    return true
  }

  /// Passes the second half of a CRLF; false at the end of the file.
  private func beginRow() throws(RecordError) -> Bool {
    guard try source.fill() else { return false }
    guard skipsLineFeed else { return true }
    skipsLineFeed = false
    if source.window.first == Self.lineFeed { source.consume(1) }
    return try source.fill()
  }

  /// Takes one run of plain bytes or one special byte; true when the row is complete.
  private func step(
    _ state: inout State,
    _ window: UnsafeBufferPointer<UInt8>,
    _ offset: inout Int,
    _ row: inout FieldRow
  ) throws(RecordError) -> Bool {
    switch state {
    case .quoted:
      takeQuotedRun(&state, window, &offset, &row)
      return false
    case .fieldStart where window[offset] == Self.quoteByte:
      quoteLine = line
      state = .quoted
      offset += 1
      return false
    case .quote where window[offset] == Self.quoteByte:
      row.append(Self.quoteByte)
      state = .quoted
      offset += 1
      return false
    case .fieldStart, .unquoted, .quote:
      break
    }
    if state != .quote {
      let start = offset
      while offset < window.count, !Self.endsField(window[offset]) { offset += 1 }
      row.append(UnsafeBufferPointer(rebasing: window[start..<offset]))
      state = .unquoted
      guard offset < window.count else { return false }
    }
    return try takeSeparator(&state, window, &offset, &row)
  }

  private func takeQuotedRun(
    _ state: inout State,
    _ window: UnsafeBufferPointer<UInt8>,
    _ offset: inout Int,
    _ row: inout FieldRow
  ) {
    let start = offset
    while offset < window.count, window[offset] != Self.quoteByte {
      if window[offset] == Self.lineFeed { line += 1 }
      offset += 1
    }
    row.append(UnsafeBufferPointer(rebasing: window[start..<offset]))
    guard offset < window.count else { return }
    offset += 1
    state = .quote
  }

  /// Ends the field with the byte at `offset`, and the row with it unless it is a comma.
  private func takeSeparator(
    _ state: inout State,
    _ window: UnsafeBufferPointer<UInt8>,
    _ offset: inout Int,
    _ row: inout FieldRow
  ) throws(RecordError) -> Bool {
    let byte = window[offset]
    guard Self.endsField(byte) else { throw .textAfterQuote(file: source.name, line: line) }
    offset += 1
    try row.endField(file: source.name)
    state = .fieldStart
    guard byte != Self.comma else { return false }
    line += 1
    skipsLineFeed = byte == Self.carriageReturn
    return true
  }

  private static func endsField(_ byte: UInt8) -> Bool {
    byte == comma || byte == lineFeed || byte == carriageReturn
  }
}
