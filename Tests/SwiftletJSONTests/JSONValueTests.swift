import SwiftletJSON
import Testing

@Suite struct JSONValueTests {
  // MARK: Numbers

  @Test(arguments: [
    ("0", 0), ("-0", 0), ("7", 7), ("-12", -12), (" 42\n", 42),
    ("9223372036854775807", Int.max), ("-9223372036854775808", Int.min),
  ]
  )
  func `whole numbers are read exactly`(text: String, value: Int) throws {
    #expect(try read(text) { (reader) throws(JSONError) in try reader.readInt() } == value)
  }

  @Test(arguments: [
    "9223372036854775808", "-9223372036854775809", "18446744073709551616",
    "100000000000000000000000000000000000000000",
  ]
  )
  func `a whole number that doesn't fit is out of range`(text: String) {
    #expect(throws: JSONError.numberOutOfRange(offset: 0)) {
      try read(text) { (reader) throws(JSONError) in try reader.readInt() }
    }
  }

  @Test func `narrow and unsigned types have their own ranges`() throws {
    #expect(
      try read("18446744073709551615") { (reader) throws(JSONError) in try reader.readUInt64() }
        == UInt64.max
    )
    #expect(
      try read("-128") { (reader) throws(JSONError) in try reader.readInteger(as: Int8.self) }
        == -128
    )
    for text in ["128", "-129"] {
      #expect(throws: JSONError.numberOutOfRange(offset: 0)) {
        try read(text) { (reader) throws(JSONError) in try reader.readInteger(as: Int8.self) }
      }
    }
    #expect(throws: JSONError.numberOutOfRange(offset: 0)) {
      try read("-1") { (reader) throws(JSONError) in try reader.readUInt64() }
    }
  }

  @Test(arguments: ["1.0", "1e2", "0.5", "-2E1"])
  func `a fraction or an exponent isn't a whole number`(text: String) {
    #expect(throws: JSONError.invalidNumber(offset: 0)) {
      try read(text) { (reader) throws(JSONError) in try reader.readInt() }
    }
  }

  @Test(arguments: [
    ("0.1", 0.1), ("-1e-12", -1e-12), ("1E+2", 100), ("5e-324", .leastNonzeroMagnitude),
    ("1e-400", 0),
    ("123456789012345678901234567890", 1.2345678901234568e29), ("-0.0", -0.0),
  ]
  )
  func `decimal numbers are read to the nearest double`(text: String, value: Double) throws {
    let found = try read(text) { (reader) throws(JSONError) in try reader.readDouble() }
    #expect(found.bitPattern == value.bitPattern)
  }

  @Test(arguments: ["1e400", "-1e309"])
  func `a double beyond the largest is out of range`(text: String) {
    #expect(throws: JSONError.numberOutOfRange(offset: 0)) {
      try read(text) { (reader) throws(JSONError) in try reader.readDouble() }
    }
  }

  @Test(arguments: [
    "01", "-01", "-", "+1", ".5", "1.", "1.e3", "1e", "1e+", "1e-", "0x10", "NaN", "Infinity",
    "-Infinity", "1_000", "- 1", "--1", "1.2.3", "1e2e3",
  ]
  )
  func `malformed numbers are refused`(text: String) { #expect(failure(text) != nil) }

  // MARK: Literals

  @Test func `true, false and null are read, and nothing similar`() throws {
    #expect(try read("true") { (reader) throws(JSONError) in try reader.readBool() })
    #expect(try !read(" false ") { (reader) throws(JSONError) in try reader.readBool() })
    #expect(try read("null") { (reader) throws(JSONError) in try reader.readNull() })
    #expect(try !read("0") { (reader) throws(JSONError) in try reader.readNull() })
    for text in ["True", "TRUE", "tru", "truth", "nul", "nil", "fals", "falsy", "truetrue"] {
      #expect(failure(text) != nil, "\(text)")
    }
  }

  @Test func `a value of another kind is refused with both kinds`() {
    #expect(throws: JSONError.wrongType(expected: "a number", found: .string, offset: 1)) {
      try read(#" "1""#) { (reader) throws(JSONError) in try reader.readInt() }
    }
    #expect(throws: JSONError.wrongType(expected: "a string", found: .null, offset: 0)) {
      try read("null") { (reader) throws(JSONError) in try reader.readString() }
    }
    #expect(throws: JSONError.wrongType(expected: "an object", found: .array, offset: 0)) {
      try read("[]") { (reader) throws(JSONError) in _ = try reader.beginObject() }
    }
  }

  // MARK: Strings

  @Test(arguments: [
    (#""""#, ""), (#""a\"b""#, "a\"b"), (#""\\\/\b\f\n\r\t""#, "\\/\u{8}\u{C}\n\r\t"),
    (#""\u0041\u00e9\u20AC""#, "Aé€"), (#""\uD83D\uDE00""#, "😀"), (#""\u0000""#, "\0"),
    (#""\uDBFF\uDFFF""#, "\u{10FFFF}"), (#""\uFFFE\uFFFF""#, "\u{FFFE}\u{FFFF}"),
    (#""é😀\u0301""#, "é😀\u{301}"), ("\"\u{7F}\u{2028}\"", "\u{7F}\u{2028}"),
  ]
  )
  func `every escape is decoded`(text: String, value: String) throws {
    let found = try read(text) { (reader) throws(JSONError) in try reader.readString() }
    #expect([UInt8](found.utf8) == [UInt8](value.utf8))
  }

  @Test(arguments: [
    #""\x""#, #""\U0041""#, #""\u12G4""#, #""\u-123""#, #""\uD800""#, #""\uDC00""#, #""\uD800x""#,
    #""\uD800\n""#, #""\uD800\u0041""#, #""\uDC00\uD800""#, #""\uD800\uD800""#, #""\'""#,
  ]
  )
  func `a wrong escape or lone surrogate is an error at its backslash`(text: String) {
    #expect(failure(text) == .invalidEscape(offset: 1))
  }

  @Test(arguments: [UInt8](0..<0x20))
  func `control characters must be escaped`(byte: UInt8) {
    let quote = UInt8(ascii: "\"")
    #expect(failure([quote, 0x61, byte, quote]) == .controlCharacter(offset: 2))
    #expect(failure([quote, 0x5C, 0x6E, byte, quote]) == .controlCharacter(offset: 3))
  }

  @Test func `a long string with escapes may outgrow the first buffer`() throws {
    let plain = String(repeating: "0123456789", count: 500)
    let text = "\"\(plain)\\n\(plain)\""
    let found = try read(text) { (reader) throws(JSONError) in try reader.readString() }
    #expect(found == plain + "\n" + plain)
  }

  @Test func `keys are matched by bytes, not by canonical equivalence`() throws {
    try read("\"e\u{301}\"") { (reader) throws(JSONError) in
      let string = try reader.readStringBytes()
      #expect(string == "e\u{301}")
      #expect(!(string == "\u{E9}"))
    }
  }
}
