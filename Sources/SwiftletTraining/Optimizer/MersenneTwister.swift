/// MT19937, the generator behind torch's orders of examples.
///
/// Matsumoto and Nishimura, "Mersenne Twister: A 623-Dimensionally Equidistributed Uniform
/// Pseudo-Random Number Generator", 1998.
struct MersenneTwister {
  private static let size = 624
  private static let distance = 397
  private var state: [UInt32]
  private var next = size

  /// `init_genrand` of the reference implementation.
  init(seed: UInt32) {
    state = [seed]
    state.reserveCapacity(Self.size)
    for index in 1..<Self.size {
      let last = state[index - 1]
      state.append(1_812_433_253 &* (last ^ (last >> 30)) &+ UInt32(index))
    }
  }

  /// The next 32 random bits.
  mutating func next32() -> UInt32 {
    if next == Self.size { twist() }
    var bits = state[next]
    next += 1
    bits ^= bits >> 11
    bits ^= (bits << 7) & 0x9d2c_5680
    bits ^= (bits << 15) & 0xefc6_0000
    return bits ^ (bits >> 18)
  }

  private mutating func twist() {
    for index in 0..<Self.size {
      let joined =
        (state[index] & 0x8000_0000) | (state[(index + 1) % Self.size] & 0x7fff_ffff)
      let other = state[(index + Self.distance) % Self.size]
      state[index] = other ^ (joined >> 1) ^ (joined & 1 == 1 ? 0x9908_b0df : 0)
    }
    next = 0
  }
}
