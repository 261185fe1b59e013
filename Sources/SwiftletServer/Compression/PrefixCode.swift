#if Server
/// The codes of an alphabet for writing: short ones for frequent symbols (Huffman, 1952), in the
/// canonical form of RFC 1951, section 3.2.2.
struct PrefixCode {
  /// Bits of each symbol's code; 0 for a symbol without a code.
  let lengths: [UInt8]
  /// The codes, with their bits in the order in which they are written.
  let codes: [UInt16]

  /// Makes the best code with lengths of at most `maxLength`, for at least two symbols.
  init(frequencies: [UInt32], maxLength: Int) {
    // Decoders refuse most codes of a single symbol.
    var frequencies = frequencies
    for symbol in frequencies.indices.prefix(2)
    where frequencies.lazy.filter({ $0 > 0 }).prefix(2).count < 2 && frequencies[symbol] == 0 {
      frequencies[symbol] = 1
    }
    self.init(lengths: Self.lengths(frequencies, maxLength))
  }

  init(lengths: [UInt8]) {
    self.lengths = lengths
    var next = [UInt16](repeating: 0, count: HuffmanCode.longest + 2)
    for length in lengths where length > 0 { next[Int(length) + 1] += 1 }
    for length in 1...HuffmanCode.longest {
      next[length + 1] = (next[length] + next[length + 1]) << 1
    }
    codes = lengths.map { length in
      guard length > 0 else { return 0 }
      defer { next[Int(length)] += 1 }
      return Self.reversed(next[Int(length)], length)
    }
  }

  /// Bits of a text with these frequencies, without the extra bits of its symbols.
  func cost(_ frequencies: [UInt32]) -> Int {
    zip(frequencies, lengths).reduce(0) { $0 + Int($1.0) * Int($1.1) }
  }

  private static func reversed(_ code: UInt16, _ length: UInt8) -> UInt16 {
    var (code, reversed) = (code, UInt16(0))
    for _ in 0..<length {
      reversed = reversed << 1 | code & 1
      code >>= 1
    }
    return reversed
  }

  private static func lengths(_ frequencies: [UInt32], _ maxLength: Int) -> [UInt8] {
    let symbols = frequencies.indices.filter { frequencies[$0] > 0 }
      .sorted { (frequencies[$0], $0) < (frequencies[$1], $1) }
    let counts = bounded(depths(symbols.map { Int(frequencies[$0]) }), maxLength)
    var lengths = [UInt8](repeating: 0, count: frequencies.count)
    var place = 0
    // The rarest symbols get the longest codes.
    for length in (1...maxLength).reversed() {
      for symbol in symbols[place..<place + counts[length]] { lengths[symbol] = UInt8(length) }
      place += counts[length]
    }
    return lengths
  }

  /// The depths of the leaves of a Huffman tree; the weights ascend. Merged nodes come in ascending
  /// order too, so two queues replace a heap (van Leeuwen, 1976).
  private static func depths(_ weights: [Int]) -> [Int] {
    var merged: [Int] = []
    var parents = [Int](repeating: 0, count: 2 * weights.count - 1)
    var (leaf, node) = (0, 0)
    func takeLightest() -> (place: Int, weight: Int) {
      if leaf < weights.count, node >= merged.count || weights[leaf] <= merged[node] {
        leaf += 1
        return (leaf - 1, weights[leaf - 1])
      }
      node += 1
      return (weights.count + node - 1, merged[node - 1])
    }
    while merged.count < weights.count - 1 {
      let (first, second) = (takeLightest(), takeLightest())
      parents[first.place] = weights.count + merged.count
      parents[second.place] = weights.count + merged.count
      merged.append(first.weight + second.weight)
    }
    var depths = [Int](repeating: 0, count: parents.count)
    for place in parents.indices.dropLast().reversed() {
      depths[place] = depths[parents[place]] + 1
    }
    return Array(depths.prefix(weights.count))
  }

  /// Numbers of codes by length, none longer than `maxLength`. Longer ones are shortened, and as
  /// many shorter ones lengthened until the code is complete again.
  private static func bounded(_ depths: [Int], _ maxLength: Int) -> [Int] {
    var counts = [Int](repeating: 0, count: maxLength + 1)
    for depth in depths { counts[min(depth, maxLength)] += 1 }
    var excess =
      (1...maxLength).reduce(0) { $0 + counts[$1] << (maxLength - $1) } - 1 << maxLength
    while excess > 0 {
      counts[maxLength] -= 1
      guard let length = (1..<maxLength).last(where: { counts[$0] > 0 }) else { break }
      counts[length] -= 1
      counts[length + 1] += 2
      excess -= 1
    }
    return counts
  }
}
#endif
