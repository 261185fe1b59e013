import Testing

@testable import SwiftletTokenizer

/// The one-pass scanner against normalizing step by step.
@Suite struct WordScannerTests {
  @Test(arguments: [true, false], [true, false])
  func `one pass equals step by step`(cleansText: Bool, isolatesChinese: Bool) throws {
    let core = try Tokenizer(vocabularyFile: Fixtures.bundledVocabulary).core
    let texts =
      try RandomTexts.make(200) + Fixtures.lines(of: "nasty.txt")
    for lowercases in [true, false] {
      for stripsAccents in [true, false] {
        let bert = BertNormalization(
          cleansText: cleansText,
          isolatesChinese: isolatesChinese,
          stripsAccents: stripsAccents,
          lowercases: lowercases
        )
        let quick = Self.core(core, bert, scansInOnePass: true)
        let plain = Self.core(core, bert, scansInOnePass: false)
        for text in texts {
          let (one, other) = (
            quick.tokenize(text, into: DetailSink()), plain.tokenize(text, into: DetailSink())
          )
          #expect(one.ids == other.ids)
          #expect(one.offsets == other.offsets)
          #expect(one.words == other.words)
        }
      }
    }
  }

  static func core(
    _ core: TokenizerCore,
    _ bert: BertNormalization,
    scansInOnePass: Bool
  ) -> TokenizerCore {
    TokenizerCore(
      model: core.model,
      added: core.added,
      normalization: .bert(bert),
      template: core.template,
      decoding: core.decoding,
      special: core.special,
      modelMaxLength: nil,
      scansInOnePass: scansInOnePass
    )
  }
}
