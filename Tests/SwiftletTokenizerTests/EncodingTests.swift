import SwiftletTokenizer
import Testing

/// Properties beyond equality with the reference.
@Suite struct EncodingTests {
  let tokenizer: Tokenizer

  init() throws { tokenizer = try Tokenizer(vocabularyFile: Fixtures.bundledVocabulary) }

  @Test func `the example of the documentation encodes as written there`() {
    #expect(
      tokenizer.encode("Reads like a dream.").ids == [101, 9631, 2066, 1037, 3959, 1012, 102]
    )
  }

  @Test func `an empty text has special tokens only`() {
    let encoding = tokenizer.encode("")
    #expect(encoding.ids == [101, 102])
    #expect(encoding.specialTokensMask == [1, 1])
    #expect(encoding.offsets == [0..<0, 0..<0])
    #expect(encoding.wordIDs == [nil, nil])
    #expect(tokenizer.encode("", options: EncodingOptions(addSpecialTokens: false)).ids.isEmpty)
  }

  @Test func `offsets count in every unit`() {
    let text = "é 👍🏽 naïve"
    let encoding = tokenizer.encode(text)
    #expect(encoding.offsets == [0..<0, 0..<2, 3..<11, 12..<18, 0..<0])
    #expect(
      encoding.offsets(in: .unicodeScalars, of: text) == [0..<0, 0..<1, 2..<4, 5..<10, 0..<0]
    )
    #expect(encoding.offsets(in: .utf16, of: text) == [0..<0, 0..<1, 2..<6, 7..<12, 0..<0])
  }

  @Test func `a pair has a type for each text`() {
    let encoding = tokenizer.encode("Who?", pair: "Me.")
    #expect(encoding.ids == [101, 2040, 1029, 102, 2033, 1012, 102])
    #expect(encoding.typeIDs == [0, 0, 0, 0, 1, 1, 1])
    #expect(encoding.sequenceIDs == [nil, 0, 0, nil, 1, 1, nil])
    #expect(encoding.wordIDs == [nil, 0, 1, nil, 0, 1, nil])
    #expect(encoding.specialTokensMask == [1, 0, 0, 1, 0, 0, 1])
  }

  @Test(arguments: [Int.min, -1, 0, 1, 2, 3, 4, 5, 6, 7, 100, Int.max])
  func `a result never exceeds the maximum length`(maxLength: Int) {
    for strategy in [TruncationStrategy.longestFirst, .onlyFirst, .onlySecond] {
      let options = EncodingOptions(maxLength: maxLength, truncation: strategy)
      for pair in [nil, "", "two words", "a second text that is longer than the first"] {
        let whole = tokenizer.encode("a first text", pair: pair)
        let cut = tokenizer.encode("a first text", pair: pair, options: options)
        #expect(cut.ids.count == min(whole.ids.count, max(maxLength, 0)))
        #expect(cut.tokenCountBeforeTruncation == whole.ids.count)
        #expect(cut.isTruncated == (cut.ids.count < whole.ids.count))
        #expect(cut.offsets.count == cut.ids.count)
        #expect(cut.typeIDs.count == cut.ids.count)
        #expect(cut.wordIDs.count == cut.ids.count)
        #expect(cut.sequenceIDs.count == cut.ids.count)
        #expect(cut.specialTokensMask.count == cut.ids.count)
        if maxLength >= 3 { #expect(cut.ids.last == 102) }
      }
    }
  }

  /// The reference refuses these texts; here the other text is cut too.
  @Test func `a strategy that cannot reach the limit cuts the other text too`() {
    let options = EncodingOptions(maxLength: 5, truncation: .onlySecond)
    #expect(
      tokenizer.encode("one two three", pair: "four", options: options).ids
        == [101, 2028, 2048, 102, 102]
    )
  }

  @Test func `ids into a buffer equal the encoding`() throws {
    for text in try RandomTexts.make(200) {
      let whole = tokenizer.encode(text)
      for maxLength in [nil, 0, 1, 2, 3, 10] {
        var ids: [Int32] = [7]
        let count = tokenizer.encode(text, into: &ids, maxLength: maxLength)
        let options = EncodingOptions(maxLength: maxLength)
        #expect(ids == [7] + tokenizer.encode(text, options: options).ids)
        #expect(count == whole.ids.count)
        let pair = String(String.UnicodeScalarView(text.unicodeScalars.reversed()))
        let pairCount = tokenizer.encode(text, pair: pair, into: &ids, maxLength: maxLength)
        let pairEncoding = tokenizer.encode(text, pair: pair, options: options)
        #expect(ids.suffix(pairEncoding.ids.count) == pairEncoding.ids[...])
        #expect(pairCount == pairEncoding.tokenCountBeforeTruncation)
      }
    }
  }

  #if DEBUG
  static let hugeSize = 1_000_000
  #else
  static let hugeSize = 10_000_000
  #endif

  /// 10 MB (1 MB without optimization) of letters, of letters with accents, of marks alone, of ideographs and of special tokens.
  @Test(
    .timeLimit(.minutes(10)),
    arguments: ["a", "é", "e\u{301}", "\u{301}", "\u{302E}\u{301}", "中", "[MASK]", "[", "İ"]
  )
  func `huge texts take linear time`(unit: String) {
    let count = Self.hugeSize / unit.utf8.count
    let text = String(repeating: unit, count: count)
    var ids: [Int32] = []
    let tokens = tokenizer.encode(text, into: &ids, maxLength: 512)
    switch unit {
    case "中", "[MASK]", "[": #expect(tokens == count + 2)
    case "\u{301}": #expect(ids == [101, 102])
    default: #expect(ids == [101, 100, 102])
    }
  }

  @Test func `decoding skips unknown ids`() {
    let ids: [Int32] = [.min, -1, 7592, 999_999, .max, 2088]
    #expect(tokenizer.decode(ids) == "hello world")
    #expect(tokenizer.token(for: -1) == nil)
    #expect(tokenizer.token(for: .max) == nil)
    #expect(tokenizer.decode([]) == "")
  }

  @Test func `decoding joins pieces and cleans up`() {
    let ids = tokenizer.encode("I don't think it's unaffable, is it?").ids
    #expect(tokenizer.decode(ids) == "i don ' t think it ' s unaffable, is it?")
    #expect(
      tokenizer.decode(ids, skipSpecialTokens: false, cleanUp: false)
        == "[CLS] i don ' t think it ' s unaffable , is it ? [SEP]"
    )
  }

  @Test func `tokens and ids are each other's inverse`() {
    for id in Int32(0)..<Int32(tokenizer.vocabularySize) {
      #expect(tokenizer.token(for: id).flatMap { tokenizer.id(of: $0) } == id)
    }
    #expect(tokenizer.id(of: "") == nil)
    #expect(tokenizer.id(of: "no such token") == nil)
  }

  @Test func `many threads may use one tokenizer`() async throws {
    let tokenizer = tokenizer
    let texts = try RandomTexts.make(200)
    let expected = texts.map { tokenizer.encode($0) }
    await withTaskGroup(of: [Encoding].self) { group in
      for _ in 0..<8 { group.addTask { texts.map { tokenizer.encode($0) } } }
      for await result in group { #expect(result == expected) }
    }
  }
}
