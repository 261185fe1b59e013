/// The tokens of a text or a pair before truncation, and the template of special tokens.
struct TokenizedTexts: Sendable {
  let first: DetailSink
  let second: DetailSink?
  private let pieces: [Template.Piece]
  private let addsSpecialTokens: Bool
  /// The number of special tokens that are added.
  let specialCount: Int

  /// Whether the template has the second text before the first.
  var isSecondInFront: Bool {
    for piece in pieces {
      if case .first = piece { return false }
      if case .second = piece { return true }
    }
    return false
  }

  init(_ text: String, _ pair: String?, _ core: TokenizerCore, addSpecialTokens: Bool) {
    self.init(
      core.tokenize(text, into: DetailSink(expecting: text.utf8.count)),
      pair.map { core.tokenize($0, into: DetailSink(expecting: $0.utf8.count)) },
      core.template, addSpecialTokens: addSpecialTokens)
  }

  init(words: [String], pair: [String]?, _ core: TokenizerCore, addSpecialTokens: Bool) {
    self.init(
      core.tokenize(words: words), pair.map { core.tokenize(words: $0) }, core.template,
      addSpecialTokens: addSpecialTokens)
  }

  private init(
    _ first: DetailSink, _ second: DetailSink?, _ template: Template, addSpecialTokens: Bool
  ) {
    self.first = first
    self.second = second
    pieces = second == nil ? template.single : template.pair
    addsSpecialTokens = addSpecialTokens
    specialCount = addSpecialTokens ? Template.specialCount(pieces) : 0
  }

  /// Builds an encoding of a range of each text's tokens with special tokens.
  ///
  /// `templateTypes` selects whether each text has the template's type id; otherwise the first has
  /// 0 and the second 1, as the reference assigns them in windows after the first.
  func encoding(
    first firstRange: Range<Int>,
    second secondRange: Range<Int>,
    templateTypes: (first: Bool, second: Bool) = (true, true)
  ) -> Encoding {
    var encoding = Encoding(capacity: specialCount + firstRange.count + secondRange.count)
    encoding.tokenCountBeforeTruncation = specialCount
    for piece in pieces {
      switch piece {
      case .special(let ids, let typeID):
        if addsSpecialTokens { encoding.append(special: ids, typeID: typeID) }
      case .first(let typeID):
        encoding.append(
          first, firstRange, sequence: 0, typeID: templateTypes.first ? typeID : 0)
      case .second(let typeID):
        guard let second else { continue }
        encoding.append(
          second, secondRange, sequence: 1, typeID: templateTypes.second ? typeID : 1)
      }
    }
    return encoding
  }
}

extension TokenizedTexts {
  /// Builds the encoding, truncated as the options require.
  func encoding(_ options: EncodingOptions) -> Encoding {
    let kept = options.kept(of: self)
    var encoding = encoding(
      first: options.truncationSide.kept(kept.first, of: first.count),
      second: options.truncationSide.kept(kept.second, of: second?.count ?? 0))
    if let maxLength = options.maxLength { encoding.truncate(to: max(maxLength, 0)) }
    return encoding
  }
}

extension EncodingOptions {
  /// Returns how many tokens of each text to keep.
  func kept(of texts: TokenizedTexts) -> (first: Int, second: Int) {
    kept(texts.first.count, texts.second?.count, specials: texts.specialCount)
  }

  /// Returns how many of `first` and `second` tokens to keep besides `specials` special tokens.
  func kept(_ first: Int, _ second: Int?, specials: Int) -> (first: Int, second: Int) {
    guard let maxLength else { return (first, second ?? 0) }
    let room = max(max(maxLength, 0) - specials, 0)
    guard let second else { return (min(first, room), 0) }
    return truncation.kept(first: first, second: second, room: room)
  }
}

extension TextSide {
  /// Returns the range of `kept` of `count` tokens when the others are removed at this side.
  func kept(_ kept: Int, of count: Int) -> Range<Int> {
    self == .right ? 0..<kept : count - kept..<count
  }
}

extension Encoding {
  fileprivate init(capacity: Int) {
    ids.reserveCapacity(capacity)
    typeIDs.reserveCapacity(capacity)
    specialTokensMask.reserveCapacity(capacity)
    offsets.reserveCapacity(capacity)
    wordIDs.reserveCapacity(capacity)
    sequenceIDs.reserveCapacity(capacity)
  }

  fileprivate mutating func append(special: [Int32], typeID: Int32) {
    ids += special
    typeIDs += repeatElement(typeID, count: special.count)
    specialTokensMask += repeatElement(1, count: special.count)
    offsets += repeatElement(0..<0, count: special.count)
    wordIDs += repeatElement(nil, count: special.count)
    sequenceIDs += repeatElement(nil, count: special.count)
  }

  fileprivate mutating func append(
    _ tokens: DetailSink, _ range: Range<Int>, sequence: Int, typeID: Int32
  ) {
    ids += tokens.ids[range]
    typeIDs += repeatElement(typeID, count: range.count)
    specialTokensMask += repeatElement(0, count: range.count)
    offsets += tokens.offsets[range]
    wordIDs += tokens.words[range].lazy.map { Optional($0) }
    sequenceIDs += repeatElement(Optional(sequence), count: range.count)
    tokenCountBeforeTruncation += tokens.count
  }

  /// Removes all tokens after the first `count`.
  mutating func truncate(to count: Int) {
    let surplus = ids.count - count
    guard surplus > 0 else { return }
    ids.removeLast(surplus)
    typeIDs.removeLast(surplus)
    specialTokensMask.removeLast(surplus)
    offsets.removeLast(surplus)
    wordIDs.removeLast(surplus)
    sequenceIDs.removeLast(surplus)
  }
}
