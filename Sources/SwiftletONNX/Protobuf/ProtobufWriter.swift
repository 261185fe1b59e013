/// A protobuf message in memory, whose fields are encoded in the order of the calls.
///
/// For everything but weights: a message inside another one is copied once for each level.
struct ProtobufMessage: Equatable {
  private(set) var bytes: [UInt8] = []

  /// Appends a varint; a negative number takes ten bytes.
  mutating func add(_ field: Int, _ value: Int) {
    addKey(field, .varint)
    addVarint(UInt64(bitPattern: Int64(value)))
  }

  mutating func add(_ field: Int, _ value: Float) {
    addKey(field, .fixed32)
    withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes += $0 }
  }

  mutating func add(_ field: Int, _ text: String) { add(field, bytes: Array(text.utf8)) }

  mutating func add(_ field: Int, _ message: ProtobufMessage) { add(field, bytes: message.bytes) }

  mutating func add(_ field: Int, bytes content: [UInt8]) {
    addPrefix(field, byteCount: content.count)
    bytes += content
  }

  /// Appends the key and the length of a field whose bytes follow elsewhere.
  mutating func addPrefix(_ field: Int, byteCount: Int) {
    addKey(field, .lengthDelimited)
    addVarint(UInt64(byteCount))
  }

  private enum WireType: Int { case varint = 0, lengthDelimited = 2, fixed32 = 5 }

  private mutating func addKey(_ field: Int, _ type: WireType) {
    addVarint(UInt64(field << 3 | type.rawValue))
  }

  private mutating func addVarint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}
