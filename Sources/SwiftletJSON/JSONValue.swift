/// A JSON value, to write or to read in a whole; the keys of an object keep their order.
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

  /// The value in one line, without a line break.
  package var json: [UInt8] { text(.compact) }

  /// The value as a line of JSON Lines, with its line break.
  package var line: [UInt8] { json + [UInt8(ascii: "\n")] }

  /// The value as an indented file, with a line break at the end.
  package var document: [UInt8] { text(.indented) + [UInt8(ascii: "\n")] }

  private func text(_ layout: JSONBuilder.Layout) -> [UInt8] {
    var json = JSONBuilder(layout)
    json.value(self)
    return json.bytes
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

// MARK: Reading

extension JSONValue {
  /// Reads the whole document in `bytes`.
  package init(
    _ bytes: UnsafeBufferPointer<UInt8>, rules: JSONRules = .strict
  ) throws(JSONError) {
    var reader = try JSONReader(bytes, rules: rules)
    self = try JSONValue(&reader)
    try reader.finish()
  }

  private init(_ reader: inout JSONReader) throws(JSONError) {
    switch try reader.peek() {
    case .object:
      var members: [Member] = []
      var object = try reader.beginObject()
      while let key = try reader.nextKey(in: &object) {
        let name = key.string
        members.append((name, try JSONValue(&reader)))
      }
      self = .object(members)
    case .array:
      var elements: [JSONValue] = []
      var array = try reader.beginArray()
      while try reader.nextElement(in: &array) { elements.append(try JSONValue(&reader)) }
      self = .array(elements)
    case .string: self = .string(try reader.readString())
    case .number:
      let number = try reader.readDouble()
      // NaN and infinities, which the rules may allow, would be written as null.
      self =
        Int(exactly: number).map(JSONValue.int)
        ?? (number.isFinite ? .double(number) : .raw(Array("\(number)".utf8)))
    case .boolean: self = .bool(try reader.readBool())
    case .null:
      _ = try reader.readNull()
      self = .null
    }
  }

  /// The member `name`; nil if it is missing or null.
  package subscript(name: String) -> JSONValue? {
    guard let value = members.first(where: { $0.key == name })?.value else { return nil }
    if case .null = value { return nil }
    return value
  }

  package var members: [Member] { if case .object(let members) = self { members } else { [] } }
  package var elements: [JSONValue] { if case .array(let elements) = self { elements } else { [] } }
  package var string: String? { if case .string(let value) = self { value } else { nil } }
  package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  package var int: Int? { if case .int(let value) = self { value } else { nil } }
}

// MARK: Writing

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
