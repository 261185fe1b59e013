import Testing

@testable import SwiftletCLI

@Suite struct InputTests {
  private static let labels = LabelIndex(["NEGATIVE", "POSITIVE", "5 stars", "1"])

  @Test(arguments: [
    ("NEGATIVE", 0), ("positive", 1), (" Positive ", 1), ("0", 0), ("2", 2), ("5 STARS", 2),
    // A name that looks like a number is a name.
    ("1", 3), ("3", 3), ("1.0", 3), ("2.00", 2), (" 0. ", 0),
  ]
  )
  func `a label is found by name, by name in another case, by number`(text: String, expected: Int) {
    #expect(Self.labels(text) == expected)
  }

  @Test(arguments: [
    "", " ", "4", "-1", "neg", "NEGATIVE!", "99999999999999999999", "1.5", "4.0", "True",
    "1.0.0", ".0",
  ])
  func `other words are refused as labels`(text: String) {
    #expect(Self.labels(text) == nil)
  }

  @Test func `the exact name counts where two differ in case only`() {
    let index = LabelIndex(["yes", "YES"])
    #expect(index("YES") == 1)
    #expect(index("yes") == 0)
    #expect(index("Yes") == nil)
    #expect(index.takeNotes().isEmpty)
  }

  @Test(
    arguments: [
      (["NEGATIVE", "POSITIVE"], "True", 1), (["NEGATIVE", "POSITIVE"], "FALSE", 0),
      (["1", "0"], "True", 0), (["False", "True"], "true", 1), (["0.0", "1.0"], "1", 1),
      (["1.0", "2.0"], "1", 0), (["1.0", "2.0"], "1.00", 0), (["a", "b", "c"], "True", nil),
      (["1", "1.0"], "1.00", nil),
    ] as [([String], String, Int?)])
  func `labels as pandas writes them are found where one fits`(
    labels: [String], text: String, expected: Int?
  ) {
    #expect(LabelIndex(labels)(text) == expected)
  }

  @Test func `each kind of difference is noted once`() {
    let index = LabelIndex(["NEGATIVE", "POSITIVE"])
    for text in ["NEGATIVE", "1", "other", "positive", " NEGATIVE", "1.0", "0.0", "True", "False"] {
      _ = index(text)
    }
    #expect(
      index.takeNotes() == [
        "\"positive\" is read as the label \"POSITIVE\"", "\"1.0\" is read as the label 1 POSITIVE",
        "\"True\" is read as the label 1 POSITIVE",
      ])
    #expect(index.takeNotes().isEmpty)
  }

  @Test func `a summary of many labels stays short`() {
    #expect(LabelIndex(["A", "B"]).summary == "0 A, 1 B")
    let many = LabelIndex((0..<150).map { "L\($0)" })
    #expect(many.summary.hasSuffix("7 L7 and 142 more"))
  }

  @Test(arguments: [1, 2, 3, 5, 100])
  func `arguments come in chunks, numbered from 1, in order`(rows: Int) {
    let texts = (1...5).map { "text \($0)" }
    let chunks = ArgumentChunks(texts)
    var seen: [SourcedText] = []
    while true {
      let chunk = chunks.next(ChunkLimit(rows: rows))
      guard !chunk.isEmpty else { break }
      #expect(chunk.count <= rows)
      seen += chunk
    }
    #expect(seen.map(\.text) == texts)
    #expect(seen.map(\.record) == [1, 2, 3, 4, 5])
    #expect(seen.last?.place == "text 5")
  }

  @Test func `long texts close a chunk early`() {
    let long = String(repeating: "x", count: 40_000)
    let chunks = ArgumentChunks([long, "a", long, "b"])
    let limit = ChunkLimit(rows: nil)
    #expect(chunks.next(limit).count == 1)
    #expect(chunks.next(limit).count == 2)
    #expect(chunks.next(limit).count == 1)
    #expect(chunks.next(limit).isEmpty)
  }

  @Test func `chunks grow while they are quick and shrink while they are slow, within bounds`() {
    var limit = ChunkLimit(rows: nil)
    let first = limit.bytes
    limit.adapt(to: .milliseconds(300))
    #expect(limit.bytes == first)
    for _ in 0..<100 { limit.adapt(to: .milliseconds(1)) }
    #expect(limit.bytes == ChunkLimit.maxBytes)
    for _ in 0..<100 { limit.adapt(to: .seconds(2)) }
    #expect(limit.bytes == ChunkLimit.minBytes)
  }
}
