import Swiftlet
import Testing

@testable import SwiftletCLI

@Suite struct AnswerCacheTests {
  private struct Shout: TaskAnswer, Equatable {
    let text: String
    let isTruncated = false
  }

  private static func texts(_ texts: [String], pair: String? = nil) -> [SourcedText] {
    texts.map { text in
      SourcedText(
        text: text, record: 1, line: nil, file: nil, id: nil, label: nil, bytesThrough: 0,
        pair: pair)
    }
  }

  /// Asks a cache, and returns the answers and the texts that were computed.
  private static func ask(
    _ cache: AnswerCache<Shout>, _ texts: [String], pair: String? = nil
  ) throws -> (answers: [String], computed: [String]) {
    var computed: [String] = []
    let answers = try cache.answers(to: Self.texts(texts, pair: pair)) {
      (asked) throws(SwiftletError) in
      computed += asked.map(\.text)
      return asked.map { Shout(text: $0.text + "!" + ($0.pair ?? "")) }
    }
    return (answers.map(\.text), computed)
  }

  @Test func `equal texts are computed once, in one chunk and in later ones`() throws {
    let cache = AnswerCache<Shout>(answerBytes: 10)
    let first = try Self.ask(cache, ["a", "b", "a", "a", "c"])
    #expect(first.answers == ["a!", "b!", "a!", "a!", "c!"] && first.computed == ["a", "b", "c"])
    let second = try Self.ask(cache, ["d", "c", "d", "b"])
    #expect(second.answers == ["d!", "c!", "d!", "b!"] && second.computed == ["d"])
    #expect(cache.textCount == 9 && cache.savedCount == 5)
    #expect(cache.note?.contains("4 of 9 texts; the other 55.6%") == true)
  }

  @Test func `texts that only look equal, and pairs, are different`() throws {
    let cache = AnswerCache<Shout>(answerBytes: 10)
    let looks = try Self.ask(cache, ["\u{E9}", "e\u{301}"])
    #expect(looks.computed.count == 2)
    #expect(try Self.ask(cache, ["\u{E9}"], pair: "x").answers == ["\u{E9}!x"])
    #expect(try Self.ask(cache, ["\u{E9}"], pair: "").answers == ["\u{E9}!"])
    #expect(cache.savedCount == 0)
  }

  @Test(arguments: [0, 1000, 5000, 1 << 20])
  func `a small cache forgets, and answers are the same`(limit: Int) throws {
    let cache = AnswerCache<Shout>(limit: limit, answerBytes: 40)
    var random = SystemRandomNumberGenerator()
    var computed = 0
    for _ in 0..<60 {
      let texts = (0..<20).map { _ in "text \(Int.random(in: 0..<50, using: &random))" }
      let result = try Self.ask(cache, texts)
      #expect(result.answers == texts.map { $0 + "!" })
      #expect(Set(result.computed).count == result.computed.count)
      computed += result.computed.count
    }
    #expect(cache.textCount - cache.savedCount == computed)
    if limit == 1 << 20 { #expect(computed <= 50) } else { #expect(computed > 50) }
  }

  @Test func `an error names the text's index among all`() throws {
    let cache = AnswerCache<Shout>(answerBytes: 10)
    _ = try Self.ask(cache, ["a"])
    let error = #expect(throws: SwiftletError.self) {
      try cache.answers(to: Self.texts(["a", "b", "b", "bad"])) { (asked) throws(SwiftletError) in
        throw .text(.noTokens, index: asked.count - 1)
      }
    }
    #expect(error?.textIndex == 3)
  }
}
