/// A 128-bit hash of the texts of a row, which is the same on every machine and in every run.
///
/// MurmurHash3 in its form for 64-bit machines (Austin Appleby, `MurmurHash3_x64_128`, seed 0) over
/// the UTF-8 of the texts with a byte 0xFF, which UTF-8 does not have, between them. Two of a
/// million different texts have the same hash with a probability of 10⁻²⁷.
package struct TextHash: Hashable, Comparable, BitwiseCopyable, Sendable {
  package let low: UInt64
  package let high: UInt64

  package static func < (left: TextHash, right: TextHash) -> Bool {
    left.high == right.high ? left.low < right.low : left.high < right.high
  }

  /// Hashes the texts of a row.
  package init(of texts: some Collection<String>) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(texts.reduce(0) { $0 + $1.utf8.count + 1 })
    for (number, text) in texts.enumerated() {
      if number > 0 { bytes.append(0xFF) }
      bytes += text.utf8
    }
    self.init(bytes)
  }

  package init(_ bytes: [UInt8]) {
    let (c1, c2): (UInt64, UInt64) = (0x87c3_7b91_1142_53d5, 0x4cf5_ad43_2745_937f)
    var (h1, h2): (UInt64, UInt64) = (0, 0)
    let whole = bytes.count & ~15
    bytes.withUnsafeBytes { bytes in
      for offset in stride(from: 0, to: whole, by: 16) {
        let k1 = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        let k2 = UInt64(
          littleEndian: bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self))
        h1 ^= Self.rotated(k1 &* c1, 31) &* c2
        h1 = (Self.rotated(h1, 27) &+ h2) &* 5 &+ 0x52dc_e729
        h2 ^= Self.rotated(k2 &* c2, 33) &* c1
        h2 = (Self.rotated(h2, 31) &+ h1) &* 5 &+ 0x3849_5ab5
      }
      var (k1, k2): (UInt64, UInt64) = (0, 0)
      for offset in whole..<bytes.count {
        let byte = UInt64(bytes[offset])
        let place = UInt64(offset - whole)
        if place < 8 { k1 |= byte << (place * 8) } else { k2 |= byte << ((place - 8) * 8) }
      }
      h2 ^= Self.rotated(k2 &* c2, 33) &* c1
      h1 ^= Self.rotated(k1 &* c1, 31) &* c2
    }
    h1 ^= UInt64(bytes.count)
    h2 ^= UInt64(bytes.count)
    h1 = h1 &+ h2
    h2 = h2 &+ h1
    h1 = Self.finished(h1)
    h2 = Self.finished(h2)
    h1 = h1 &+ h2
    h2 = h2 &+ h1
    (low, high) = (h1, h2)
  }

  private static func rotated(_ value: UInt64, _ bits: UInt64) -> UInt64 {
    value << bits | value >> (64 - bits)
  }

  /// The last steps of the hash; also a good hash of a number.
  static func finished(_ value: UInt64) -> UInt64 {
    var value = value
    value ^= value >> 33
    value = value &* 0xff51_afd7_ed55_8ccd
    value ^= value >> 33
    value = value &* 0xc4ce_b9fe_1a85_ec53
    return value ^ value >> 33
  }
}
