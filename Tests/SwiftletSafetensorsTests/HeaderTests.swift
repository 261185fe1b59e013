import SwiftletSafetensors
import Testing

/// The reference implementation's own test vectors, and cases for its order of checks.
@Suite struct HeaderTests {
  private static let square = entry("I32", "[2,2]", "[0,16]")
  private static let data = [UInt8](repeating: 0, count: 16)

  @Test(arguments: [
    ("{}\r \t\n", 0, 0), ("\t\n{}\r ", 0, 0), ("{}", 0, 0), (#"{"__metadata__":null}"#, 0, 0),
    (entry("I32", "[]", "[0,4]"), 4, 1), (entry("I32", "[2,2]", "[0,16]"), 16, 1),
    (entry("I32", "[2,0]", "[0, 0]"), 0, 1), (entry("F4", "[4]", "[0,2]"), 2, 1),
    (entry("U8", "[0,9223372036854775807,3]", "[0,0]"), 0, 1),
    (entry("U8", "[4611686018427387904,2,0]", "[0,0]"), 0, 1),
  ]
  )
  func `valid files open`(header: String, dataCount: Int, tensorCount: Int) throws {
    let file = try SafetensorsFile(bytes: file(header, data: pattern(dataCount)))
    #expect(file.tensors.count == tensorCount)
    #expect(file.tensors.reduce(0) { $0 + $1.byteCount } == dataCount)
    #expect(file.metadata.isEmpty)
  }

  @Test func `a tensor is what the header says`() throws {
    let file = try SafetensorsFile(bytes: file(Self.square, data: pattern(16)))
    let tensor = try #require(file.tensor("test"))
    #expect(tensor.dataType == .i32)
    #expect(tensor.shape == [2, 2])
    #expect(tensor.dataOffsets == 0..<16)
    #expect(tensor.elementCount == 4)
    #expect(try file.withBytes(of: "test") { [UInt8]($0) } == pattern(16))
    #expect(file.tensor("Test") == nil)
    #expect(throws: SafetensorsError.tensorNotFound(file: "(bytes)", tensor: "no")) {
      try file.withBytes(of: "no") { $0.count }
    }
  }

  // MARK: Checks 1 to 4

  @Test(arguments: 0..<8)
  func `fewer than eight bytes are too small a header`(count: Int) {
    let bytes = [UInt8](repeating: 0, count: count)
    #expect(failure(bytes) == .headerTooSmall(file: "(bytes)", byteCount: count))
  }

  @Test(arguments: [
    100_000_001, 0xFFFF_FF00_0000_003C, UInt64.max, UInt64(Int64.max), UInt64(Int64.max) - 7,
  ]
  )
  func `a header over 100 MB is refused, whatever the file's size`(count: UInt64) {
    #expect(
      failure(length(count) + [0x7B, 0x7D])
        == .headerTooLarge(file: "(bytes)", limit: 100_000_000, found: count)
    )
  }

  @Test(arguments: [
    (UInt64(0x3C), 0), (3, 2), (100_000_000, 2),
  ]
  )
  func `a header longer than the file is an invalid length`(count: UInt64, present: Int) {
    #expect(
      failure(length(count) + [UInt8](repeating: 0x20, count: present))
        == .invalidHeaderLength(
          file: "(bytes)",
          headerLength: Int(count),
          fileLength: 8 + present
        )
    )
  }

  @Test func `a header that isn't UTF-8 is refused before it is parsed`() {
    #expect(failure(file(header: [0xFF])) == .invalidHeader(file: "(bytes)", offset: 0))
    #expect(
      failure(file(header: [0x7B, 0x22, 0xC3, 0x28]))
        == .invalidHeader(file: "(bytes)", offset: 2)
    )
  }

  // MARK: Check 5

  @Test(arguments: [
    "{", "", "[]", "null", "{}x", "{}{}", #"{"a"}"#, #"{"a":1}"#, #"{"a":null}"#, #"{"a":[]}"#,
    #"{"a":{}}"#, #"{"a":{"dtype":"U8","shape":[0]}}"#, #"{"a":["U8",[0],[0,0]]}"#,
    #"{"__metadata__":[]}"#, #"{"__metadata__":{"a":1}}"#, #"{"__metadata__":{"a":null}}"#,
    #"{"\ud800":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}"#, "\u{FEFF}{}",
    entry("U8", "0", "[0,0]"), entry("U8", "[-1]", "[0,0]"), entry("U8", "[-0]", "[0,0]"),
    entry("U8", "[0.0]", "[0,0]"), entry("U8", "[0e0]", "[0,0]"), entry("U8", #"["0"]"#, "[0,0]"),
    entry("U8", "[18446744073709551616]", "[0,0]"), entry("U8", "[[0]]", "[0,0]"),
    entry("U8", "[0]", "[0]"), entry("U8", "[0]", "[0,0,0]"), entry("U8", "[0]", "[]"),
    entry("U8", "[0]", "[-1,0]"), entry("U8", "[0]", "[0,0.5]"), entry("U8", "[0]", #"["0",0]"#),
    entry("U8", "[0]", #"{"a":0}"#), #"{"a":{"dtype":8,"shape":[0],"data_offsets":[0,0]}}"#,
  ]
  )
  func `JSON of another form is refused with the reason`(header: String) {
    guard case .invalidHeaderDeserialization = failure(file(header)) else {
      Issue.record("\(header) gave \(String(describing: failure(file(header))))")
      return
    }
  }

  @Test func `a broken entry names its tensor and the byte`() {
    #expect(
      failure(file(entry("U8", "[-1]", "[0,0]")))
        == .invalidHeaderDeserialization(
          file: "(bytes)",
          tensor: "test",
          reason: "expected a non-negative integer at byte 31, found '-'"
        )
    )
  }

  @Test func `nesting deeper than the reference goes is refused, not followed`() {
    func nested(_ count: Int) -> [UInt8] {
      let value = String(repeating: "[", count: count) + String(repeating: "]", count: count)
      return file(#"{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0],"x":\#(value)}}"#)
    }
    #expect(failure(nested(125)) == nil)
    #expect(failure(nested(126)) != nil)
    #expect(failure(nested(1_000_000)) != nil)
  }

  @Test(arguments: [
    (#"{"a":X,"a":X}"#, "a"), (#"{"a":X,"b":X,"\u0061":X}"#, "a"), (#"{"":X,"":X}"#, ""),
    (#"{"__metadata__":{},"__metadata__":{}}"#, "__metadata__"),
    (#"{"__metadata__":{"k":"1","k":"2"}}"#, "k"),
    (#"{"a":{"dtype":"U8","dtype":"U8","shape":[0],"data_offsets":[0,0]}}"#, "dtype"),
    (#"{"a":{"shape":[0],"dtype":"U8","shape":[0],"data_offsets":[0,0]}}"#, "shape"),
  ]
  )
  func `no name may be given twice`(header: String, name: String) {
    let tensor = #"{"dtype":"U8","shape":[0],"data_offsets":[0,0]}"#
    let text = header.split(separator: "X", omittingEmptySubsequences: false)
      .joined(separator: tensor)
    #expect(failure(file(text)) == .duplicateName(file: "(bytes)", name: name))
  }

  @Test func `names that differ only in normalisation are different tensors`() throws {
    let tensor = #"{"dtype":"U8","shape":[1],"data_offsets":"#
    let header = "{\"\u{E9}\":\(tensor)[0,1]},\"e\u{301}\":\(tensor)[1,2]}}"
    let file = try SafetensorsFile(bytes: file(header, data: [10, 20]))
    #expect(try file.integers("\u{E9}") == [10])
    #expect(try file.integers("e\u{301}") == [20])
    #expect(file.tensors[0] != file.tensors[1])
  }

  @Test(arguments: DataType.allCases)
  func `every dtype of the format is known by name and size`(dataType: DataType) throws {
    let count = dataType.bitWidth  // 8 elements
    let file = try SafetensorsFile(
      bytes: file(entry(dataType.rawValue, "[2,4]", "[0,\(count)]"), data: pattern(count))
    )
    #expect(file.tensors.first?.dataType == dataType)
    #expect(file.tensors.first?.byteCount == count)
  }

  @Test(arguments: ["", "f32", "F128", "F32 ", "I128"]
  )
  func `an unknown dtype is named with its tensor`(name: String) {
    #expect(
      failure(file(entry(name, "[0]", "[0,0]")))
        == .unknownDataType(file: "(bytes)", tensor: "test", found: name)
    )
  }

  // MARK: Checks 6 and 7

  @Test(arguments: [
    ("[0]", "[1,1]"), ("[1]", "[1,2]"), ("[0]", "[18446744073709551615,0]"),
    ("[0]", "[18446744073709551615,18446744073709551615]"), ("[1]", "[1,0]"),
  ]
  )
  func `a gap before a tensor and an end before its begin are refused`(
    shape: String, offsets: String
  ) {
    guard
      case .invalidOffset("(bytes)", "test", 0, _, _) = failure(
        file(entry("U8", shape, offsets), data: [0, 0])
      )
    else {
      Issue.record("\(offsets) was taken")
      return
    }
  }

  @Test(arguments: [
    (
      2, 4,
      SafetensorsError.invalidOffset(
        file: "(bytes)",
        tensor: "b",
        expectedBegin: 1,
        foundBegin: 2,
        foundEnd: 4
      )
    ),
    (
      0, 2,
      .invalidOffset(
        file: "(bytes)",
        tensor: "b",
        expectedBegin: 1,
        foundBegin: 0,
        foundEnd: 2
      )
    ),
  ]
  )
  func `holes and overlaps between tensors are found in the order of the data`(
    begin: Int, end: Int, error: SafetensorsError
  ) {
    let header = """
      {"b":{"dtype":"U8","shape":[2],"data_offsets":[\(begin),\(end)]},\
      "a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}
      """
    #expect(failure(file(header, data: pattern(4))) == error)
  }

  @Test(
    arguments: [
      ("I32", "[2, 18446744073709551614]", [2, 18_446_744_073_709_551_614]),
      ("I32", "[2, 9223372036854775807]", [2, 9_223_372_036_854_775_807]),
      ("U8", "[9223372036854775807, 4, 0]", [9_223_372_036_854_775_807, 4, 0]),
      ("U8", "[0, 18446744073709551615]", [0, 18_446_744_073_709_551_615]),
    ] as [(String, String, [UInt64])]
  )
  func `a size beyond 64 bits is an overflow`(dataType: String, shape: String, dimensions: [UInt64])
  {
    let end = dataType == "I32" ? 16 : 0
    #expect(
      failure(file(entry(dataType, shape, "[0,\(end)]"), data: pattern(end)))
        == .validationOverflow(file: "(bytes)", tensor: "test", shape: dimensions)
    )
  }

  @Test(arguments: [
    ("F4", "[3]", DataType.f4, 12), ("F4", "[]", .f4, 4), ("F6_E2M3", "[3]", .f6E2M3, 18),
    ("F6_E3M2", "[2]", .f6E3M2, 12),
  ]
  )
  func `a tensor that doesn't end on a byte is misaligned`(
    name: String, shape: String, dataType: DataType, bits: UInt64
  ) {
    #expect(
      failure(file(entry(name, shape, "[0,2]"), data: [0, 0]))
        == .misalignedSlice(
          file: "(bytes)",
          tensor: "test",
          dataType: dataType,
          bitCount: bits
        )
    )
  }

  @Test(arguments: [0, 4, 15, 17, UInt64.max])
  func `a tensor must have the size of its shape`(end: UInt64) {
    #expect(
      failure(file(entry("I32", "[2,2]", "[0,\(end)]"), data: Self.data))
        == .tensorInvalidInfo(file: "(bytes)", tensor: "test", expected: 16, found: end)
    )
  }

  @Test(arguments: [14, 15, 17, 50])
  func `the tensors must end where the file ends`(count: Int) {
    let bytes = file(Self.square, data: pattern(count))
    #expect(
      failure(bytes)
        == .metadataIncompleteBuffer(
          file: "(bytes)",
          expectedLength: UInt64(bytes.count - count + 16),
          fileLength: bytes.count
        )
    )
  }

  @Test func `the error that the reference checks first is reported`() {
    let unknownAndOffset = entry("F1", "[2]", "[1,3]")
    guard case .unknownDataType = failure(file(unknownAndOffset)) else {
      Issue.record("the dtype comes first")
      return
    }
    guard case .invalidHeaderDeserialization = failure(file(unknownAndOffset.dropLast() + ",}"))
    else {
      Issue.record("the JSON comes first")
      return
    }
  }
}
