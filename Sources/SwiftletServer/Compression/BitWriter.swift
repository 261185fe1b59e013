#if Server
/// Writes bits to bytes, the lowest bit first (RFC 1951, section 3.1.1).
struct BitWriter {
  private(set) var bytes: [UInt8]
  private var held: UInt64 = 0
  private var count: UInt64 = 0

  init(bytes: [UInt8] = []) { self.bytes = bytes }

  /// Appends the lowest `width` bits; the others must be 0. `width` is at most 32.
  mutating func write(_ bits: UInt32, _ width: Int) {
    held |= UInt64(bits) << count
    count &+= UInt64(truncatingIfNeeded: width)
    guard count >= 32 else { return }
    withUnsafeBytes(of: UInt32(truncatingIfNeeded: held).littleEndian) {
      bytes.append(contentsOf: $0)
    }
    held >>= 32
    count &-= 32
  }

  /// Fills up the last byte with zeros.
  mutating func align() {
    while count > 0 {
      bytes.append(UInt8(truncatingIfNeeded: held))
      held >>= 8
      count = count > 8 ? count &- 8 : 0
    }
  }

  /// Appends whole bytes; the writer must be aligned.
  mutating func append(_ slice: some Collection<UInt8>) { bytes.append(contentsOf: slice) }
}
#endif
