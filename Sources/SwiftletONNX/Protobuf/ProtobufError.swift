/// Why bytes are not a protobuf message. Offsets count from the start of the file.
package enum ProtobufError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A field is longer than its message.
  case truncated(offset: Int)
  /// A number has more than 64 bits.
  case varintTooLong(offset: Int)
  /// A field has the number 0, or one beyond the 29 bits of protobuf.
  case invalidFieldNumber(offset: Int)
  /// A wire type that protobuf does not have, or the end of a group that did not begin.
  case invalidWireType(field: Int, found: Int, offset: Int)
  /// A known field has another type of value.
  case unexpectedWireType(field: Int, expected: String, offset: Int)
  /// A message breaks a rule of ONNX or exceeds a limit.
  case invalidMessage(reason: String, offset: Int)

  package var description: String {
    switch self {
    case .truncated(let offset):
      "the field at byte \(offset) is longer than its message"
    case .varintTooLong(let offset):
      "the number at byte \(offset) has more than 64 bits"
    case .invalidFieldNumber(let offset):
      "the field at byte \(offset) has an invalid number"
    case .invalidWireType(let field, let found, let offset):
      "field \(field) at byte \(offset) has the wire type \(found), which is not valid there"
    case .unexpectedWireType(let field, let expected, let offset):
      "field \(field) at byte \(offset) is not \(expected)"
    case .invalidMessage(let reason, let offset):
      "the message at byte \(offset) \(reason)"
    }
  }
}
