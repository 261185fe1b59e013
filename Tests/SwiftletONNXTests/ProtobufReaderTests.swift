import Testing

@testable import SwiftletONNX

@Suite struct ProtobufReaderTests {
  /// The numbers and values of all fields.
  private func fields(_ bytes: [UInt8]) throws -> [String] {
    try bytes.withUnsafeBytes { buffer in
      var reader = ProtobufReader(buffer, 0..<buffer.count)
      var found: [String] = []
      while let field = try reader.next() { found.append("\(field.number): \(field.value)") }
      return found
    }
  }

  private func error(_ bytes: [UInt8]) -> ProtobufError? {
    do {
      _ = try fields(bytes)
      return nil
    } catch {
      return error as? ProtobufError
    }
  }

  @Test func `a message that the writer encodes has the same fields`() throws {
    var message = ProtobufMessage()
    message.add(1, 300)
    message.add(2, "text")
    message.add(3, 1.5 as Float)
    message.add(20, -1)
    #expect(
      try fields(message.bytes) == [
        "1: varint(300)", "2: bytes(Range(5..<9))", "3: fixed32(1069547520)",
        "20: varint(18446744073709551615)",
      ])
  }

  @Test func `fields of eight bytes are read`() throws {
    #expect(try fields([0x09, 1, 0, 0, 0, 0, 0, 0, 0]) == ["1: fixed64(1)"])
  }

  @Test func `groups are skipped with the groups inside them`() throws {
    let group: [UInt8] = [0x1B, 0x08, 0x01, 0x23, 0x12, 0x01, 0x00, 0x24, 0x1C]
    #expect(try fields(group + [0x28, 0x07]) == ["5: varint(7)"])
  }

  @Test func `an empty message has no fields`() throws {
    #expect(try fields([]).isEmpty)
  }

  @Test(
    arguments: [
      ([0x08], .truncated(offset: 1)), ([0x08, 0x80], .truncated(offset: 1)),
      ([0x12, 0x02, 0x00], .truncated(offset: 1)), ([0x0D, 0, 0, 0], .truncated(offset: 1)),
      ([0x09, 0, 0, 0, 0, 0, 0, 0], .truncated(offset: 1)),
      // A length beyond 63 bits.
      (
        [0x12, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], .truncated(offset: 1)
      ),
      (
        [0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02],
        .varintTooLong(offset: 1)
      ),
      ([0x00, 0x00], .invalidFieldNumber(offset: 0)),
      ([0x0E], .invalidWireType(field: 1, found: 6, offset: 0)),
      ([0x0C], .invalidWireType(field: 1, found: 4, offset: 0)),
      ([0x0B], .truncated(offset: 0)),
      ([0x0B, 0x14], .invalidWireType(field: 2, found: 4, offset: 1)),
    ] as [([UInt8], ProtobufError)])
  func `damaged bytes are errors with the offset`(bytes: [UInt8], expected: ProtobufError) {
    #expect(error(bytes) == expected)
  }

  @Test func `groups are skipped only to a limited depth`() {
    let deep = [UInt8](repeating: 0x0B, count: 100_000)
    #expect(error(deep) == .invalidWireType(field: 1, found: 3, offset: 32))
  }

  @Test(arguments: [([0x08, 1, 0x08, 2], [1, 2]), ([0x0A, 3, 1, 0x80, 1], [1, 128])])
  func `repeated numbers are read packed and one to a field`(bytes: [UInt8], expected: [Int64])
    throws
  {
    let found = try bytes.withUnsafeBytes { buffer in
      var reader = ProtobufReader(buffer, 0..<buffer.count)
      var found: [Int64] = []
      while let field = try reader.next() {
        try reader.forEachInteger(of: field) { found.append($0) }
      }
      return found
    }
    #expect(found == expected)
  }
}
