#if Server
/// Expands a body that was compressed with deflate (RFC 1951) as it arrives, up to a limit.
///
/// The output is also the window that matches are copied from. Codes are decoded bit by bit from
/// counts and symbols, without tables. So input bits and output bytes bound the time, even with
/// many small blocks.
struct Inflater {
  enum Failure: Error, Equatable {
    /// The bytes do not have the announced format.
    case malformed(String)
    /// The output would exceed the limit.
    case tooLong
  }

  private enum State {
    case header, blockHeader
    /// In an uncompressed block, with the number of bytes before its end.
    case stored(Int)
    case codes(literals: HuffmanCode, distances: HuffmanCode)
    case trailer, end
  }

  /// The container of the compressed data.
  private enum Wrapper { case gzip, zlib, none }

  private let coding: ContentCoding
  private let limit: Int
  private var input = BitReader()
  private var output: [UInt8] = []
  private var state = State.header
  private var wrapper = Wrapper.none
  private var isLastBlock = false
  /// The start of the current gzip member in the output; matches must not reach before it.
  private var start = 0

  init(_ coding: ContentCoding, limit: Int) {
    self.coding = coding
    self.limit = limit
  }

  /// Number of bytes in the output.
  var count: Int { output.count }

  /// Expands the next piece.
  mutating func append(_ bytes: some Collection<UInt8>) throws(Failure) {
    input.append(bytes)
    while try step() {}
  }

  /// The whole output, after the last piece.
  ///
  /// - Throws: ``Failure/malformed(_:)`` if the compressed data does not end there.
  mutating func finish() throws(Failure) -> [UInt8] {
    guard case .end = state else { throw .malformed("the data ends too early") }
    return output
  }

  /// Takes a step; returns false if there are too few bytes, and the step is repeated with more.
  private mutating func step() throws(Failure) -> Bool {
    if case .codes(let literals, let distances) = state { return try decode(literals, distances) }
    let before = input.position
    guard try readPart() else {
      input.position = before
      return false
    }
    return true
  }

  private mutating func readPart() throws(Failure) -> Bool {
    switch state {
    case .header: return try readHeader()
    case .blockHeader:
      if isLastBlock {
        input.alignToByte()
        state = .trailer
        return true
      }
      return try readBlockHeader()
    case .stored(let left):
      guard left > 0 else {
        state = .blockHeader
        return true
      }
      let bytes = input.bytes(atMost: left)
      guard !bytes.isEmpty else { return false }
      guard bytes.count <= limit - output.count else { throw .tooLong }
      output += bytes
      state = .stored(left - bytes.count)
      return true
    case .codes: return true
    case .trailer: return try readTrailer()
    case .end:
      // Another member of a gzip file; other formats end here.
      guard input.count > 0 else { return false }
      guard wrapper == .gzip else { throw .malformed("something follows the compressed data") }
      state = .header
      return true
    }
  }
}

// MARK: Around the data

extension Inflater {
  private mutating func readHeader() throws(Failure) -> Bool {
    start = output.count
    isLastBlock = false
    switch coding {
    case .gzip:
      wrapper = .gzip
      guard try readGzipHeader() else { return false }
    case .deflate:
      let before = input.position
      guard let method = input.bits(8), let flags = input.bits(8) else { return false }
      if method & 15 == 8, method >> 4 <= 7, (method << 8 | flags) % 31 == 0 {
        guard flags & 0x20 == 0 else { throw .malformed("it needs a dictionary") }
        wrapper = .zlib
      } else {
        wrapper = .none
        input.position = before
      }
    }
    state = .blockHeader
    return true
  }

  /// Maximum length of a header, which is read from its beginning again with each piece.
  private static let maxHeaderLength = 1 << 17

  /// The ten bytes of RFC 1952, section 2.3, and the fields that their flags announce.
  private mutating func readGzipHeader() throws(Failure) -> Bool {
    let length = input.count
    guard let magic = input.bits(16) else { return false }
    guard magic == 0x8B1F else { throw .malformed("it does not begin as gzip does") }
    guard let method = input.bits(8), let flags = input.bits(8), input.skip(6) else { return false }
    guard method == 8, flags & 0xE0 == 0 else { throw .malformed("its gzip header is unknown") }
    var isComplete = true
    if flags & 4 != 0 {
      guard let length = input.bits(16) else { return false }
      isComplete = input.skip(length)
    }
    // A name and a comment, each with a zero at its end.
    for flag in [8, 16] where flags & flag != 0 && isComplete { isComplete = input.skipText() }
    if flags & 2 != 0, isComplete { isComplete = input.skip(2) }
    guard isComplete || length <= Self.maxHeaderLength else {
      throw .malformed("its gzip header is too long")
    }
    return isComplete
  }

  private mutating func readTrailer() throws(Failure) -> Bool {
    switch wrapper {
    case .none: break
    case .zlib:
      guard let high = input.bits(16), let low = input.bits(16) else { return false }
      let sum = UInt32(Self.swapped(high)) << 16 | UInt32(Self.swapped(low))
      guard sum == Checksum.adler32(output[start...]) else { throw Self.wrongSum }
    case .gzip:
      guard let sum = input.bits(32), let length = input.bits(32) else { return false }
      guard UInt32(sum) == Checksum.crc32(output[start...]),
        UInt32(length) == UInt32(truncatingIfNeeded: output.count - start)
      else { throw Self.wrongSum }
    }
    state = .end
    return true
  }

  private static let wrongSum = Failure.malformed("its checksum is wrong: bytes are damaged")

  private static func swapped(_ value: Int) -> UInt16 {
    UInt16(truncatingIfNeeded: value).byteSwapped
  }
}

// MARK: Blocks

extension Inflater {
  private mutating func readBlockHeader() throws(Failure) -> Bool {
    guard let last = input.bits(1), let type = input.bits(2) else { return false }
    switch type {
    case 0:
      input.alignToByte()
      guard let length = input.bits(16), let complement = input.bits(16) else { return false }
      guard length == ~complement & 0xFFFF else { throw Self.damaged }
      state = .stored(length)
    case 1: state = .codes(literals: .fixedLiterals, distances: .fixedDistances)
    case 2: guard try readCodes() else { return false }
    default: throw Self.damaged
    }
    isLastBlock = last == 1
    return true
  }

  private static let damaged = Failure.malformed("the compressed data is damaged")

  /// The order of the lengths of the codes for lengths.
  private static let lengthOrder = [
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
  ]

  /// Reads the codes of a block that has its own (section 3.2.7).
  private mutating func readCodes() throws(Failure) -> Bool {
    guard let literalBits = input.bits(5), let distanceBits = input.bits(5),
      let lengthBits = input.bits(4)
    else { return false }
    let (literalCount, distanceCount) = (literalBits + 257, distanceBits + 1)
    guard literalCount <= 286, distanceCount <= 30 else { throw Self.damaged }
    var lengths = [UInt8](repeating: 0, count: 19)
    for place in Self.lengthOrder.prefix(lengthBits + 4) {
      guard let length = input.bits(3) else { return false }
      lengths[place] = UInt8(length)
    }
    guard let lengthCode = HuffmanCode(lengths), lengthCode.isComplete else { throw Self.damaged }
    lengths = []
    while lengths.count < literalCount + distanceCount {
      guard let symbol = try nextSymbol(lengthCode) else { return false }
      var (value, extraBits, least) = (UInt8(0), 7, 11)
      switch symbol {
      case 0..<16:
        lengths.append(UInt8(symbol))
        continue
      case 16:
        guard let previous = lengths.last else { throw Self.damaged }
        (value, extraBits, least) = (previous, 2, 3)
      case 17: (extraBits, least) = (3, 3)
      default: break
      }
      guard let extra = input.bits(extraBits) else { return false }
      lengths += repeatElement(value, count: least + extra)
    }
    guard lengths.count == literalCount + distanceCount, lengths[256] > 0,
      let literals = HuffmanCode(lengths[..<literalCount]),
      let distances = HuffmanCode(lengths[literalCount...]),
      literals.isComplete || literals.hasOneBit, distances.isComplete || distances.hasOneBit
    else { throw Self.damaged }
    state = .codes(literals: literals, distances: distances)
    return true
  }

  /// Reads a symbol; returns nil if there are too few bits.
  private mutating func nextSymbol(_ code: HuffmanCode) throws(Failure) -> Int? {
    let (bits, available) = input.peek(HuffmanCode.longest)
    var (value, first, index) = (0, 0, 0)
    for length in 1...HuffmanCode.longest {
      guard length <= available else { return nil }
      value |= bits >> (length - 1) & 1
      let count = code.counts[length]
      if value - count < first {
        input.drop(length)
        return code.symbols[index + value - first]
      }
      index += count
      first = (first + count) << 1
      value <<= 1
    }
    throw Self.damaged
  }

  /// Minimum length and number of extra bits of the symbols from 257 on (section 3.2.5).
  private static let lengths: [(least: Int, bits: Int)] = [
    (3, 0), (4, 0), (5, 0), (6, 0), (7, 0), (8, 0), (9, 0), (10, 0), (11, 1), (13, 1), (15, 1),
    (17, 1), (19, 2), (23, 2), (27, 2), (31, 2), (35, 3), (43, 3), (51, 3), (59, 3), (67, 4),
    (83, 4), (99, 4), (115, 4), (131, 5), (163, 5), (195, 5), (227, 5), (258, 0),
  ]

  /// Minimum distance of each distance symbol; symbols 2n and 2n + 1 have the same number of extra
  /// bits.
  private static let distances = [
    1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049,
    3073, 4097, 6145, 8193, 12289, 16385, 24577,
  ]

  /// Expands bytes and matches up to the end of the block; returns false if it has not arrived.
  private mutating func decode(
    _ literals: HuffmanCode, _ distances: HuffmanCode
  ) throws(Failure) -> Bool {
    while true {
      let before = input.position
      switch try nextSymbol(literals) {
      case nil:
        input.position = before
        return false
      case 256:
        state = .blockHeader
        return true
      case let symbol? where symbol < 256:
        guard output.count < limit else { throw .tooLong }
        output.append(UInt8(symbol))
      case let symbol?:
        guard try copyMatch(symbol - 257, distances) else {
          input.position = before
          return false
        }
      }
    }
  }

  /// Expands a match whose length has this symbol; returns false if there are too few bits.
  private mutating func copyMatch(
    _ symbol: Int, _ code: HuffmanCode
  ) throws(Failure) -> Bool {
    guard symbol < Self.lengths.count else { throw Self.damaged }
    let (leastLength, lengthBits) = Self.lengths[symbol]
    guard let extraLength = input.bits(lengthBits), let place = try nextSymbol(code) else {
      return false
    }
    guard place < Self.distances.count else { throw Self.damaged }
    guard let extraDistance = input.bits(max(0, place / 2 - 1)) else { return false }
    try copy(leastLength + extraLength, from: Self.distances[place] + extraDistance)
    return true
  }

  private mutating func copy(_ length: Int, from distance: Int) throws(Failure) {
    guard distance <= output.count - start else { throw Self.damaged }
    guard length <= limit - output.count else { throw .tooLong }
    // A match may overlap its own output.
    for _ in 0..<length { output.append(output[output.count - distance]) }
  }
}
#endif
