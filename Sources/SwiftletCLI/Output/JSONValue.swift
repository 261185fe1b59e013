import SwiftletJSON

/// A JSON value to be printed: keys stay in the order given, floats keep the fewest digits that
/// read back as the same number.
///
/// `Sendable` stands here because deriving it from the recursive cases sends some incremental builds
/// of Swift 6.3 into a "circular reference".
enum JSONValue: Sendable {
  case string(String)
  case int(Int)
  case float(Float)
  case double(Double)
  case bool(Bool)
  case null
  case array([JSONValue])
  case object([(String, JSONValue)])

  /// Appends the value in one line without spaces.
  func append(to bytes: inout [UInt8]) {
    switch self {
    case .string(let text): JSONWriter.append(string: text, to: &bytes)
    case .int(let value): bytes.append(contentsOf: String(value).utf8)
    case .float(let value): Self.append(value.isFinite ? "\(value)" : "null", to: &bytes)
    case .double(let value): Self.append(value.isFinite ? "\(value)" : "null", to: &bytes)
    case .bool(let value): Self.append(value ? "true" : "false", to: &bytes)
    case .null: Self.append("null", to: &bytes)
    case .array(let values):
      bytes.append(UInt8(ascii: "["))
      for (index, value) in values.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        value.append(to: &bytes)
      }
      bytes.append(UInt8(ascii: "]"))
    case .object(let members):
      bytes.append(UInt8(ascii: "{"))
      for (index, member) in members.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        JSONWriter.append(string: member.0, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        member.1.append(to: &bytes)
      }
      bytes.append(UInt8(ascii: "}"))
    }
  }

  /// The value as one line of JSON Lines.
  var line: [UInt8] {
    var bytes: [UInt8] = []
    append(to: &bytes)
    bytes.append(UInt8(ascii: "\n"))
    return bytes
  }

  private static func append(_ text: String, to bytes: inout [UInt8]) {
    bytes.append(contentsOf: text.utf8)
  }
}
