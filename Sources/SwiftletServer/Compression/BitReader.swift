#if Server
/// Reads bits of bytes that arrive in pieces, the lowest bit of each byte first.
struct BitReader {
  /// A position between two bits.
  struct Position {
    /// Index of the first unread byte.
    fileprivate var next = 0
    /// Unread bits of the bytes before, and their number.
    fileprivate var rest = 0
    fileprivate var restCount = 0
  }

  private var bytes: [UInt8] = []
  var position = Position()

  /// Appends bytes; earlier positions become invalid.
  mutating func append(_ more: some Collection<UInt8>) {
    giveBackBytes()
    bytes.removeFirst(position.next)
    position.next = 0
    bytes += more
  }

  /// Number of unread bytes.
  var count: Int { bytes.count - position.next }

  /// Reads a number of at most 32 bits; returns nil, and reads nothing, if there are too few bits.
  mutating func bits(_ count: Int) -> Int? {
    let (bits, available) = peek(count)
    guard available >= count else { return nil }
    drop(count)
    return bits & (1 << count - 1)
  }

  /// The next bits without reading them, and their number: at least `count`, or all that are
  /// available.
  mutating func peek(_ count: Int) -> (bits: Int, available: Int) {
    while position.restCount < count, position.next < bytes.count {
      position.rest |= Int(bytes[position.next]) << position.restCount
      position.restCount += 8
      position.next += 1
    }
    return (position.rest, position.restCount)
  }

  /// Skips bits that `peek(_:)` returned.
  mutating func drop(_ count: Int) {
    position.rest >>= count
    position.restCount -= count
  }

  /// Skips the rest of a byte that is partly read.
  mutating func alignToByte() {
    giveBackBytes()
    drop(position.restCount)
  }

  /// Makes bytes unread again if none of their bits was read.
  private mutating func giveBackBytes() {
    position.next -= position.restCount / 8
    position.restCount %= 8
    position.rest &= 1 << position.restCount - 1
  }

  /// Reads up to `most` whole bytes. Only at the start of a byte.
  mutating func bytes(atMost most: Int) -> ArraySlice<UInt8> {
    let first = position.next
    position.next += min(most, count)
    return bytes[first..<position.next]
  }

  /// Skips bytes; returns false, and skips none, if there are too few.
  mutating func skip(_ count: Int) -> Bool {
    guard count <= self.count else { return false }
    position.next += count
    return true
  }

  /// Skips bytes up to and including a zero; returns false if there is none.
  mutating func skipText() -> Bool {
    guard let zero = bytes[position.next...].firstIndex(of: 0) else { return false }
    position.next = zero + 1
    return true
  }
}
#endif
