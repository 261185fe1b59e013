import Glibc

/// Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014. The same numbers on
/// every machine.
struct RandomNumbers: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }

  /// In (0, 1], so that it has a logarithm.
  private mutating func fraction() -> Double {
    Double((next() >> 11) + 1) * 0x1p-53
  }

  /// Two independent numbers of the normal distribution (Box and Muller, 1958).
  mutating func normalPair() -> (Double, Double) {
    let radius = (-2 * log(fraction())).squareRoot()
    let angle = 2 * Double.pi * fraction()
    return (radius * cos(angle), radius * sin(angle))
  }

  /// `count` normal numbers around `mean`.
  mutating func normals(_ count: Int, mean: Double, deviation: Double) -> [Float] {
    var values: [Float] = []
    values.reserveCapacity(count + 1)
    while values.count < count {
      let (first, second) = normalPair()
      values.append(Float(mean + deviation * first))
      values.append(Float(mean + deviation * second))
    }
    values.removeLast(values.count - count)
    return values
  }
}
