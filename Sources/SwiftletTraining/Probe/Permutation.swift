import SwiftletSystem

/// A random order of 0 ..< count in constant memory: element `index` is computed when it is asked for.
///
/// A Feistel network permutes the next power of four; numbers outside of the range are permuted until
/// they are inside it ("cycle walking", Black and Rogaway 2002), four times on average at most.
struct Permutation: Sendable {
  let count: Int
  private let seed: UInt64
  /// The bits of one half of a number.
  private let halfBits: UInt64

  init(count: Int, seed: UInt64) {
    self.count = count
    self.seed = seed
    var bits: UInt64 = 1
    while bits < 31, UInt64(1) << (2 * bits) < UInt64(max(count, 0)) { bits += 1 }
    halfBits = bits
  }

  subscript(index: Int) -> Int {
    requirePrecondition((0..<count).contains(index), "element \(index) of \(count)")
    var value = permuted(UInt64(index))
    while value >= UInt64(count) { value = permuted(value) }
    return Int(value)
  }

  private func permuted(_ value: UInt64) -> UInt64 {
    let mask = (UInt64(1) << halfBits) - 1
    var (left, right) = (value >> halfBits, value & mask)
    for round in 0..<UInt64(6) {
      let mixed = Self.mix(seed &+ Self.mix(right &+ (round << 56)))
      (left, right) = (right, left ^ (mixed & mask))
    }
    return left << halfBits | right
  }

  /// The finaliser of SplitMix64.
  private static func mix(_ value: UInt64) -> UInt64 {
    var z = value &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
