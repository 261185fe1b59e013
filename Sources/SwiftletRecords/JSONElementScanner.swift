/// Splits a file with one JSON array into the bytes of its elements, in memory for one element.
///
/// It follows strings and brackets only; the reader of an element checks the rest.
final class JSONElementScanner {
  private let source: ByteSource
  private let limit: Int

  /// The bytes of the current element.
  private(set) var bytes: [UInt8] = []
  /// The line in which the current element starts, from 1.
  private(set) var line = 1

  /// The line of the next byte.
  private var nextLine = 1
  private var isFirst = true
  private var state = State.elements

  private enum State {
    case elements
    /// After the closing bracket.
    case rest
    case finished
  }

  init(_ source: ByteSource, limit: Int) {
    self.source = source
    self.limit = limit
  }

  /// Consumes the opening bracket; returns false, and consumes nothing, if the file does not begin
  /// with one.
  func beginArray() throws(RecordError) -> Bool {
    guard try source.fill() else { return false }
    var window = source.window
    // More white space than the buffer holds is not expected; such a file is read as lines.
    if window.allSatisfy(Self.isSpace) { window = try source.lookAhead() }
    guard let first = window.firstIndex(where: { !Self.isSpace($0) }),
      window[first] == UInt8(ascii: "[")
    else { return false }
    nextLine += UnsafeBufferPointer(rebasing: window[..<first]).count(ofByte: UInt8(ascii: "\n"))
    source.consume(first + 1)
    return true
  }

  /// Reads the next element into ``bytes``; returns false after the array.
  func next() throws(RecordError) -> Bool {
    if state == .elements {
      bytes.removeAll(keepingCapacity: true)
      let first = try skipSpace()
      line = nextLine
      let isEmpty = isFirst && first == UInt8(ascii: "]")
      isFirst = false
      if try readElement() == UInt8(ascii: "]") { state = .rest }
      if !isEmpty { return true }
    }
    if state == .rest {
      state = .finished
      if try skipSpace() != nil { throw .textAfterArray(file: source.name, line: nextLine) }
    }
    return false
  }

  /// Reads an element and the byte after it, which it returns.
  private func readElement() throws(RecordError) -> UInt8 {
    var depth = 0
    var (isString, isEscaped) = (false, false)
    while try source.fill() {
      let window = source.window
      var offset = 0
      while offset < window.count {
        let byte = window[offset]
        if isString {
          isString = isEscaped || byte != UInt8(ascii: "\"")
          isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
        } else {
          switch byte {
          case UInt8(ascii: "\""): isString = true
          case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
          case UInt8(ascii: ",") where depth == 0, UInt8(ascii: "]") where depth == 0:
            try append(window[..<offset])
            source.consume(offset + 1)
            return byte
          case UInt8(ascii: "}"), UInt8(ascii: "]"): depth = max(0, depth - 1)
          default: break
          }
        }
        offset += 1
      }
      try append(window[...])
      source.consume(offset)
    }
    state = .finished
    throw .unclosedArray(file: source.name, line: line)
  }

  private func append(_ run: Slice<UnsafeBufferPointer<UInt8>>) throws(RecordError) {
    guard bytes.count + run.count <= limit else {
      state = .finished
      throw .recordTooLong(file: source.name, line: line, limit: limit)
    }
    let run = UnsafeBufferPointer(rebasing: run)
    bytes.append(contentsOf: run)
    nextLine += run.count(ofByte: UInt8(ascii: "\n"))
  }

  /// Skips white space; returns the byte after it, which is not consumed.
  private func skipSpace() throws(RecordError) -> UInt8? {
    while try source.fill() {
      let window = source.window
      let end = window.firstIndex { !Self.isSpace($0) } ?? window.count
      nextLine += UnsafeBufferPointer(rebasing: window[..<end]).count(ofByte: UInt8(ascii: "\n"))
      source.consume(end)
      if end < window.count { return window[end] }
    }
    return nil
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
  }
}
