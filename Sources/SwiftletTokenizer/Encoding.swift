import SwiftletSystem

/// The tokens of a text or a pair; every array has one element per token.
public struct Encoding: Sendable, Equatable {
  /// The token ids, including special tokens if requested.
  public internal(set) var ids: [Int32] = []
  /// The token type ids: with BERT's template 0 for the first text and its special tokens, 1 for
  /// the second.
  public internal(set) var typeIDs: [Int32] = []
  /// 1 for added special tokens and padding, 0 for all other tokens, even `[MASK]` in a text.
  public internal(set) var specialTokensMask: [UInt8] = []
  /// The range of each token in UTF-8 bytes of its text; `0..<0` for added special tokens.
  ///
  /// Bytes that normalization removes belong to no token: the offsets of `e` exclude the accent of
  /// a decomposed `é`.
  public internal(set) var offsets: [Range<Int>] = []
  /// The index of each token's word in its text; nil for added special tokens.
  ///
  /// Punctuation marks and added tokens are words too. For a text given as words it is the index of
  /// the given word.
  public internal(set) var wordIDs: [Int?] = []
  /// The index of each token's text, 0 or 1; nil for added special tokens.
  public internal(set) var sequenceIDs: [Int?] = []
  /// The number of tokens before truncation, special tokens included.
  public internal(set) var tokenCountBeforeTruncation = 0
  var paddingBefore = 0
  var paddingAfter = 0

  /// An encoding without tokens.
  init() {}

  /// Creates an encoding from its parts, for tests of code that uses it; without padding.
  ///
  /// - Parameters:
  ///   - ids: The token ids. Every other array must have as many elements.
  ///   - typeIDs: The token type ids; nil for 0.
  ///   - specialTokensMask: 1 for added special tokens; nil for 0.
  ///   - offsets: The range of each token in UTF-8 bytes of its text; nil for `0..<0`.
  ///   - wordIDs: The index of each token's word; nil for a word for each token.
  ///   - sequenceIDs: The index of each token's text; nil for 0.
  ///   - tokenCountBeforeTruncation: The number of tokens before truncation; nil for that of `ids`.
  public init(
    ids: [Int32], typeIDs: [Int32]? = nil, specialTokensMask: [UInt8]? = nil,
    offsets: [Range<Int>]? = nil, wordIDs: [Int?]? = nil, sequenceIDs: [Int?]? = nil,
    tokenCountBeforeTruncation: Int? = nil
  ) {
    self.ids = ids
    self.typeIDs = typeIDs ?? ids.map { _ in 0 }
    self.specialTokensMask = specialTokensMask ?? ids.map { _ in 0 }
    self.offsets = offsets ?? ids.map { _ in 0..<0 }
    self.wordIDs = wordIDs ?? ids.indices.map { $0 }
    self.sequenceIDs = sequenceIDs ?? ids.map { _ in 0 }
    self.tokenCountBeforeTruncation = tokenCountBeforeTruncation ?? ids.count
    for count in [
      self.typeIDs.count, self.specialTokensMask.count, self.offsets.count, self.wordIDs.count,
      self.sequenceIDs.count,
    ] {
      requirePrecondition(count == ids.count, "\(count) elements for \(ids.count) ids")
    }
  }

  /// The number of tokens.
  public var count: Int { ids.count }
  /// 1 for tokens and 0 for padding.
  public var attentionMask: [UInt8] {
    let tokens = ids.count - paddingBefore - paddingAfter
    return [UInt8](repeating: 0, count: paddingBefore) + [UInt8](repeating: 1, count: tokens)
      + [UInt8](repeating: 0, count: paddingAfter)
  }
  /// Whether the texts have more tokens, which were truncated or are in other windows.
  public var isTruncated: Bool {
    tokenCountBeforeTruncation > ids.count - paddingBefore - paddingAfter
  }
}

extension Encoding {
  /// The unit of positions in a text.
  public enum OffsetUnit: Sendable {
    /// Unicode scalars, as in Python.
    case unicodeScalars
    /// UTF-16 code units, as in JavaScript, Java and NSString.
    case utf16
  }

  /// Returns the offsets in another unit; `text` and `pair` must be the encoded texts.
  public func offsets(in unit: OffsetUnit, of text: String, pair: String? = nil) -> [Range<Int>] {
    let first = OffsetMap(text, unit)
    let second = pair.map { OffsetMap($0, unit) }
    return zip(offsets, sequenceIDs).map { offset, sequence in
      guard let sequence, let map = sequence == 0 ? first : second else { return 0..<0 }
      return map.convert(offset)
    }
  }

  /// Returns the offsets within each word in another unit; `words` and `pair` must be the encoded
  /// words.
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
