import SwiftletJSON
import SwiftletSystem

/// A small JSON file as a tree, for settings of which few keys are read.
enum JSONTree {
  case object([(key: String, value: JSONTree)])
  case array([JSONTree])
  case string(String)
  case number(Double)
  case bool(Bool)
  case null

  init(_ reader: inout JSONReader) throws(JSONError) {
    switch try reader.peek() {
    case .object:
      var members: [(key: String, value: JSONTree)] = []
      var object = try reader.beginObject()
      while let key = try reader.nextKey(in: &object) {
        let name = key.string
        members.append((name, try JSONTree(&reader)))
      }
      self = .object(members)
    case .array:
      var elements: [JSONTree] = []
      var array = try reader.beginArray()
      while try reader.nextElement(in: &array) { elements.append(try JSONTree(&reader)) }
      self = .array(elements)
    case .string: self = .string(try reader.readString())
    case .number: self = .number(try reader.readDouble())
    case .boolean: self = .bool(try reader.readBool())
    case .null:
      _ = try reader.readNull()
      self = .null
    }
  }

  /// Reads a file in a directory; nil if it does not exist.
  init?(_ name: String, in directory: String) throws(SwiftletError) {
    guard let file = try ModelFiles.contents(of: name, in: directory) else { return nil }
    do throws(JSONError) {
      self = try withExtendedLifetime(file) { () throws(JSONError) in
        var reader = try JSONReader(
          file.bytes.bindMemory(to: UInt8.self), rules: .python)
        let tree = try JSONTree(&reader)
        try reader.finish()
        return tree
      }
    } catch {
      throw .invalidModel(reason: "\(file.path): \(error.description)")
    }
  }

  /// The member with a name; nil if it is missing or null.
  subscript(name: String) -> JSONTree? {
    guard case .object(let members) = self else { return nil }
    guard let value = members.first(where: { $0.key == name })?.value else { return nil }
    if case .null = value { return nil }
    return value
  }

  /// Returns the member with a name as a positive integer; nil if it is missing or null.
  func count(_ name: String, _ path: String) throws(SwiftletError) -> Int? {
    guard let value = self[name] else { return nil }
    guard let count = value.int, count >= 1 else {
      throw .invalidModel(
        reason:
          "\(path): \"\(name)\" is \(String(decoding: value.json, as: UTF8.self)); expected a "
          + "positive integer")
    }
    return count
  }

  /// The tree as JSON text.
  var json: [UInt8] {
    var json = JSONBuilder()
    append(to: &json)
    return json.bytes
  }

  private func append(to json: inout JSONBuilder) {
    switch self {
    case .object(let members):
      json.object { json in
        for member in members {
          json.key(text: member.key)
          member.value.append(to: &json)
        }
      }
    case .array(let elements): json.array(elements) { element, json in element.append(to: &json) }
    case .string(let value): json.string(value)
    case .number(let value):
      json.raw(Array((Int(exactly: value).map { "\($0)" } ?? "\(value)").utf8))
    case .bool(let value): json.bool(value)
    case .null: json.null()
    }
  }

  var members: [(key: String, value: JSONTree)] {
    if case .object(let members) = self { members } else { [] }
  }
  var elements: [JSONTree] { if case .array(let elements) = self { elements } else { [] } }
  var string: String? { if case .string(let value) = self { value } else { nil } }
  var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  var int: Int? { if case .number(let value) = self { Int(exactly: value) } else { nil } }
}
