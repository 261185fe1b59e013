import Foundation
import Testing

@testable import SwiftletTokenizer

@Suite struct WritingTests {
  private static let texts = [
    "", "A good film.", "Unbelievably BAD acting!", "Café naïve RÉSUMÉ, e\u{301}te\u{301}",
    "東京 is 日本の cat", "I loved it 😀", "[CLS] the [MASK] film [SEP]", "a\u{0}b\u{200D}c",
    String(repeating: "x", count: 120),
  ]

  private static func folder(_ name: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Fixtures/checkpoints/\(name)").path
  }

  @Test(arguments: ["plain", "cased", "cased-without-accents", "bert", "bert-cased"])
  func `a tokenizer of a vocabulary file is the same as tokenizer.json`(name: String) throws {
    let tokenizer = try Tokenizer(directory: Self.folder(name))
    let written = try Tokenizer(tokenizerJSON: try #require(tokenizer.json()))
    #expect(written.vocabularySize == tokenizer.vocabularySize)
    for text in Self.texts {
      let (left, right) = (tokenizer.encode(text), written.encode(text))
      #expect(left.ids == right.ids && left.offsets == right.offsets)
      let pair = (tokenizer.encode(text, pair: "the cat"), written.encode(text, pair: "the cat"))
      #expect(pair.0.ids == pair.1.ids && pair.0.typeIDs == pair.1.typeIDs)
      #expect(tokenizer.decode(left.ids) == written.decode(left.ids))
    }
  }

  @Test func `what was written is written again as the same bytes`() throws {
    let text = try #require(try Tokenizer(directory: Self.folder("plain")).json())
    #expect(try Tokenizer(tokenizerJSON: text).json() == text)
  }
}
