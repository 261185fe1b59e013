/// A token that is matched in the text before the text is split into words.
struct AddedToken: Sendable, Equatable {
  var content: [UInt8]
  /// Whether it matches only if no word character is adjacent.
  var isSingleWord = false
  /// Whether a match includes the white space before it.
  var stripsLeft = false
  /// Whether a match includes the white space after it.
  var stripsRight = false
  /// Whether its normalized form is matched in the normalized text.
  var isNormalized: Bool
  /// Whether decoding can skip it.
  var isSpecial: Bool
}

/// The added tokens of a tokenizer, with their ids and matchers.
struct AddedVocabulary: Sendable {
  struct Entry: Sendable {
    var token: AddedToken
    var id: Int32
    /// The form that is matched and that decoding writes.
    var pattern: [UInt8]
  }

  private(set) var entries: [Entry] = []
  private(set) var raw = TokenMatcher([])
  private(set) var normalized = TokenMatcher([])
  /// A later token with the same content replaces the earlier one.
  private var indexByContent: [[UInt8]: Int] = [:]
  private var indexByID: [Int32: Int] = [:]
  private var specialContents: Set<[UInt8]> = []
  private var nextID: Int64
  /// Whether special tokens in a text are split like any other text.
  private let splitsSpecialTokens: Bool

  /// Assigns ids as the reference does: a token of the vocabulary keeps its id, any other gets the
  /// next unused id. The ids in the files have no effect.
  init(
    _ tokens: [AddedToken],
    vocabulary: Vocabulary,
    normalization: Normalization,
    splitsSpecialTokens: Bool = false,
    path: String
  ) throws(TokenizerError) {
    self.splitsSpecialTokens = splitsSpecialTokens
    nextID = Int64(vocabulary.count)
    for token in tokens where !token.content.isEmpty {
      var id = id(of: token.content) ?? vocabulary.id(of: token.content)
      if id == nil { id = try newID(for: token, path: path) }
      guard let id else { continue }
      put(Entry(token: token, id: id, pattern: Self.pattern(of: token, normalization)))
    }
    raw = TokenMatcher(patterns(normalized: false))
    normalized = TokenMatcher(patterns(normalized: true))
  }

  private mutating func newID(for token: AddedToken, path: String) throws(TokenizerError) -> Int32 {
    let id = nextID
    nextID += 1
    guard let fitting = Int32(exactly: id) else {
      throw .idOutOfRange(path: path, token: String(decoding: token.content, as: UTF8.self), id: id)
    }
    return fitting
  }

  private mutating func put(_ entry: Entry) {
    if entry.token.isSpecial { specialContents.insert(entry.token.content) }
    if let index = indexByContent[entry.token.content] {
      entries[index] = entry
    } else {
      indexByContent[entry.token.content] = entries.count
      indexByID[entry.id] = entries.count
      entries.append(entry)
    }
  }

  private static func pattern(of token: AddedToken, _ normalization: Normalization) -> [UInt8] {
    guard token.isNormalized else { return token.content }
    return token.content.withUnsafeBufferPointer {
      NormalizedText($0, 0..<$0.count, steps: normalization.steps).utf8.bytes
    }
  }

  private func patterns(normalized: Bool) -> [(pattern: [UInt8], index: Int)] {
    entries.indices.compactMap { index in
      let entry = entries[index]
      guard entry.token.isNormalized == normalized, !entry.pattern.isEmpty else { return nil }
      return (entry.pattern, index)
    }
  }

  // MARK: Looking up

  func entry(of id: Int32) -> Entry? { indexByID[id].map { entries[$0] } }

  func id(of content: [UInt8]) -> Int32? { indexByContent[content].map { entries[$0].id } }

  /// Returns whether decoding skips the token; like the reference, looks up the form that it
  /// writes.
  func isSkipped(_ entry: Entry) -> Bool { specialContents.contains(entry.pattern) }

  // MARK: Finding

  /// Calls `token` for every added token in `text[range]`, with the entry and its range, and `rest`
  /// for the text between them, all in order.
  ///
  /// `isSingleWord` and the stripping do not look outside `range`.
  func split(
    _ text: UnsafeBufferPointer<UInt8>,
    _ range: Range<Int>,
    with matcher: TokenMatcher,
    rest: (Range<Int>) -> Void,
    token: (Entry, Range<Int>) -> Void
  ) {
    var done = range.lowerBound
    var from = range.lowerBound
    while let match = matcher.next(in: text, from: from, to: range.upperBound) {
      from = match.range.upperBound
      let entry = entries[match.index]
      if splitsSpecialTokens, specialContents.contains(entry.token.content) { continue }
      if entry.token.isSingleWord, Self.touchesWord(match.range, text, range) { continue }
      var (start, end) = (match.range.lowerBound, match.range.upperBound)
      if entry.token.stripsLeft { start = max(Self.spaceStart(text, before: start, range), done) }
      if entry.token.stripsRight { end = Self.spaceEnd(text, after: end, range) }
      // Empty if the token before included this white space.
      guard start < end else { continue }
      if done < start { rest(done..<start) }
      token(entry, start..<end)
      done = end
    }
    if done < range.upperBound { rest(done..<range.upperBound) }
  }

  private static func touchesWord(
    _ match: Range<Int>, _ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>
  ) -> Bool {
    if match.lowerBound > range.lowerBound {
      let before = UTF8Scalars.decode(text, before: match.lowerBound).scalar
      if ScalarProperties(of: before).contains(.word) { return true }
    }
    guard match.upperBound < range.upperBound else { return false }
    let after = UTF8Scalars.decode(text, at: match.upperBound).scalar
    return ScalarProperties(of: after).contains(.word)
  }

  private static func spaceStart(
    _ text: UnsafeBufferPointer<UInt8>, before end: Int, _ range: Range<Int>
  ) -> Int {
    var end = end
    while end > range.lowerBound {
      let (scalar, start) = UTF8Scalars.decode(text, before: end)
      guard ScalarProperties(of: scalar).contains(.whitespace) else { break }
      end = start
    }
    return end
  }

  private static func spaceEnd(
    _ text: UnsafeBufferPointer<UInt8>, after start: Int, _ range: Range<Int>
  ) -> Int {
    var start = start
    while start < range.upperBound {
      let (scalar, length) = UTF8Scalars.decode(text, at: start)
      guard ScalarProperties(of: scalar).contains(.whitespace) else { break }
      start += length
    }
    return start
  }
}
