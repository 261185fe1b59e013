import SwiftletJSON
import Testing

@Suite("JSON building") struct JSONBuilderTests {
  private static func text(_ bytes: some Collection<UInt8>) -> String {
    String(decoding: bytes, as: UTF8.self)
  }

  private static let nested = JSONValue.object([
    ("b", .array([.int(-1), .bool(true), .null, .array([])])), ("a", .string("\n\u{1}\\/é")),
    ("c", .object([])), ("d", .object([("x", .raw(Array(#"{"y":[1, 2]}"#.utf8)))])),
  ])

  @Test
  func `a line keeps the order of keys and escapes strings`() {
    #expect(
      Self.text(Self.nested.line)
        == #"{"b":[-1,true,null,[]],"a":"\n\u0001\\/é","c":{},"d":{"x":{"y":[1, 2]}}}"# + "\n")
  }

  @Test
  func `a document is indented as by json.dumps(…, indent=2), and raw values stay as they are`() {
    #expect(
      Self.text(Self.nested.document) == #"""
        {
          "b": [
            -1,
            true,
            null,
            []
          ],
          "a": "\n\u0001\\/é",
          "c": {},
          "d": {
            "x": {"y":[1, 2]}
          }
        }

        """#)
  }

  @Test
  func `a builder writes the same bytes as a value`() {
    for layout in [JSONBuilder.Layout.compact, .indented] {
      var built = JSONBuilder(layout)
      built.object { json in
        json.member("text", "a\"b")
        json.member("none", nil as String?)
        json.member("count", 3)
        json.member("missing", nil as Int?)
        json.member("score", 0.5)
        json.member("flag", false)
        json.key("rows")
        json.array([[1, 2], []]) { row, json in
          json.array(row) { number, json in json.integer(number) }
        }
        json.key(text: "\t")
        json.quoted(Array("AAAA".utf8))
      }
      var value = JSONBuilder(layout)
      value.value(
        .object([
          ("text", .string("a\"b")), ("none", .null), ("count", .int(3)), ("missing", .null),
          ("score", .float(0.5)), ("flag", .bool(false)),
          ("rows", .array([.array([.int(1), .int(2)]), .array([])])), ("\t", .string("AAAA")),
        ]))
      #expect(Self.text(built.bytes) == Self.text(value.bytes))
    }
  }

  @Test(arguments: [Float.pi, 0.1, 1e-30, 0.99999994, 16_777_216, .leastNonzeroMagnitude])
  func `floats read back as the same number, and NaN and infinities become null`(value: Float) {
    #expect(Float(Self.text(JSONValue.float(value).line.dropLast())) == value)
    let double = Double(value) / 3
    #expect(Double(Self.text(JSONValue.double(double).line.dropLast())) == double)
    for bad in [Float.nan, .infinity, -.infinity] {
      #expect(Self.text(JSONValue.float(bad).line) == "null\n")
      #expect(Self.text(JSONValue.double(Double(bad)).line) == "null\n")
    }
  }

  @Test("a value that is read is written the same, with NaN as Swift prints it")
  func reading() throws {
    let text = #"{"a":[1,-2.5,1e+300,true,null,"x"],"b":{"c":[],"d":{}},"e":3.0,"f":NaN}"#
    let value = try Array(text.utf8).withUnsafeBufferPointer { (bytes) throws(JSONError) in
      try JSONValue(bytes, rules: .python)
    }
    #expect(
      Self.text(value.line)
        == #"{"a":[1,-2.5,1e+300,true,null,"x"],"b":{"c":[],"d":{}},"e":3,"f":nan}"# + "\n")
    #expect(value["a"]?.elements.map(\.int) == [1, nil, nil, nil, nil, nil])
    #expect(value["a"]?.elements[3].bool == true && value["a"]?.elements[5].string == "x")
    #expect(value["b"]?["c"]?.elements.isEmpty == true && value["x"] == nil && value.bool == nil)
    #expect(throws: JSONError.self) {
      _ = try Array("[1] 2".utf8).withUnsafeBufferPointer { (bytes) throws(JSONError) in
        try JSONValue(bytes)
      }
    }
  }

  @Test("the members of an object come back byte for byte, the last one of a repeated key")
  func rawMembers() throws {
    let original = Array(#"{ "a" : [1,  2], "b":NaN, "a": "\u00e9" }"#.utf8)
    let members = try original.withUnsafeBufferPointer { (bytes) throws(JSONError) in
      try JSONValue.rawMembers(of: bytes)
    }
    #expect(members.map(\.key) == ["b", "a"])
    #expect(Self.text(JSONValue.object(members).line) == #"{"b":NaN,"a":"\u00e9"}"# + "\n")
    #expect(throws: JSONError.self) {
      _ = try Array("{} x".utf8).withUnsafeBufferPointer { (bytes) throws(JSONError) in
        try JSONValue.rawMembers(of: bytes)
      }
    }
  }
}
