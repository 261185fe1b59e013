import Foundation
import SwiftletJSON
import Testing

@Suite struct JSONRulesTests {
  /// A document beside its value in the form that `Tests/Fixtures/json/make.py` describes.
  struct Golden: Decodable {
    let document: String
    let value: String?
  }

  private static func goldens() throws -> [Golden] {
    let path =
      #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2)
      .joined(separator: "/") + "/Fixtures/json/python.jsonl"
    return try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
      .map { try JSONDecoder().decode(Golden.self, from: Data($0.utf8)) }
  }

  @Test func `Python's rules read what Python's json module reads, to the same value`() throws {
    let goldens = try Self.goldens()
    #expect(goldens.count > 200)
    for golden in goldens {
      #expect(Self.form(golden.document) == golden.value, "\(golden.document)")
    }
  }

  @Test func `strict rules refuse documents that only Python reads`() {
    for text in [
      "[NaN]", "[Infinity]", "[-Infinity]", #"{"a":1,"a":2}"#, #"["\ud83d"]"#, #"["\ude00"]"#,
    ] {
      #expect(failure(text) != nil, "\(text)")
    }
  }

  @Test(arguments: [
    (JSONRules.nonFiniteNumbers, "[NaN]", #"{"a":1,"a":2}"#, #"["\ud83d"]"#),
    (.repeatedKeys, #"{"a":1,"a":2}"#, "[NaN]", #"["\ud83d"]"#),
    (.loneSurrogates, #"["\ud83d"]"#, "[NaN]", #"{"a":1,"a":2}"#),
  ])
  func `each rule allows exactly one deviation`(
    rules: JSONRules, allowed: String, first: String, second: String
  ) {
    #expect(Self.form(allowed, rules) != nil)
    #expect(Self.form(first, rules) == nil)
    #expect(Self.form(second, rules) == nil)
  }

  @Test func `lone surrogates are counted, also in keys and skipped values`() throws {
    let text = #"{"\ud83d": "a", "b": ["\ude00\ud83d", "\ud83d\ude00"], "c": "\ud83d!"}"#
    let count = try Array(text.utf8).withUnsafeBufferPointer { (bytes) throws(JSONError) in
      var reader = try JSONReader(bytes, rules: .python)
      var object = try reader.beginObject()
      while try reader.nextKey(in: &object) != nil { try reader.skipValue() }
      return reader.loneSurrogateCount
    }
    #expect(count == 4)
  }

  @Test func `a caller may ask for every member of a repeated key`() throws {
    let count = try Array(#"{"a":1,"a":2}"#.utf8).withUnsafeBufferPointer {
      (bytes) throws(JSONError) in
      var reader = try JSONReader(bytes, rules: .python)
      var object = try reader.beginObject(checkingDuplicates: false)
      var count = 0
      while try reader.nextKey(in: &object) != nil {
        try reader.skipValue()
        count += 1
      }
      return count
    }
    #expect(count == 2)
  }

  // MARK: The goldens' form

  private static func form(_ document: String, _ rules: JSONRules = .python) -> String? {
    try? Array(document.utf8).withUnsafeBufferPointer { (bytes) throws(JSONError) in
      var reader = try JSONReader(bytes, rules: rules)
      let form = try form(&reader)
      try reader.finish()
      return form
    }
  }

  private static func form(_ reader: inout JSONReader) throws(JSONError) -> String {
    switch try reader.peek() {
    case .object:
      var members: [(key: String, value: String)] = []
      var object = try reader.beginObject()
      while let key = try reader.nextKey(in: &object) {
        let name = key.string
        members.append((name, try form(&reader)))
      }
      members.sort { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      return "{" + members.map { "\(hex($0.key)):\($0.value)" }.joined(separator: ",") + "}"
    case .array:
      var elements: [String] = []
      var array = try reader.beginArray()
      while try reader.nextElement(in: &array) { elements.append(try form(&reader)) }
      return "[" + elements.joined(separator: ",") + "]"
    case .string: return hex(try reader.readString())
    case .number:
      let value = try reader.readDouble()
      guard !value.isNaN else { return "nan" }
      let digits = String(value.bitPattern, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    case .boolean: return try reader.readBool() ? "true" : "false"
    case .null:
      _ = try reader.readNull()
      return "null"
    }
  }

  private static func hex(_ text: String) -> String {
    let digits = text.utf8.map { byte in
      (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
    return "\"" + digits.joined() + "\""
  }
}
