/// The scanner's action for each byte: the replacement of a plain byte, or a mark in the upper
/// half.
struct ASCIITable: Sendable {
  static let special: UInt16 = 0x100
  static let separator: UInt16 = 0x100
  static let dropped: UInt16 = 0x200
  /// The first byte of a scalar outside ASCII.
  static let beyond: UInt16 = 0x300
  /// Combined with the byte: a word of its own.
  static let punctuation: UInt16 = 0x400

  private let actions: [UInt16]

  init(_ bert: BertNormalization) {
    actions = (0..<256 as Range<UInt32>).map { byte in
      guard byte < 0x80 else { return Self.beyond }
      let properties = ScalarProperties(of: byte)
      if bert.cleansText, properties.contains(.dropped) { return Self.dropped }
      if properties.contains(.whitespace) { return Self.separator }
      let isLowered = bert.lowercases && properties.contains(.lowercases)
      let result = UInt16(isLowered ? UnicodeTables.lowercase(byte) : byte)
      return properties.contains(.punctuation) ? Self.punctuation | result : result
    }
  }

  @inline(__always)
  subscript(byte: UInt8) -> UInt16 { actions[Int(byte)] }
}
