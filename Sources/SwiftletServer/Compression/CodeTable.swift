#if Server
/// The two codes of a block: of bytes and lengths, and of distances.
struct CodeTable: Sendable {
  let literals: PrefixCode
  let distances: PrefixCode

  /// The codes of blocks without their own (RFC 1951, section 3.2.6).
  static let fixed = CodeTable(
    literals: PrefixCode(
      lengths: (0..<288).map { $0 < 144 ? 8 : $0 < 256 ? 9 : $0 < 280 ? 7 : 8 }),
    distances: PrefixCode(lengths: [UInt8](repeating: 5, count: 30)))
}

/// The lengths of both codes as a block has them at its beginning (section 3.2.7): repeated ones
/// are written once, by a third code.
struct CodeTableHeader {
  private struct Item {
    /// A length, or 16 to 18 for a repetition.
    let symbol: UInt8
    let extra: UInt32
  }

  private static let order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]
  private static let extraBits: [UInt8: Int] = [16: 2, 17: 3, 18: 7]

  private let items: [Item]
  private let code: PrefixCode
  private let literalCount: Int
  private let distanceCount: Int
  private let lengthCount: Int
  /// Number of bits of the header.
  let cost: Int

  init(_ table: CodeTable) {
    literalCount = max(257, 1 + (table.literals.lengths.lastIndex { $0 > 0 } ?? 0))
    distanceCount = 1 + (table.distances.lengths.lastIndex { $0 > 0 } ?? 0)
    items = Self.items(
      table.literals.lengths[..<literalCount] + table.distances.lengths[..<distanceCount])
    var frequencies = [UInt32](repeating: 0, count: 19)
    for item in items { frequencies[Int(item.symbol)] += 1 }
    let code = PrefixCode(frequencies: frequencies, maxLength: 7)
    self.code = code
    lengthCount = max(4, 1 + (Self.order.lastIndex { code.lengths[$0] > 0 } ?? 0))
    cost =
      14 + 3 * lengthCount + code.cost(frequencies)
      + items.reduce(0) { $0 + (Self.extraBits[$1.symbol] ?? 0) }
  }

  func write(to output: inout BitWriter) {
    output.write(UInt32(literalCount - 257), 5)
    output.write(UInt32(distanceCount - 1), 5)
    output.write(UInt32(lengthCount - 4), 4)
    for symbol in Self.order[..<lengthCount] { output.write(UInt32(code.lengths[symbol]), 3) }
    for item in items {
      output.write(UInt32(code.codes[Int(item.symbol)]), Int(code.lengths[Int(item.symbol)]))
      if let width = Self.extraBits[item.symbol] { output.write(item.extra, width) }
    }
  }

  /// Runs of 3 to 138 zeros, and of 3 to 6 further equal lengths, are one item.
  private static func items(_ lengths: ArraySlice<UInt8>) -> [Item] {
    var items: [Item] = []
    var rest = lengths[...]
    while let length = rest.first {
      let run = rest.prefix { $0 == length }.count
      var left = run
      if length == 0 {
        while left >= 11 { left -= repeatLast(18, min(left, 138), from: 11, &items) }
        while left >= 3 { left -= repeatLast(17, min(left, 10), from: 3, &items) }
      } else if left >= 4 {
        items.append(Item(symbol: length, extra: 0))
        left -= 1
        while left >= 3 { left -= repeatLast(16, min(left, 6), from: 3, &items) }
      }
      items += repeatElement(Item(symbol: length, extra: 0), count: left)
      rest = rest.dropFirst(run)
    }
    return items
  }

  private static func repeatLast(
    _ symbol: UInt8, _ count: Int, from least: Int, _ items: inout [Item]
  ) -> Int {
    items.append(Item(symbol: symbol, extra: UInt32(count - least)))
    return count
  }
}
#endif
