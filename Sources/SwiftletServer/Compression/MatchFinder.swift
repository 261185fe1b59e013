#if Server
/// A piece of a text as deflate writes it: a byte, or a copy of earlier bytes.
struct DeflateToken {
  /// Bytes to copy, 4 to 258; 0 for a single byte.
  let length: UInt16
  /// The distance of the copy, or the byte.
  let value: UInt16
}

/// Divides bytes into tokens. It tries only the last place with the same hash of four bytes, and
/// takes a copy at once, which is enough for JSON: further tries make a list of embeddings 2 %
/// shorter and take twice the time.
struct MatchFinder {
  static let minLength = 4
  static let maxLength = 258
  static let maxDistance = 32_768

  /// The last place of each hash, plus one.
  private var last: [UInt32]
  private let shift: UInt32

  /// - Parameter count: Number of bytes of the whole text; the table is small for a short one.
  init(count: Int) {
    let bits = min(15, max(8, Int.bitWidth - count.leadingZeroBitCount))
    last = [UInt32](repeating: 0, count: 1 << bits)
    shift = UInt32(32 - bits)
  }

  /// Appends the tokens of a range of `bytes`; the ranges must follow one another.
  mutating func tokens(
    of bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, into tokens: inout [DeflateToken]
  ) {
    guard let start = bytes.baseAddress else { return }
    // The last places have no four bytes to hash.
    let end = max(range.lowerBound, range.upperBound - Self.minLength + 1)
    var place = range.lowerBound
    while place < end {
      let candidate = exchange(start, place)
      let length = candidate < 0 ? 0 : Self.length(start, candidate, place, range.upperBound)
      if Self.pays(length, place - candidate) {
        tokens.append(DeflateToken(length: UInt16(length), value: UInt16(place - candidate)))
        for inner in place + 1..<max(place + 1, min(place + length, end)) {
          _ = exchange(start, inner)
        }
        place += length
      } else {
        tokens.append(DeflateToken(length: 0, value: UInt16(start[place])))
        place += 1
      }
    }
    for place in place..<max(place, range.upperBound) {
      tokens.append(DeflateToken(length: 0, value: UInt16(start[place])))
    }
  }

  /// Stores a place under the hash of its four bytes; returns the previous one, or -1.
  private mutating func exchange(_ start: UnsafePointer<UInt8>, _ place: Int) -> Int {
    let word = UnsafeRawPointer(start + place).loadUnaligned(as: UInt32.self)
    let hash = Int((word &* 0x9E37_79B1) >> shift)
    let found = last[hash]
    last[hash] = UInt32(truncatingIfNeeded: place + 1)
    return Int(found) - 1
  }

  /// Number of equal bytes at two places, of which the second one may read up to `end`.
  private static func length(
    _ start: UnsafePointer<UInt8>, _ first: Int, _ second: Int, _ end: Int
  ) -> Int {
    guard second - first <= maxDistance else { return 0 }
    let limit = min(maxLength, end - second)
    var length = 0
    while length < limit, start[first + length] == start[second + length] { length += 1 }
    return length
  }

  /// Whether a copy is shorter than its bytes: far copies take about 20 bits.
  private static func pays(_ length: Int, _ distance: Int) -> Bool {
    length > 5 || length >= minLength && distance <= 512
  }
}
#endif
