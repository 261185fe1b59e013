#if Server
/// A block of deflate data: its tokens, written in the shortest of the three formats.
struct DeflateBlock {
  var tokens: [DeflateToken] = []

  /// The symbol of the end of a block.
  private static let end = 256

  /// How often the symbols occur.
  private struct Statistics {
    var literals = [UInt32](repeating: 0, count: 286)
    var distances = [UInt32](repeating: 0, count: 30)
    /// Bits that have no code.
    var extraBits = 0

    init(_ tokens: [DeflateToken]) {
      let (lengthRanges, distanceRanges) = (SymbolRanges.lengths, SymbolRanges.distances)
      for token in tokens {
        guard token.length > 0 else {
          literals[Int(token.value)] += 1
          continue
        }
        let length = lengthRanges.symbol(Int(token.length))
        let distance = distanceRanges.symbol(Int(token.value))
        literals[DeflateBlock.end + 1 + length] += 1
        distances[distance] += 1
        extraBits += lengthRanges.extraBits[length] + distanceRanges.extraBits[distance]
      }
      literals[DeflateBlock.end] = 1
    }

    /// Bits of the block by these codes, without its header.
    func cost(_ table: CodeTable) -> Int {
      table.literals.cost(literals) + table.distances.cost(distances) + extraBits
    }
  }

  /// Writes the block; `bytes` are those of its tokens.
  func write(bytes: UnsafeBufferPointer<UInt8>, isLast: Bool, to output: inout BitWriter) {
    let statistics = Statistics(tokens)
    let own = CodeTable(
      literals: PrefixCode(frequencies: statistics.literals, maxLength: 15),
      distances: PrefixCode(frequencies: statistics.distances, maxLength: 15))
    let header = CodeTableHeader(own)
    let (ownCost, fixedCost) = (header.cost + statistics.cost(own), statistics.cost(.fixed))
    let last: UInt32 = isLast ? 1 : 0
    if 8 * bytes.count + 40 < min(ownCost, fixedCost) {
      output.write(last, 3)
      Self.store(bytes, &output)
    } else if fixedCost <= ownCost {
      output.write(last | 0b010, 3)
      write(by: .fixed, &output)
    } else {
      output.write(last | 0b100, 3)
      header.write(to: &output)
      write(by: own, &output)
    }
  }

  private func write(by table: CodeTable, _ output: inout BitWriter) {
    let (lengths, distances) = (SymbolRanges.lengths, SymbolRanges.distances)
    for token in tokens {
      guard token.length > 0 else {
        output.write(table.literals, Int(token.value))
        continue
      }
      let length = lengths.symbol(Int(token.length))
      output.write(table.literals, Self.end + 1 + length)
      output.write(
        UInt32(Int(token.length) - lengths.bases[length]), lengths.extraBits[length])
      let distance = distances.symbol(Int(token.value))
      output.write(table.distances, distance)
      output.write(
        UInt32(Int(token.value) - distances.bases[distance]), distances.extraBits[distance])
    }
    output.write(table.literals, Self.end)
  }

  /// Writes the bytes as they are. A block has at most 65,535.
  private static func store(_ bytes: UnsafeBufferPointer<UInt8>, _ output: inout BitWriter) {
    output.align()
    let count = UInt32(bytes.count)
    output.write(count | (~count & 0xFFFF) << 16, 32)
    output.append(bytes)
  }
}

extension BitWriter {
  fileprivate mutating func write(_ code: PrefixCode, _ symbol: Int) {
    write(UInt32(code.codes[symbol]), Int(code.lengths[symbol]))
  }
}
#endif
