import Foundation
import Testing

@testable import SwiftletTokenizer

/// Each option of a `tokenizer.json` and each way to encode, against the answers in options.py's files.
@Suite struct OptionTests {
  static let texts: [String] = {
    let nasty = (try? Fixtures.lines(of: "nasty.txt")) ?? []
    return nasty + ((try? Fixtures.lines(of: "blns.txt")) ?? [])
  }()

  /// `added.tokenizer.json` with the sections of options.json over its own.
  static func tokenizer(_ name: String) throws -> Tokenizer {
    func object(_ file: String) throws -> [String: Any] {
      let data = try Data(contentsOf: Fixtures.folder.appending(path: file))
      return try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
    }
    let sections = try #require(object("options.json")[name] as? [String: Any])
    let merged = try object("added.tokenizer.json").merging(sections) { $1 }
    return try Tokenizer(
      tokenizerJSON: [UInt8](JSONSerialization.data(withJSONObject: merged)))
  }

  static let sections = [
    "NFC", "NFD", "NFKC", "NFKD", "Lowercase", "StripAccents", "Strip", "Replace", "Prepend",
    "StripLeft", "StripRight", "ReplaceNothing", "NormalizerSequence", "OneInSequence",
    "Whitespace", "WhitespaceSplit", "Punctuation-removed", "Punctuation-isolated",
    "Punctuation-merged_with_previous", "Punctuation-merged_with_next",
    "Punctuation-contiguous", "PreTokenizerSequence", "BertInSequence", "NFKC-Whitespace",
    "BertProcessing",
  ]

  @Test func `every section of the goldens is tested`() {
    let names = OptionGoldens.series.keys.filter { $0.hasPrefix("section/") }
    #expect(Set(names) == Set(Self.sections.map { "section/" + $0 }))
  }

  @Test(arguments: sections)
  func `sections agree`(name: String) throws {
    let tokenizer = try Self.tokenizer(name)
    let texts = try Self.texts + RandomTexts.make(1000).prefix(200)
    try OptionGoldens.check("section/\(name)", texts) { index, text in
      let pair = texts[(index + 1) % texts.count]
      var crc = CRC32()
      crc.add(tokenizer.encode(text), of: text)
      crc.add(tokenizer.encode(text, pair: pair), of: text, pair: pair)
      return crc.value
    }
  }

  /// All 1,112,064 scalars, 4,096 of them to a checksum.
  @Test(arguments: ["Whitespace", "WhitespaceSplit", "Punctuation-contiguous"])
  func `pre-tokenizers agree on every scalar`(name: String) throws {
    let tokenizer = try Self.tokenizer(name)
    try Self.checkScalars("section-scalars/\(name)") { text in
      var crc = CRC32()
      crc.add(tokenizer.encode(text), of: text)
      return crc.value
    }
  }

  @Test(arguments: UnicodeForm.allCases)
  func `Unicode forms agree on texts`(form: UnicodeForm) throws {
    let texts = try Self.texts + RandomTexts.make(1000)
    try OptionGoldens.check("normalized/\(form.rawValue)", texts) { Self.normalized($1, form) }
  }

  @Test(arguments: UnicodeForm.allCases)
  func `Unicode forms agree on every scalar`(form: UnicodeForm) throws {
    try Self.checkScalars("normalized-scalars/\(form.rawValue)") { Self.normalized($0, form) }
  }

  static func checkScalars(_ name: String, _ sum: (String) -> UInt32) throws {
    let pieces = stride(from: 0, to: ScalarTexts.all.count, by: 16).map {
      ScalarTexts.all[$0..<min($0 + 16, ScalarTexts.all.count)]
    }
    let starts = pieces.map { $0.first ?? "" }
    try OptionGoldens.check(name, starts, step: GoldenTests.step) { index, _ in
      var crc = CRC32()
      crc.add(pieces[index].map { Int32(bitPattern: sum($0)) })
      return crc.value
    }
  }

  /// The scalars of a normalized text, and where they came from, counted in scalars.
  static func normalized(_ text: String, _ form: UnicodeForm) -> UInt32 {
    let bytes = [UInt8](text.utf8)
    let normalized = bytes.withUnsafeBufferPointer {
      NormalizedText($0, 0..<$0.count, steps: [.unicode(form)])
    }
    var positions: [Int32] = []
    for (position, scalar) in text.unicodeScalars.enumerated() {
      positions += repeatElement(Int32(position), count: UTF8.width(scalar))
    }
    positions.append(Int32(text.unicodeScalars.count))
    var crc = CRC32()
    crc.add(normalized.scalars.map { Int32(bitPattern: $0) })
    crc.add(normalized.starts.map { positions[$0] })
    crc.add(normalized.ends.map { positions[$0] })
    return crc.value
  }

  @Test(arguments: ["bundled", "added"])
  func `texts in words agree`(name: String) throws {
    let tokenizer =
      name == "bundled"
      ? try Tokenizer(vocabularyFile: Fixtures.bundledVocabulary)
      : try Tokenizer(tokenizerFile: Fixtures.folder.appending(path: "added.tokenizer.json").path)
    let words = Self.texts.map { text in
      text.unicodeScalars.split(separator: " ", omittingEmptySubsequences: false).map {
        String($0)
      }
    }
    try OptionGoldens.check("words/\(name)", Self.texts) { index, _ in
      let (first, second) = (words[index], words[(index + 1) % words.count])
      var crc = CRC32()
      crc.add(tokenizer.encode(words: first), ofWords: first)
      crc.add(tokenizer.encode(words: first, pair: second), ofWords: first, pair: second)
      let options = EncodingOptions(maxLength: 24, stride: 5)
      for pair in [nil, second] {
        guard let windows = try? tokenizer.windows(words: first, pair: pair, options: options)
        else {
          crc.add([0 as Int32])
          continue
        }
        guard windows.count <= 200 else {
          crc.add([Int32(windows.count)])
          continue
        }
        for window in windows { crc.add(window, ofWords: first, pair: pair ?? []) }
      }
      return crc.value
    }
  }

  /// PADDINGS in options.py.
  static let paddings = [
    Padding(id: 9, typeID: 2), Padding(multiple: 8, side: .left, id: 9, typeID: 2),
    Padding(length: .fixed(20), id: 9, typeID: 2),
    Padding(length: .fixed(21), multiple: 4, side: .left, id: 9, typeID: 2),
  ]

  @Test(arguments: [1, 3])
  func `padded batches agree`(threads: Int) throws {
    let tokenizer = try Tokenizer(vocabularyFile: Fixtures.bundledVocabulary)
    let starts = Array(stride(from: 0, to: Self.texts.count, by: 8))
    try OptionGoldens.check("padding/bundled", starts.map { Self.texts[$0] }) { index, _ in
      let batch = Array(Self.texts[starts[index]...].prefix(8))
      var crc = CRC32()
      func add(_ encoding: Encoding, of text: String) {
        crc.add(encoding, of: text)
        crc.add(encoding.attentionMask)
      }
      for padding in Self.paddings {
        let options = EncodingOptions(
          maxLength: 30, truncationSide: padding.side, stride: 3, padding: padding)
        let encodings = tokenizer.encodeBatch(batch, options: options, threads: threads)
        for (encoding, text) in zip(encodings, batch) { add(encoding, of: text) }
        for text in batch {
          guard let windows = try? tokenizer.windows(text, options: options) else { continue }
          for window in windows { add(window, of: text) }
        }
      }
      return crc.value
    }
  }

  @Test func `whole texts are cleaned up as in transformers`() throws {
    let tokenizer = try Tokenizer(vocabularyFile: Fixtures.bundledVocabulary)
    try OptionGoldens.check("cleaned/bundled", Self.texts) { _, text in
      let ids = tokenizer.encode(text).ids
      var crc = CRC32()
      crc.add(tokenizer.decode(ids, cleanUpTokenizationSpaces: true).utf8)
      return crc.value
    }
    let ids = tokenizer.encode("I don't think it's unaffable, is it?").ids
    #expect(
      tokenizer.decode(ids, cleanUpTokenizationSpaces: true)
        == "i don't think it's unaffable, is it?")
  }

  @Test func `sections for truncation and padding are kept and not applied`() throws {
    let json = Small.json([
      "truncation":
        #"{"direction":"Left","max_length":3,"strategy":"OnlySecond","stride":1}"#,
      "padding": #"{"strategy":{"Fixed":6},"direction":"Left","pad_to_multiple_of":4,"#
        + #""pad_id":4,"pad_type_id":1,"pad_token":"[MASK]"}"#,
    ])
    let tokenizer = try Tokenizer(tokenizerJSON: [UInt8](json.utf8))
    #expect(tokenizer.encode("hello world a b").ids == [5, 6, 10, 11])
    let padding = Padding(length: .fixed(6), multiple: 4, side: .left, id: 4, typeID: 1)
    #expect(
      tokenizer.storedOptions
        == EncodingOptions(
          maxLength: 3, truncation: .onlySecond, truncationSide: .left, stride: 1,
          padding: padding))
    let encoding = tokenizer.encode("hello world a b", options: tokenizer.storedOptions)
    #expect(encoding.ids == [4, 4, 4, 4, 4, 6, 10, 11])
    #expect(encoding.typeIDs == [1, 1, 1, 1, 1, 0, 0, 0])
    #expect(encoding.attentionMask == [0, 0, 0, 0, 0, 1, 1, 1])
    #expect(encoding.specialTokensMask == [1, 1, 1, 1, 1, 0, 0, 0])
    #expect(encoding.isTruncated)
    let short = tokenizer.encode("a", options: tokenizer.storedOptions)
    #expect(short.ids == [4, 4, 4, 4, 4, 4, 4, 10])
    #expect(!short.isTruncated)
  }

  @Test func `a file without sections stores the defaults`() throws {
    let tokenizer = try Tokenizer(tokenizerJSON: [UInt8](Small.json().utf8))
    #expect(tokenizer.storedOptions == EncodingOptions())
  }

  @Test(arguments: [Int.min, -1, 0, 1, 2, 5, 64])
  func `batches are the same on any number of threads`(threads: Int) throws {
    let tokenizer = try Tokenizer(vocabularyFile: Fixtures.bundledVocabulary)
    let expected = Self.texts.map { tokenizer.encode($0) }
    #expect(tokenizer.encodeBatch(Self.texts, threads: threads) == expected)
    let pairs = zip(Self.texts, Self.texts.reversed()).map { (text: $0, pair: $1) }
    #expect(
      tokenizer.encodeBatch(pairs: pairs, threads: threads)
        == pairs.map { tokenizer.encode($0.text, pair: $0.pair) })
    #expect(tokenizer.encodeBatch([], threads: threads).isEmpty)
  }

  @Test(arguments: [("{}", false), (#"{"clean_up_tokenization_spaces":true}"#, true)])
  func `the configuration decides whether decoded text is cleaned up`(json: String, isClean: Bool)
    throws
  {
    let vocabulary = Small.vocabulary + "'\n"
    let tokenizer = try ModelDirectory([
      "vocab.txt": vocabulary, "tokenizer_config.json": json,
    ]).tokenizer()
    let ids = tokenizer.encode("a ' b").ids
    #expect(tokenizer.decode(ids) == (isClean ? "a'b" : "a ' b"))
    #expect(tokenizer.decode(ids, cleanUpTokenizationSpaces: false) == "a ' b")
  }

  @Test func `given words keep their numbers and offsets`() throws {
    let tokenizer = try Tokenizer(vocabularyFile: Fixtures.bundledVocabulary)
    let words = ["unaffable,", "", "né"]
    let encoding = tokenizer.encode(words: words, pair: ["x"])
    #expect(encoding.wordIDs == [nil, 0, 0, 0, 0, 2, nil, 0, nil])
    #expect(encoding.offsets.suffix(4) == [0..<3, 0..<0, 0..<1, 0..<0])
    let offsets = encoding.offsets(in: .utf16, ofWords: words, pair: ["x"])
    #expect(offsets.suffix(4) == [0..<2, 0..<0, 0..<1, 0..<0])
    #expect(tokenizer.encode(words: []).ids == [101, 102])
  }
}
