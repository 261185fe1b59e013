/// Reads the fields of one protobuf message in order, without copying: strings, bytes and nested messages
/// are ranges of the file.
///
/// Source: the encoding of protocol buffers, https://protobuf.dev/programming-guides/encoding. A reader
/// never reads outside of its range, whatever lengths the file states.
package struct ProtobufReader {
  /// A field: its number and its value.
  package struct Field {
    package let number: Int
    package let value: Value
    /// The offset of the field's tag in the file, for errors.
    package let offset: Int
  }

  /// A value in one of the wire types that protobuf has today.
  package enum Value {
    case varint(UInt64)
    case fixed32(UInt32)
    case fixed64(UInt64)
    /// A string, bytes, a message or packed numbers.
    case bytes(Range<Int>)
  }

  /// The whole file.
  package let bytes: UnsafeRawBufferPointer
  /// Where the next field begins.
  package private(set) var offset: Int
  private let end: Int

  /// Groups inside groups that a reader skips; ONNX has no groups.
  private static let groupDepthLimit = 32

  /// Reads the message in `range`, which must be within `bytes`.
  package init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
    self.bytes = bytes
    offset = range.lowerBound
    end = range.upperBound
  }

  /// Returns the next field; nil at the end of the message. Skips groups.
  ///
  /// - Throws: ``ProtobufError`` for bytes that are not a message.
  package mutating func next() throws(ProtobufError) -> Field? {
    while offset < end {
      let start = offset
      let (number, wireType) = try tag()
      switch wireType {
      case 0: return Field(number: number, value: .varint(try varint()), offset: start)
      case 1: return Field(number: number, value: .fixed64(try fixed()), offset: start)
      case 2: return Field(number: number, value: .bytes(try lengthDelimited()), offset: start)
      case 5: return Field(number: number, value: .fixed32(try fixed()), offset: start)
      case 3: try skipGroup(number, start: start)
      default: throw .invalidWireType(field: number, found: wireType, offset: start)
      }
    }
    return nil
  }

  private mutating func tag() throws(ProtobufError) -> (number: Int, wireType: Int) {
    let start = offset
    let tag = try varint()
    let number = tag >> 3
    guard (1...0x1FFF_FFFF).contains(number) else { throw .invalidFieldNumber(offset: start) }
    return (Int(number), Int(tag & 7))
  }

  /// Reads a number of up to 64 bits, seven to a byte, lowest first.
  package mutating func varint() throws(ProtobufError) -> UInt64 {
    let start = offset
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while offset < end {
      let byte = bytes[offset]
      offset += 1
      // The tenth byte has the last bit of 64.
      guard shift < 63 || byte <= 1 else { throw .varintTooLong(offset: start) }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
      shift += 7
    }
    throw .truncated(offset: start)
  }

  private mutating func fixed<Integer: FixedWidthInteger & BitwiseCopyable>()
    throws(ProtobufError) -> Integer
  {
    let size = MemoryLayout<Integer>.size
    guard end - offset >= size else { throw .truncated(offset: offset) }
    let value = bytes.loadUnaligned(fromByteOffset: offset, as: Integer.self)
    offset += size
    return Integer(littleEndian: value)
  }

  private mutating func lengthDelimited() throws(ProtobufError) -> Range<Int> {
    let start = offset
    let length = try varint()
    guard let length = Int(exactly: length), length <= end - offset else {
      throw .truncated(offset: start)
    }
    defer { offset += length }
    return offset..<offset + length
  }

  /// Skips to the end of a group, which may contain others.
  private mutating func skipGroup(_ number: Int, start: Int) throws(ProtobufError) {
    var open = [number]
    while let current = open.last {
      let place = offset
      guard offset < end else { throw .truncated(offset: start) }
      let (number, wireType) = try tag()
      switch wireType {
      case 0: _ = try varint()
      case 1: let _: UInt64 = try fixed()
      case 2: _ = try lengthDelimited()
      case 5: let _: UInt32 = try fixed()
      case 3 where open.count < Self.groupDepthLimit: open.append(number)
      case 4 where number == current: open.removeLast()
      default: throw .invalidWireType(field: number, found: wireType, offset: place)
      }
    }
  }
}
