/// Reads bytes of an untrusted file in order. Every read checks the end first and returns nil beyond it.
struct ByteCursor {
  private let bytes: UnsafeRawBufferPointer
  private(set) var offset: Int
  private let end: Int

  /// Reads `range` of `bytes`, clamped to them; offsets count from the beginning of `bytes`.
  init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>? = nil) {
    self.bytes = bytes
    end = min(range?.upperBound ?? bytes.count, bytes.count)
    offset = min(max(range?.lowerBound ?? 0, 0), end)
  }

  var remaining: Int { end - offset }

  mutating func byte() -> UInt8? { integer() }

  /// A little-endian integer.
  mutating func integer<Value: FixedWidthInteger>(_ type: Value.Type = Value.self) -> Value? {
    guard remaining >= MemoryLayout<Value>.size else { return nil }
    let value = bytes.loadUnaligned(fromByteOffset: offset, as: Value.self)
    offset += MemoryLayout<Value>.size
    return Value(littleEndian: value)
  }

  /// The place of the next `count` bytes.
  mutating func range(_ count: some BinaryInteger) -> Range<Int>? {
    guard let count = Int(exactly: count), count >= 0, count <= remaining else { return nil }
    defer { offset += count }
    return offset..<offset + count
  }

  /// The place of the bytes before the next line feed, which is skipped.
  mutating func line() -> Range<Int>? {
    let start = offset
    while let byte = byte() {
      if byte == UInt8(ascii: "\n") { return start..<offset - 1 }
    }
    return nil
  }
}
