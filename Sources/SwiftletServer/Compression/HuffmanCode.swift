#if Server
/// A canonical Huffman code (RFC 1951, section 3.2.2): the number of codes of each length, and the
/// symbols in the order of their codes.
struct HuffmanCode: Sendable {
  static let longest = 15

  private(set) var counts = [Int](repeating: 0, count: longest + 1)
  private(set) var symbols: [Int]
  /// Whether every bit sequence begins with a code; also true without symbols.
  let isComplete: Bool

  /// Returns nil if codes of these lengths would be ambiguous. `lengths` has one for each symbol: 0
  /// for a symbol without a code, and at most 15.
  init?(_ lengths: some Collection<UInt8>) {
    for length in lengths { counts[Int(length)] += 1 }
    var free = 1
    for count in counts[1...] {
      free = free << 1 - count
      guard free >= 0 else { return nil }
    }
    isComplete = free == 0 || counts[0] == lengths.count
    var places = [0]
    for count in counts[1...] { places.append(places[places.count - 1] + count) }
    symbols = [Int](repeating: 0, count: lengths.count - counts[0])
    for (symbol, length) in lengths.enumerated() where length > 0 {
      symbols[places[Int(length) - 1]] = symbol
      places[Int(length) - 1] += 1
    }
  }

  /// Whether the only code has one bit, which the format allows although the code is incomplete.
  var hasOneBit: Bool { counts[1] == 1 && symbols.count == 1 }

  /// The codes of blocks without their own (section 3.2.6).
  static let fixedLiterals = fixed(
    (0..<288).map { symbol in
      switch symbol {
      case ..<144: 8
      case ..<256: 9
      case ..<280: 7
      default: 8
      }
    })
  static let fixedDistances = fixed([UInt8](repeating: 5, count: 30))

  private static func fixed(_ lengths: [UInt8]) -> HuffmanCode {
    guard let code = HuffmanCode(lengths) else { preconditionFailure("the fixed code is wrong") }
    return code
  }
}
#endif
