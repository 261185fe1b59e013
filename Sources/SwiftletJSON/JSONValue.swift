/// A JSON value to write; the keys of an object keep their order.
///
/// `Sendable` is stated because deriving it from the recursive cases sends some incremental builds of
/// Swift 6.3 into a "circular reference".
package enum JSONValue: Sendable {
  package typealias Member = (key: String, value: JSONValue)

  case string(String)
  case int(Int)
  case float(Float)
  case double(Double)
  case bool(Bool)
  case null
  case array([JSONValue])
  case object([Member])
  /// Bytes that are JSON already, written unchanged.
  case raw([UInt8])

  /// The value on one line of JSON Lines, with its line break.
  package var line: [UInt8] { text(.compact) }

  /// The value as an indented file, with a line break at the end.
  package var document: [UInt8] { text(.indented) }

  private func text(_ layout: JSONBuilder.Layout) -> [UInt8] {
    var json = JSONBuilder(layout)
    json.value(self)
    return json.bytes + [UInt8(ascii: "\n")]
  }

  /// Returns the members of the object that `bytes` hold, as Python reads it; the values are raw.
  package static func rawMembers(
    of bytes: UnsafeBufferPointer<UInt8>
  ) throws(JSONError) -> [Member] {
    var members: [Member] = []
    var reader = try JSONReader(bytes, rules: .python)
    var object = try reader.beginObject()
    while let key = try reader.nextKey(in: &object) {
      let name = key.string
      _ = try reader.peek()
      let start = reader.offset
      try reader.skipValue()
      members.append((name, .raw(Array(bytes[start..<reader.offset]))))
    }
    try reader.finish()
    return members
  }
}

extension JSONBuilder {
  package mutating func value(_ value: JSONValue) {
    switch value {
    case .string(let text): string(text)
    case .int(let number): integer(number)
    case .float(let number): self.number(number)
    case .double(let number): self.number(number)
    case .bool(let flag): bool(flag)
    case .null: null()
    case .array(let elements): array(elements) { element, json in json.value(element) }
    case .object(let members):
      object { json in
        for (key, value) in members {
          json.key(text: key)
          json.value(value)
        }
      }
    case .raw(let bytes): raw(bytes)
    }
  }
}
