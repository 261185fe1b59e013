import Foundation
import SwiftletTokenizer
import Testing

/// The answers of the Python package `tokenizers` in make.py's files: ids, offsets, word numbers,
/// type ids and masks of every text must be the same.
@Suite struct GoldenTests {
  /// The six settings of BERT's normalizer, in make.py's order.
  static let cases: [(lowercase: Bool, stripAccents: Bool?)] = [
    (true, nil), (true, true), (true, false), (false, nil), (false, true), (false, false),
  ]

  static func tokenizers(_ vocabulary: String) throws -> [Tokenizer] {
    try cases.map { lowercase, stripAccents in
      var options = TokenizerOptions()
      options.lowercase = lowercase
      options.stripAccents = stripAccents
      return try Tokenizer(vocabularyFile: vocabulary, options: options)
    }
  }

  /// The step between compared texts of the largest series.
  #if DEBUG
  static let step = 16  // everything takes minutes without optimization
  #else
  static let step = 1
  #endif

  static func check(
    _ series: String, _ texts: [String], step: Int = 1, _ sum: (Int, String) -> UInt32
  ) throws {
    let expected = try #require(Fixtures.series[series], "no series \(series)")
    try #require(expected.count == texts.count)
    for index in stride(from: 0, to: texts.count, by: step)
    where sum(index, texts[index]) != expected[index] {
      Issue.record("\(series): line \(index + 1) differs: \(texts[index].debugDescription)")
    }
  }

  static func encode(_ text: String, _ tokenizers: [Tokenizer]) -> UInt32 {
    var crc = CRC32()
    for tokenizer in tokenizers { crc.add(tokenizer.encode(text), of: text) }
    return crc.value
  }

  @Test(arguments: ["blns.txt", "nasty.txt"])
  func `texts in the repository agree`(name: String) throws {
    let tokenizers = try Self.tokenizers(Fixtures.bundledVocabulary)
    let texts = try Fixtures.lines(of: name)
    try Self.check("bundled/\(name)", texts) { Self.encode($1, tokenizers) }
  }

  @Test func `random texts agree`() throws {
    let tokenizers = try Self.tokenizers(Fixtures.bundledVocabulary)
    try Self.check("bundled/random", RandomTexts.make(20000), step: Self.step) {
      Self.encode($1, tokenizers)
    }
  }

  /// All 1,112,064 scalars between an `a` and a `b`, in texts of 256.
  @Test func `every scalar agrees`() throws {
    let tokenizers = try Self.tokenizers(Fixtures.bundledVocabulary)
    try Self.check("bundled/scalars", ScalarTexts.all, step: Self.step) {
      Self.encode($1, tokenizers)
    }
  }

  @Test(arguments: ["blns.txt", "nasty.txt"])
  func `pairs and truncation agree`(name: String) throws {
    let tokenizer = try Tokenizer(vocabularyFile: Fixtures.bundledVocabulary)
    let texts = try Fixtures.lines(of: name)
    try Self.check("pairs/\(name)", texts) { index, first in
      let second = texts[(index + 1) % texts.count]
      var crc = CRC32()
      func add(_ pair: String?, _ options: EncodingOptions) {
        let encoding = tokenizer.encode(first, pair: pair, options: options)
        crc.add(encoding, of: first, pair: pair)
      }
      add(second, EncodingOptions())
      add(second, EncodingOptions(addSpecialTokens: false))
      let lengths = [first, second].map {
        tokenizer.encode($0, options: EncodingOptions(addSpecialTokens: false)).ids.count
      }
      for length in [3, 4, 7, 8, 16, 33] {
        for strategy in [TruncationStrategy.longestFirst, .onlyFirst, .onlySecond] {
          let surplus = lengths[0] + lengths[1] + 3 - length
          let own = strategy == .onlyFirst ? lengths[0] : lengths[1]
          // The reference refuses what would leave a text empty, unless nothing at all is left.
          if strategy != .longestFirst, length > 3, surplus > 0, own <= surplus {
            crc.add([0 as Int32])
          } else {
            add(second, EncodingOptions(maxLength: length, truncation: strategy))
          }
        }
        add(nil, EncodingOptions(maxLength: length))
        add(nil, EncodingOptions(maxLength: length, addSpecialTokens: false))
      }
      return crc.value
    }
  }

  @Test(arguments: ["blns.txt", "nasty.txt"])
  func `decoded texts agree`(name: String) throws {
    let tokenizer = try Tokenizer(vocabularyFile: Fixtures.bundledVocabulary)
    let texts = try Fixtures.lines(of: name)
    try Self.check("decoded/\(name)", texts) { _, text in
      let ids = tokenizer.encode(text).ids
      var crc = CRC32()
      for cleanUp in [true, false] {
        for skip in [true, false] {
          let decoded = tokenizer.decode(ids, skipSpecialTokens: skip, cleanUp: cleanUp)
          crc.add((decoded + "\n").utf8)
        }
      }
      return crc.value
    }
  }

  /// Added tokens of every kind, other normalizers, templates, prefixes and gaps in the ids.
  @Test(arguments: ["added", "sequence", "bare", "marks", "unclean"])
  func `unusual files agree`(name: String) throws {
    let path = Fixtures.folder.appending(path: "\(name).tokenizer.json").path
    let tokenizer = try Tokenizer(tokenizerFile: path)
    let texts =
      try Fixtures.lines(of: "blns.txt")
      + Fixtures.lines(of: "nasty.txt") + RandomTexts.make(2000)
    try Self.check("small/\(name)", texts) { Self.encode($1, [tokenizer]) }
    try Self.check("small-pairs/\(name)", texts) { index, text in
      let pair = texts[(index + 1) % texts.count]
      var crc = CRC32()
      crc.add(tokenizer.encode(text, pair: pair), of: text, pair: pair)
      return crc.value
    }
    try Self.check("small-decoded/\(name)", texts) { _, text in
      let ids = tokenizer.encode(text).ids
      var crc = CRC32()
      crc.add((tokenizer.decode(ids) + "\n").utf8)
      crc.add(tokenizer.decode(ids, skipSpecialTokens: false).utf8)
      return crc.value
    }
  }

  // The corpora are too large for the repository.
  @Test(
    .enabled(if: Fixtures.hasShared, "needs ../shared/tokenizer"),
    arguments: [
      "bert-base-uncased-vocab.txt", "bert-base-cased-vocab.txt",
      "bert-base-multilingual-cased-vocab.txt", "bert-base-chinese-vocab.txt",
      "bert-tiny.tokenizer.json", "minilm.tokenizer.json",
    ]
  )
  func `corpora agree`(vocabulary: String) throws {
    let path = Fixtures.shared.appending(path: "vocab/\(vocabulary)").path
    let tokenizers =
      vocabulary.hasSuffix(".json")
      ? [try Tokenizer(tokenizerFile: path)] : try Self.tokenizers(path)
    let names = Fixtures.series.keys.filter { $0.hasPrefix(vocabulary + "/") }.sorted()
    try #require(names.count == 13)
    for name in names {
      let file = name.dropFirst(vocabulary.count + 1)
      let texts = try Fixtures.lines(Fixtures.shared.appending(path: "corpora/\(file)"))
      try Self.check(name, texts, step: Self.step) { Self.encode($1, tokenizers) }
    }
  }
}
