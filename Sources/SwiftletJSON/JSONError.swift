/// Why bytes are not the JSON that a reader expects, with the byte offset of the fault.
package enum JSONError: Error, Equatable, Sendable, CustomStringConvertible {
  case invalidUTF8(offset: Int)
  case unexpectedEnd(offset: Int)
  case unexpectedByte(UInt8, expected: String, offset: Int)
  case invalidEscape(offset: Int)
  case controlCharacter(offset: Int)
  case invalidNumber(offset: Int)
  case numberOutOfRange(offset: Int)
  case wrongType(expected: String, found: JSONKind, offset: Int)
  case duplicateKey(String, offset: Int)
  case tooDeep(limit: Int, offset: Int)
  case trailingBytes(offset: Int)

  package var description: String {
    switch self {
    case .invalidUTF8(let offset): "invalid UTF-8 at byte \(offset)"
    case .unexpectedEnd(let offset): "the JSON ends too early, at byte \(offset)"
    case .unexpectedByte(let byte, let expected, let offset):
      "expected \(expected) at byte \(offset), found \(Self.name(of: byte))"
    case .invalidEscape(let offset): "invalid escape in a string at byte \(offset)"
    case .controlCharacter(let offset): "unescaped control character in a string at byte \(offset)"
    case .invalidNumber(let offset): "not a JSON number at byte \(offset)"
    case .numberOutOfRange(let offset): "number out of range at byte \(offset)"
    case .wrongType(let expected, let found, let offset):
      "expected \(expected) at byte \(offset), found \(found.rawValue)"
    case .duplicateKey(let key, let offset):
      "duplicate key \"\(key)\" at byte \(offset)"
    case .tooDeep(let limit, let offset): "nested deeper than \(limit) levels at byte \(offset)"
    case .trailingBytes(let offset): "unexpected text after the JSON value at byte \(offset)"
    }
  }

  private static func name(of byte: UInt8) -> String {
    (0x21...0x7E).contains(byte)
      ? "'\(Unicode.Scalar(byte))'" : "byte 0x\(String(byte, radix: 16, uppercase: true))"
  }
}

/// The kind of a JSON value; the raw value is its name in errors.
package enum JSONKind: String, Equatable, Sendable {
  case object = "an object"
  case array = "an array"
  case string = "a string"
  case number = "a number"
  case boolean = "a boolean"
  case null
}
