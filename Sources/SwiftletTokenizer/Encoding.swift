/// What became of a text or a pair: one element per token in every array.
public struct Encoding: Sendable, Equatable {
  /// The ids, special tokens included if they were asked for.
  public internal(set) var ids: [Int32] = []
  /// 0 for the first text and its special tokens, 1 for the second (what the template says).
  public internal(set) var typeIDs: [Int32] = []
  /// 1 for the special tokens put around the texts and for padding, 0 for all else, even `[MASK]` in
  /// a text.
  public internal(set) var specialTokensMask: [UInt8] = []
  /// Where the token came from, in UTF-8 bytes of its text; `0..<0` for special tokens around it.
  ///
  /// Bytes that normalization removes belong to no token: the accent of a decomposed `é` lies outside
  /// the offsets of `e`.
  public internal(set) var offsets: [Range<Int>] = []
  /// The number of the word within its text, nil for special tokens around it.
  ///
  /// A punctuation mark and an added token are words too. Of text given in words it is the number of
  /// the word given.
  public internal(set) var wordIDs: [Int?] = []
  /// Which text, 0 or 1, nil for special tokens around it.
  public internal(set) var sequenceIDs: [Int?] = []
  /// The number of tokens, special ones included, that the texts have without truncation.
  public internal(set) var tokenCountBeforeTruncation = 0
  var paddingBefore = 0
  var paddingAfter = 0

  /// The number of tokens.
  public var count: Int { ids.count }
  /// 1 for tokens and 0 for padding.
  public var attentionMask: [UInt8] {
    let tokens = ids.count - paddingBefore - paddingAfter
    return [UInt8](repeating: 0, count: paddingBefore) + [UInt8](repeating: 1, count: tokens)
      + [UInt8](repeating: 0, count: paddingAfter)
  }
  /// Whether the texts have more tokens than are here, cut off or in other windows.
  public var isTruncated: Bool {
    tokenCountBeforeTruncation > ids.count - paddingBefore - paddingAfter
  }
}

extension Encoding {
  /// How positions in a text are counted.
  public enum OffsetUnit: Sendable {
    /// Unicode scalars: the characters of Python's strings and offsets.
    case unicodeScalars
    /// The units of JavaScript, Java and NSString.
    case utf16
  }

  /// The offsets counted in another unit than bytes; `text` and `pair` as they were encoded.
  public func offsets(in unit: OffsetUnit, of text: String, pair: String? = nil) -> [Range<Int>] {
    let first = OffsetMap(text, unit)
    let second = pair.map { OffsetMap($0, unit) }
    return zip(offsets, sequenceIDs).map { offset, sequence in
      guard let sequence, let map = sequence == 0 ? first : second else { return 0..<0 }
      return map.convert(offset)
    }
  }

  /// The offsets within each word, counted in another unit than bytes; `words` and `pair` as they
  /// were encoded.
  public func offsets(
    in unit: OffsetUnit, ofWords words: [String], pair: [String] = []
  ) -> [Range<Int>] {
    let maps = [words, pair].map { words in words.map { OffsetMap($0, unit) } }
    return offsets.indices.map { index in
      guard let sequence = sequenceIDs[index], let word = wordIDs[index],
        maps[sequence].indices.contains(word)
      else { return 0..<0 }
      return maps[sequence][word].convert(offsets[index])
    }
  }
}

/// The position in another unit of every byte of a text.
private struct OffsetMap {
  private var positions: [Int] = []

  init(_ text: String, _ unit: Encoding.OffsetUnit) {
    positions.reserveCapacity(text.utf8.count + 1)
    var position = 0
    for scalar in text.unicodeScalars {
      for _ in 0..<UTF8.width(scalar) { positions.append(position) }
      position += unit == .utf16 ? UTF16.width(scalar) : 1
    }
    positions.append(position)
  }

  func convert(_ range: Range<Int>) -> Range<Int> {
    let start = positions[min(range.lowerBound, positions.count - 1)]
    let end = positions[min(range.upperBound, positions.count - 1)]
    return start..<max(start, end)
  }
}
