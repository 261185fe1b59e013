extension ProtobufReader.Field {
  /// The value of an integer field.
  ///
  /// - Throws: `unexpectedWireType` for another type of value.
  func integer() throws(ProtobufError) -> Int64 {
    guard case .varint(let value) = value else { throw unexpected("a number") }
    return Int64(bitPattern: value)
  }

  /// The value of a float field.
  ///
  /// - Throws: `unexpectedWireType` for another type of value.
  func float() throws(ProtobufError) -> Float {
    guard case .fixed32(let bits) = value else { throw unexpected("a float") }
    return Float(bitPattern: bits)
  }

  /// The range of a string, bytes or message.
  ///
  /// - Throws: `unexpectedWireType` for another type of value.
  func range() throws(ProtobufError) -> Range<Int> {
    guard case .bytes(let range) = value else { throw unexpected("a string or message") }
    return range
  }

  private func unexpected(_ expected: String) -> ProtobufError {
    .unexpectedWireType(field: number, expected: expected, offset: offset)
  }
}

extension ProtobufReader {
  /// Calls `body` with each number of a repeated integer field, in packed form or one to a field.
  ///
  /// - Throws: ``ProtobufError`` for bytes that are not numbers.
  func forEachInteger(
    of field: Field, _ body: (Int64) -> Void
  ) throws(ProtobufError) {
    guard case .bytes(let range) = field.value else { return body(try field.integer()) }
    var reader = ProtobufReader(bytes, range)
    while reader.offset < range.upperBound {
      body(Int64(bitPattern: try reader.varint()))
    }
  }

  /// The text of a range; bytes that are not UTF-8 are replaced.
  func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
}
