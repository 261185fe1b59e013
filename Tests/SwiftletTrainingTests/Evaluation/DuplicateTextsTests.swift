import SwiftletTraining
import Testing

@Suite struct DuplicateTextsTests {
  private func search(_ texts: [String]) -> DuplicateTexts {
    var search = DuplicateTexts()
    for text in texts { search.add(text) }
    return search
  }

  @Test func `Case, white space and composition do not make a text another one`() {
    let texts = [
      "A good film", "bad", " a  GOOD\tfilm\n", "Caf\u{E9}", "cafe\u{301}", "a good film!",
    ]
    #expect(search(texts).groups.map(\.rows) == [[0, 2], [3, 4]])
  }

  @Test func `Groups have every row, by their first rows`() {
    #expect(search(["b", "a", "a", "b", "c", "b"]).groups.map(\.rows) == [[0, 3, 5], [1, 2]])
  }

  @Test func `The second text of a pair counts`() {
    var search = DuplicateTexts()
    search.add("a b", pair: "c")
    search.add("a", pair: "b c")
    search.add("a b", pair: "C")
    search.add("a b c")
    #expect(search.groups == [DuplicateTexts.Group(text: "a b | c", rows: [0, 2])])
  }

  /// Words 0 to 59, of which some are replaced.
  private func text(replacing places: Set<Int> = []) -> String {
    (0..<60).map { places.contains($0) ? "other\($0)" : "word\($0)" }.joined(separator: " ")
  }

  @Test func `A text with one word changed at its end is a near duplicate`() throws {
    let texts = [text(), "too short", text(replacing: [59]), text(replacing: [30]), text()]
    let near = search(texts).nearDuplicates()
    #expect(near.map(\.row) == [2, 3] && near.map(\.earlier) == [0, 0])
    // 56 runs each, of which one and five differ.
    #expect(near.map(\.similarity) == [55.0 / 57, 51.0 / 61])
  }

  @Test func `The similarity decides what is near`() {
    let search = search([text(), text(replacing: [30])])
    #expect(search.nearDuplicates(similarity: 0.8).map(\.row) == [1])
    #expect(search.nearDuplicates(similarity: 0.9).isEmpty)
  }

  @Test func `Texts of many equal words take no quadratic time`() {
    let texts = (0..<3000).map { "the same five words and more of them again number \($0)" }
    let near = search(texts).nearDuplicates(similarity: 0.5)
    #expect(near.count == 2999 && near.allSatisfy { $0.earlier < $0.row })
  }

  @Test func `No text and empty texts have no duplicates`() {
    #expect(search([]).groups.isEmpty && search([]).nearDuplicates().isEmpty)
    #expect(search([""]).groups.isEmpty)
  }
}
