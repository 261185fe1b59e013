import Glibc

/// Values of new weights: independent normal or uniform numbers with mean 0 that depend only on the seed,
/// the tensor's name and the place in it, and not on other tensors or threads.
package struct GaussianInitializer: Sendable {
  package let seed: UInt64
  /// The standard deviation; `initializer_range` of the configuration.
  package let deviation: Double

  package init(seed: UInt64, deviation: Double = 0.02) {
    self.seed = seed
    self.deviation = deviation
  }

  /// The values of a tensor, in the order of its rows.
  package func values(of name: String, count: Int) -> [Float] {
    let key = key(of: name)
    return (0..<count).map { Float(deviation * Self.normal(key, place: UInt64($0))) }
  }

  /// Uniform values of a tensor in -bound ..< bound, in the order of its rows.
  package func uniformValues(of name: String, count: Int, bound: Double) -> [Float] {
    let key = key(of: name)
    return (0..<count).map { Float(bound * (2 * Self.uniform(key, UInt64($0)) - 1)) }
  }

  /// The seed and the name in one number.
  private func key(of name: String) -> UInt64 {
    name.utf8.reduce(Self.scrambled(seed)) { Self.scrambled($0 ^ UInt64($1)) }
  }

  /// One number of a pair by the method of Box and Muller, of the place's pair of uniform numbers.
  private static func normal(_ key: UInt64, place: UInt64) -> Double {
    let pair = place & ~1
    // In (0, 1], so that the logarithm is finite.
    let first = 1 - uniform(key, pair)
    let angle = 2 * Double.pi * uniform(key, pair | 1)
    return (-2 * log(first)).squareRoot() * (place == pair ? cos(angle) : sin(angle))
  }

  /// A number in [0, 1) with 53 random bits.
  private static func uniform(_ key: UInt64, _ counter: UInt64) -> Double {
    Double(scrambled(key &+ counter &* 0x9e37_79b9_7f4a_7c15) >> 11) * 0x1p-53
  }

  /// The output function of SplitMix64, a bijection of good dispersion. Steele et al., "Fast
  /// Splittable Pseudorandom Number Generators", 2014.
  private static func scrambled(_ number: UInt64) -> UInt64 {
    var bits = number &+ 0x9e37_79b9_7f4a_7c15
    bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
    bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
    return bits ^ (bits >> 31)
  }
}
