#if Server
/// The symbols of lengths or distances (RFC 1951, section 3.2.5): each stands for a range of values,
/// of which extra bits select one.
struct SymbolRanges: Sendable {
  /// The first value of each symbol.
  let bases: [Int]
  /// Number of extra bits of each symbol.
  let extraBits: [Int]
  /// The symbol of each value up to 256 more than the first, and then of each 128th one.
  private let symbols: [UInt8]

  private init(bases: [Int], extraBits: [Int]) {
    self.bases = bases
    self.extraBits = extraBits
    let first = bases[0]
    symbols = ((0..<256).map { $0 } + (0..<256).map { $0 << 7 }).map { offset in
      UInt8((bases.lastIndex { $0 <= first + offset }) ?? 0)
    }
  }

  /// The symbol of a value, counted from the first symbol of the alphabet.
  func symbol(_ value: Int) -> Int {
    let offset = value - bases[0]
    return Int(symbols[offset < 256 ? offset : 256 + offset >> 7])
  }

  static let lengths = SymbolRanges(
    bases: [
      3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115,
      131,
      163, 195, 227, 258,
    ],
    extraBits: [
      0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
    ])
  static let distances = SymbolRanges(
    bases: [
      1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537,
      2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577,
    ],
    extraBits: [
      0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12,
      13,
      13,
    ])
}
#endif
