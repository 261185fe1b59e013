/// Composes scalars in canonical order to their primary composites (Unicode Standard, 3.11).
struct CanonicalComposition {
  private var result: [CanonicalOrdering.Item] = []
  /// The index in the result of the starter that marks can still compose with.
  private var starter: Int?
  /// The class of the last mark that did not compose with the starter; nil if there is none.
  private var lastClass: UInt8?

  static func compose(_ items: [CanonicalOrdering.Item]) -> [CanonicalOrdering.Item] {
    var composition = CanonicalComposition()
    composition.result.reserveCapacity(items.count)
    for item in items { composition.add(item) }
    return composition.result
  }

  private mutating func add(_ item: CanonicalOrdering.Item) {
    let combiningClass = UnicodeTables.combiningClass(item.scalar)
    let isBlocked = lastClass.map { $0 >= combiningClass } ?? false
    if let starter, !isBlocked,
      let composite = NormalizationTables.composition(result[starter].scalar, item.scalar)
    {
      result[starter].scalar = composite
      result[starter].change += item.change - 1
      return
    }
    if combiningClass == 0 {
      starter = result.count
      lastClass = nil
    } else if starter != nil {
      lastClass = combiningClass
    }
    result.append(item)
  }
}

extension NormalizationTables {
  /// Returns the scalar that two scalars compose to; nil if there is none.
  static func composition(_ first: UInt32, _ second: UInt32) -> UInt32? {
    if let syllable = hangul(first, second) { return syllable }
    let key = UInt64(first) << 32 | UInt64(second)
    var (low, high) = (0, pairCount)
    while low < high {
      let middle = (low + high) / 2
      if pair(middle) < key { low = middle + 1 } else { high = middle }
    }
    guard low < pairCount, pair(low) == key else { return nil }
    return scalar(low * 3 + 2)
  }

  private static func pair(_ number: Int) -> UInt64 {
    UInt64(scalar(number * 3)) << 32 | UInt64(scalar(number * 3 + 1))
  }

  private static func scalar(_ number: Int) -> UInt32 {
    UInt32(UnicodeTables.number(pairs, at: number, digits: 4))
  }

  /// Composes a leading consonant and a vowel, or such a syllable and a trailing consonant (Unicode
  /// Standard, 3.12).
  private static func hangul(_ first: UInt32, _ second: UInt32) -> UInt32? {
    switch (first, second) {
    case (0x1100..<0x1113, 0x1161..<0x1176):
      0xAC00 + ((first - 0x1100) * 21 + second - 0x1161) * 28
    case (0xAC00..<0xAC00 + 11172, 0x11A8..<0x11C3) where (first - 0xAC00) % 28 == 0:
      first + second - 0x11A7
    default: nil
    }
  }

  /// Returns a scalar's full compatibility decomposition; nil if it equals the canonical one.
  static func compatibilityParts(of scalar: UInt32) -> [UInt32]? {
    let entry = UnicodeTables.value(
      of: scalar, index: compatibilityIndex, blocks: compatibilityBlocks,
      values: compatibilityValues, digits: 4)
    guard entry != 0 else { return nil }
    let start = entry >> 5
    return (start..<start + entry & 31).map {
      UInt32(UnicodeTables.number(parts, at: $0, digits: 4))
    }
  }
}
