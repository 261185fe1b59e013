/// Decodes and encodes scalars in well-formed UTF-8, such as a `String`'s bytes; checks nothing.
enum UTF8Scalars {
  /// Returns the scalar that starts at `offset`, and its length in bytes.
  @inline(__always)
  static func decode(
    _ text: UnsafeBufferPointer<UInt8>, at offset: Int
  ) -> (scalar: UInt32, length: Int) {
    let lead = UInt32(text[offset])
    if lead < 0x80 { return (lead, 1) }
    let second = UInt32(text[offset + 1] & 0x3F)
    if lead < 0xE0 { return ((lead & 0x1F) << 6 | second, 2) }
    let third = UInt32(text[offset + 2] & 0x3F)
    if lead < 0xF0 { return ((lead & 0x0F) << 12 | second << 6 | third, 3) }
    let fourth = UInt32(text[offset + 3] & 0x3F)
    return ((lead & 0x07) << 18 | second << 12 | third << 6 | fourth, 4)
  }

  /// Returns the scalar that ends at `end`, and its start.
  static func decode(
    _ text: UnsafeBufferPointer<UInt8>, before end: Int
  ) -> (scalar: UInt32, start: Int) {
    var start = end - 1
    while start > 0, isContinuation(text[start]) { start -= 1 }
    return (decode(text, at: start).scalar, start)
  }

  @inline(__always)
  static func isContinuation(_ byte: UInt8) -> Bool { byte & 0xC0 == 0x80 }

  /// Writes the one to four bytes of `scalar`; returns their number.
  @inline(__always)
  static func encode(_ scalar: UInt32, to bytes: UnsafeMutablePointer<UInt8>) -> Int {
    func low(_ shift: UInt32) -> UInt8 { UInt8(truncatingIfNeeded: scalar >> shift & 0x3F | 0x80) }
    switch scalar {
    case 0..<0x80:
      bytes[0] = UInt8(truncatingIfNeeded: scalar)
      return 1
    case 0x80..<0x800:
      bytes[0] = UInt8(truncatingIfNeeded: scalar >> 6 | 0xC0)
      bytes[1] = low(0)
      return 2
    case 0x800..<0x10000:
      bytes[0] = UInt8(truncatingIfNeeded: scalar >> 12 | 0xE0)
      (bytes[1], bytes[2]) = (low(6), low(0))
      return 3
    default:
      bytes[0] = UInt8(truncatingIfNeeded: scalar >> 18 | 0xF0)
      (bytes[1], bytes[2], bytes[3]) = (low(12), low(6), low(0))
      return 4
    }
  }
}
