import Testing

@testable import SwiftletONNX

@Suite struct ProtobufMessageTests {
  private func bytes(_ build: (inout ProtobufMessage) -> Void) -> [UInt8] {
    var message = ProtobufMessage()
    build(&message)
    return message.bytes
  }

  @Test(
    arguments: [
      (0, [0x08, 0x00]), (127, [0x08, 0x7F]), (128, [0x08, 0x80, 0x01]), (300, [0x08, 0xAC, 0x02]),
      (-1, [0x08] + [UInt8](repeating: 0xFF, count: 9) + [0x01]),
    ] as [(Int, [UInt8])])
  func `an integer is a varint of seven bits a byte`(value: Int, expected: [UInt8]) {
    #expect(bytes { $0.add(1, value) } == expected)
  }

  @Test func `a text has its length in bytes before it`() {
    #expect(bytes { $0.add(2, "é") } == [0x12, 0x02, 0xC3, 0xA9])
    #expect(bytes { $0.add(2, "") } == [0x12, 0x00])
  }

  @Test func `a float is four bytes`() {
    #expect(bytes { $0.add(2, 1 as Float) } == [0x15, 0x00, 0x00, 0x80, 0x3F])
  }

  @Test func `a field number above 15 takes two bytes`() {
    #expect(bytes { $0.add(20, 7) } == [0xA0, 0x01, 0x07])
  }

  @Test func `a message inside another one is a field of bytes`() {
    var inner = ProtobufMessage()
    inner.add(1, 150)
    #expect(bytes { $0.add(3, inner) } == [0x1A, 0x03, 0x08, 0x96, 0x01])
  }
}
