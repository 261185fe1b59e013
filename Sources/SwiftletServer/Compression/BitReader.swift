#if Server
/// The bits of bytes that come piece by piece, the lowest of each byte first.
struct BitReader {
  /// How far the bits are read.
  struct Position {
    /// The first byte that was not begun.
    fileprivate var next = 0
    /// Bits of the bytes before that were not read, and how many they are.
    fileprivate var rest = 0
    fileprivate var restCount = 0
  }

  private var bytes: [UInt8] = []
  var position = Position()

  /// Positions from before are no longer valid.
  mutating func append(_ more: some Collection<UInt8>) {
    giveBackBytes()
    bytes.removeFirst(position.next)
    position.next = 0
    bytes += more
  }

  /// Bytes that were not begun.
  var count: Int { bytes.count - position.next }

  /// A number of at most 32 bits; nil if they are not all there, and then they are not read.
  mutating func bits(_ count: Int) -> Int? {
    let (bits, available) = peek(count)
    guard available >= count else { return nil }
    drop(count)
    return bits & (1 << count - 1)
  }

  /// The next bits without reading them, and how many they are: at least `count`, or all that there are.
  mutating func peek(_ count: Int) -> (bits: Int, available: Int) {
    while position.restCount < count, position.next < bytes.count {
      position.rest |= Int(bytes[position.next]) << position.restCount
      position.restCount += 8
      position.next += 1
    }
    return (position.rest, position.restCount)
  }

  /// Reads bits that were looked at.
  mutating func drop(_ count: Int) {
    position.rest >>= count
    position.restCount -= count
  }

  /// Skips the bits of the byte of which some were read.
  mutating func alignToByte() {
    giveBackBytes()
    drop(position.restCount)
  }

  /// Bytes of which no bit was read are not begun.
  private mutating func giveBackBytes() {
    position.next -= position.restCount / 8
    position.restCount %= 8
    position.rest &= 1 << position.restCount - 1
  }

  /// Whole bytes, as many as there are and at most so many. Only where a byte begins.
  mutating func bytes(atMost most: Int) -> ArraySlice<UInt8> {
    let first = position.next
    position.next += min(most, count)
    return bytes[first..<position.next]
  }

  /// Skips so many bytes; false, and nothing is done, if they are not all there.
  mutating func skip(_ count: Int) -> Bool {
    guard count <= self.count else { return false }
    position.next += count
    return true
  }

  /// Skips bytes up to a zero, and that; false if there is none.
  mutating func skipText() -> Bool {
    guard let zero = bytes[position.next...].firstIndex(of: 0) else { return false }
    position.next = zero + 1
    return true
  }
}
#endif
