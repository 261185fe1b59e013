/// A set of up to four bytes, for scans eight bytes at a time.
struct ByteSet {
  /// Each byte repeated over a word.
  private let patterns: (UInt64, UInt64, UInt64, UInt64)

  private static let ones: UInt64 = 0x0101_0101_0101_0101

  init(_ first: UInt8, _ second: UInt8, _ third: UInt8, _ fourth: UInt8) {
    patterns = (
      UInt64(first) * Self.ones, UInt64(second) * Self.ones, UInt64(third) * Self.ones,
      UInt64(fourth) * Self.ones
    )
  }

  /// Returns the top bit of each byte of `word` that is in the set. Only the lowest bit is
  /// reliable, because the subtraction in ``zeros(_:)`` borrows.
  func matches(_ word: UInt64) -> UInt64 {
    Self.zeros(word ^ patterns.0) | Self.zeros(word ^ patterns.1)
      | Self.zeros(word ^ patterns.2) | Self.zeros(word ^ patterns.3)
  }

  /// Returns the top bit of each byte that is zero.
  private static func zeros(_ word: UInt64) -> UInt64 {
    (word &- ones) & ~word & (ones << 7)
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// Returns the first index from `start` with a byte of `set`; `count` if there is none.
  func firstIndex(of set: ByteSet, from start: Int) -> Int {
    guard let baseAddress else { return count }
    let width = MemoryLayout<UInt64>.size
    var offset = start
    while offset < count {
      // Zeros follow the last byte.
      var word: UInt64 = 0
      if offset + width <= count {
        word = UnsafeRawPointer(baseAddress + offset).loadUnaligned(as: UInt64.self)
      } else {
        for index in offset..<count { word |= UInt64(self[index]) << UInt64((index - offset) * 8) }
        word = UInt64(littleEndian: word)
      }
      let matches = set.matches(UInt64(littleEndian: word))
      if matches != 0 { return Swift.min(offset + matches.trailingZeroBitCount / 8, count) }
      offset += width
    }
    return count
  }

  /// Returns the number of occurrences of `byte`.
  func count(ofByte byte: UInt8) -> Int {
    var found = 0
    var rest = self
    while let index = rest.firstIndex(ofByte: byte) {
      found += 1
      rest = UnsafeBufferPointer(rebasing: rest[(index + 1)...])
    }
    return found
  }
}
