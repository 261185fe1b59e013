import SwiftletJSON
import Testing

@Suite("JSON structure") struct JSONStructureTests {
  @Test
  func `an object is read key by key, an array element by element`() throws {
    let text = #" { "a" : [1, 2,3 ] , "b\n": {"c": null}, "": [] } "#
    var numbers: [Int] = []
    var keys: [String] = []
    try read(text) { (reader) throws(JSONError) in
      var object = try reader.beginObject()
      while let key = try reader.nextKey(in: &object) {
        keys.append(key.string)
        guard key == "a" else {
          try reader.skipValue()
          continue
        }
        var array = try reader.beginArray()
        while try reader.nextElement(in: &array) { numbers.append(try reader.readInt()) }
      }
      try reader.finish()
    }
    #expect(keys == ["a", "b\n", ""])
    #expect(numbers == [1, 2, 3])
  }

  @Test(arguments: [
    "{}", "[]", "[[],{}]", "0", "\"x\"", "\t\r\n {} \t\r\n", "[1,[2,[3]],{\"a\":{\"b\":[]}}]",
    "{\"a\":1,\"A\":1,\"\u{E9}\":1,\"e\u{301}\":1}",
  ]
  )
  func `valid documents pass`(text: String) { #expect(failure(text) == nil) }

  @Test(arguments: [
    "", " ", "{", "}", "[", "]", "{]", "[}", "[1,]", "[,1]", "[1,,2]", "[1 2]", "{,}",
    #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, #"{"a":1 "b":2}"#, #"{"a"=1}"#, "{1:2}", "{a:1}",
    #"{'a':1}"#, #"{"a":1}}"#, "[]]", "{}{}", "1 2", "// x\n1", "/* */1", "[1;2]", "\u{FEFF}{}",
    "\u{A0}{}", "\u{B}{}", "nullnull",
  ]
  )
  func `broken structure is refused`(text: String) { #expect(failure(text) != nil) }

  @Test(arguments: [
    #"{"a":1,"a":2}"#, #"{"a":1,"b":0,"\u0061":2}"#, #"{"":1,"":2}"#,
    #"{"x":[{"é":1,"\u00e9":2}]}"#,
  ]
  )
  func `the same key twice is an error, however it is written`(text: String) {
    guard case .duplicateKey = failure(text) else {
      Issue.record("\(text) was taken")
      return
    }
  }

  @Test
  func `a caller may check for duplicates itself`() throws {
    try read(#"{"a":1,"a":2}"#) { (reader) throws(JSONError) in
      var object = try reader.beginObject(checkingDuplicates: false)
      var count = 0
      while try reader.nextKey(in: &object) != nil {
        try reader.skipValue()
        count += 1
      }
      #expect(count == 2)
    }
  }

  @Test
  func `nesting is allowed up to the limit and not one level further`() {
    for limit in [1, 2, 64] {
      let allowed = String(repeating: "[", count: limit) + String(repeating: "]", count: limit)
      #expect(failure(allowed, depthLimit: limit) == nil)
      #expect(failure("[\(allowed)]", depthLimit: limit) == .tooDeep(limit: limit, offset: limit))
    }
    let siblings = "[" + String(repeating: "[],", count: 1000) + "{}]"
    #expect(failure(siblings, depthLimit: 2) == nil)
    let hostile = [UInt8](repeating: UInt8(ascii: "["), count: 1_000_000)
    #expect(failure(hostile) == .tooDeep(limit: 64, offset: 64))
  }

  @Test
  func `a document cut short anywhere is an error`() {
    let document = [UInt8](
      #"{"a":[1,-2.5e+3,"é\u00e9\uD83D\uDE00\n"],"b":{"c":true,"d":null}}"#.utf8
    )
    #expect(failure(document) == nil)
    for count in 0..<document.count {
      #expect(failure([UInt8](document[..<count])) != nil, "cut to \(count) bytes")
    }
  }

  @Test
  func `a document with any byte replaced is read or refused, never a trap`() {
    let document = [UInt8](#"{"a":[1,-2.5e+3,"é\u00e9\uD83D\uDE00\n"],"b":{"c":true}}"#.utf8)
    for position in document.indices {
      for byte in UInt8.min...UInt8.max {
        var mutated = document
        mutated[position] = byte
        _ = failure(mutated)
      }
    }
  }

  @Test(arguments: [
    (
      #"{"a": x}"#,
      JSONError.unexpectedByte(UInt8(ascii: "x"), expected: "a JSON value", offset: 6)
    ),
    ("[1 2]", .unexpectedByte(UInt8(ascii: "2"), expected: "',' or ']'", offset: 3)),
    (#"{"a" 1}"#, .unexpectedByte(UInt8(ascii: "1"), expected: "':'", offset: 5)),
    ("{1:2}", .unexpectedByte(UInt8(ascii: "1"), expected: "a key in quotes", offset: 1)),
    ("[1,]", .unexpectedByte(UInt8(ascii: "]"), expected: "a value after ','", offset: 3)),
    ("[1", .unexpectedEnd(offset: 2)),
    ("\"abc", .unexpectedEnd(offset: 4)),
    ("{} x", .trailingBytes(offset: 3)),
    (#"{"k":1, "k":2}"#, .duplicateKey("k", offset: 8)),
    ("[-]", .invalidNumber(offset: 1)),
  ]
  )
  func `errors say where`(text: String, error: JSONError) { #expect(failure(text) == error) }

  @Test
  func `every error reads as a sentence with its position`() {
    #expect(
      "\(JSONError.trailingBytes(offset: 3))" == "unexpected text after the JSON value at byte 3")
    #expect(
      "\(JSONError.unexpectedByte(0x0A, expected: "':'", offset: 5))"
        == "expected ':' at byte 5, found byte 0xA"
    )
  }
}
