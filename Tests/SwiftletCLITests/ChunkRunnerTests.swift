import Swiftlet
import Testing

@testable import SwiftletCLI

@Suite struct ChunkRunnerTests {
  private static func text(_ text: String, pair: String? = nil) -> SourcedText {
    SourcedText(
      text: text, record: 1, line: nil, file: nil, id: nil, label: nil, bytesThrough: 0, pair: pair)
  }

  @Test(arguments: [
    ("", true), (" \t\r\n", true), ("\u{A0}\u{3000}\u{2028}", true), ("\u{200B}\u{FEFF}\0", true),
    (".", false), (" a ", false), ("\u{301}", false), ("😀", false),
  ])
  func `a text of white space and control characters is empty`(text: String, expected: Bool) {
    #expect(Self.text(text).isEmpty == expected)
    #expect(Self.text("a", pair: text).isEmpty == expected)
    #expect(Self.text(text, pair: "a").isEmpty == expected)
  }

  private struct Shout: TaskAnswer {
    let text: String
    let isTruncated = false
  }

  private func run(
    _ texts: [String], rows: Int,
    answer: @escaping ([SourcedText]) throws(SwiftletError) -> [String]
  ) throws -> (answers: [String?], emptyCount: Int) {
    let runner = ChunkRunner(
      limit: ChunkLimit(rows: rows), progress: Progress(total: .unknown, isEnabled: false)
    ) { (chunk) throws(SwiftletError) in try answer(chunk).map(Shout.init) }
    var answers: [String?] = []
    var failure: CommandFailure?
    do {
      try runner.run(ArgumentChunks(texts)) { chunk, some in
        #expect(chunk.count >= some.count)
        answers += some.map { $0?.text }
      }
    } catch let error as CommandFailure {
      failure = error
    }
    if let failure { answers.append(failure.description) }
    return (answers, runner.emptyCount)
  }

  @Test(arguments: [1, 2, 3, 10])
  func `empty texts skip the model and keep their place`(rows: Int) throws {
    let (answers, count) = try run(["", "a", " ", "\t", "b", ""], rows: rows) { chunk in
      #expect(!chunk.isEmpty && chunk.allSatisfy { !$0.isEmpty })
      return chunk.map { $0.text + "!" }
    }
    #expect(answers == [nil, "a!", nil, nil, "b!", nil])
    #expect(count == 4)
  }

  @Test(arguments: [1, 2, 5, 100])
  func `texts that fail are passed over, in few calls and with their problems`(rows: Int) throws {
    let texts = (0..<60).map { $0 < 20 || $0 % 7 == 0 ? "bad \($0)" : "good \($0)" } + [""]
    for policy in [ErrorPolicy.skip, .null] {
      let problems = RowProblems(policy: policy)
      var calls = 0
      let runner = ChunkRunner<Shout>(
        limit: ChunkLimit(rows: rows), progress: Progress(total: .unknown, isEnabled: false),
        problems: problems
      ) { (chunk) throws(SwiftletError) in
        calls += 1
        if let index = chunk.firstIndex(where: { $0.text.hasPrefix("bad") }) {
          throw .text(.noMask, index: index)
        }
        return chunk.map { Shout(text: $0.text) }
      }
      var seen: [String] = []
      try runner.run(ArgumentChunks(texts)) { chunk, answers in
        #expect(chunk.count == answers.count)
        for (text, answer) in zip(chunk, answers) {
          #expect((text.problem != nil) == text.text.hasPrefix("bad"))
          #expect(answer?.text == (text.text.hasPrefix("good") ? text.text : nil))
          seen.append(text.text)
        }
      }
      #expect(seen == texts && runner.textCount == texts.count)
      #expect(problems.count == 26 && runner.emptyCount == 1)
      #expect(calls <= 2 * texts.count)
    }
  }

  @Test func `an error names the text's place and follows the answers before it`() throws {
    let (answers, count) = try run(["", "a", "", "bad", "", "c"], rows: 10) {
      (chunk) throws(SwiftletError) in
      if let index = chunk.firstIndex(where: { $0.text == "bad" }) {
        throw .text(.noTokens, index: index)
      }
      return chunk.map { $0.text + "!" }
    }
    #expect(answers.dropLast() == [nil, "a!", nil])
    #expect(answers.last??.hasPrefix("text 4: the text ") == true)
    #expect(count == 2)
  }
}
