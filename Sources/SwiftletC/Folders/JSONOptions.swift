import CSwiftlet
import SwiftletJSON

/// The options of a call as a JSON object, whose keys are flags without their first dashes.
struct JSONOptions {
  private var values: [JSONValue.Member] = []
  /// The keys that were asked for.
  private var known: [String] = []

  /// Reads the object at a pointer; no options for NULL.
  init(_ pointer: UnsafePointer<CChar>?) throws(Failure) {
    guard let pointer else { return }
    let bytes = Array(try InputText.string(pointer, name: "options").utf8)
    do throws(JSONError) {
      values = try bytes.withUnsafeBufferPointer { (bytes) throws(JSONError) in
        try Self.members(of: bytes)
      }
    } catch {
      throw Failure(
        SWIFTLET_INVALID_OPTION, "options: expected an object in JSON, found: \(error)")
    }
  }

  /// Returns the members with the text of each value, so that a number keeps its digits.
  private static func members(
    of bytes: UnsafeBufferPointer<UInt8>
  ) throws(JSONError) -> [JSONValue.Member] {
    var members: [JSONValue.Member] = []
    var reader = try JSONReader(bytes, rules: .strict)
    var object = try reader.beginObject()
    while let key = try reader.nextKey(in: &object) {
      let name = key.string
      switch try reader.peek() {
      case .string: members.append((name, .string(try reader.readString())))
      case .null: _ = try reader.readNull()
      default:
        let start = reader.offset
        try reader.skipValue()
        members.append((name, .raw(Array(bytes[start..<reader.offset]))))
      }
    }
    try reader.finish()
    return members
  }

  /// Whether the object has an option, and its value is not null.
  func has(_ key: String) -> Bool { values.contains { $0.key == key } }

  // MARK: Values

  /// Returns the value of an option as it is written on a command line; nil if it is missing.
  ///
  /// The elements of an array are joined by commas.
  mutating func text(_ key: String) throws(Failure) -> String? {
    known.append(key)
    guard let value = values.first(where: { $0.key == key })?.value else { return nil }
    let text: String
    switch value {
    case .string(let string): text = string
    case .raw(let bytes): text = try Self.text(of: bytes, key)
    default: return nil
    }
    guard !text.utf8.contains(0) else {
      throw Failure(SWIFTLET_INVALID_OPTION, "\"\(key)\" contains NUL; remove it")
    }
    return text
  }

  private static func text(of bytes: [UInt8], _ key: String) throws(Failure) -> String {
    guard bytes.first == UInt8(ascii: "[") || bytes.first == UInt8(ascii: "{") else {
      return String(decoding: bytes, as: UTF8.self)
    }
    let elements = bytes.withUnsafeBufferPointer { (try? JSONValue($0))?.elements ?? [] }
    let texts = elements.compactMap { element -> String? in
      switch element {
      case .string(let text): text
      case .int, .double, .bool: String(decoding: element.json, as: UTF8.self)
      default: nil
      }
    }
    guard bytes.first == UInt8(ascii: "["), texts.count == elements.count else {
      throw Failure(
        SWIFTLET_INVALID_OPTION,
        "\"\(key)\" must be a string, a number, true, false, or an array of them")
    }
    return texts.joined(separator: ",")
  }

  /// Returns the text of an option that a call needs.
  mutating func required(_ key: String) throws(Failure) -> String {
    guard let text = try text(key), !text.isEmpty else {
      throw Failure(SWIFTLET_INVALID_OPTION, "options: \"\(key)\" is missing or empty; give it")
    }
    return text
  }

  /// Returns a flag, which is false if it is missing.
  mutating func flag(_ key: String) throws(Failure) -> Bool {
    guard let text = try text(key) else { return false }
    guard let flag = Bool(text) else {
      throw Failure(
        SWIFTLET_INVALID_OPTION, "\"\(key)\" is \"\(text)\", but must be true or false")
    }
    return flag
  }

  /// Returns a whole number.
  mutating func integer(_ key: String) throws(Failure) -> Int? {
    guard let text = try text(key) else { return nil }
    guard let number = Int(text) else {
      throw Failure(
        SWIFTLET_INVALID_OPTION, "\"\(key)\" is \"\(text)\", but must be a whole number")
    }
    return number
  }

  /// Returns one of the values of an enumeration, by its raw value.
  mutating func choice<Value: RawRepresentable & CaseIterable>(
    _ key: String, of type: Value.Type
  ) throws(Failure) -> Value? where Value.RawValue: LosslessStringConvertible {
    guard let text = try text(key) else { return nil }
    guard let value = Value.RawValue(text).flatMap({ Value(rawValue: $0) }) else {
      let names = Value.allCases.map { "\($0.rawValue)" }.joined(separator: ", ")
      throw Failure(
        SWIFTLET_INVALID_OPTION, "\"\(key)\" is \"\(text)\", but must be one of \(names)")
    }
    return value
  }

  /// Throws for a key that was not asked for.
  func finish() throws(Failure) {
    guard let unknown = values.first(where: { !known.contains($0.key) }) else { return }
    throw Failure(
      SWIFTLET_INVALID_OPTION,
      "options: \"\(unknown.key)\" is not an option of this call; the options are "
        + known.joined(separator: ", "))
  }
}
