import Swiftlet
import SwiftletTokenizer
import Testing

@Suite struct TokenIDsTests {
  @Test func `ids have the logits of the text that they come from`() throws {
    let classifier = try Fixture.classifier("plain")
    let texts = ["good", "", "a bad film"]
    let ids = texts.map { classifier.tokenizer.encode($0).ids }
    let answers = try classifier.classify(texts)
    #expect(try classifier.logits(ofTokenIDs: ids) == answers.map(\.logits))
    #expect(try classifier.logits(ofTokenIDs: []).isEmpty)
  }

  @Test func `invalid sequences are errors with their place`() throws {
    let classifier = try Fixture.classifier("short-model-max-length")
    let good: [Int32] = [2, 3]
    #expect(throws: SwiftletError.text(.tooLong(tokenCount: 65, maxLength: 64), index: 1)) {
      try classifier.logits(ofTokenIDs: [good, Array(repeating: 2, count: 65)])
    }
    for id in [-1, Int32.max] {
      let error = #expect(throws: SwiftletError.self) {
        try classifier.logits(ofTokenIDs: [good, good, [id]])
      }
      guard case .text(.unknownToken(id: Int(id), _), index: 2)? = error else {
        Issue.record("\(String(describing: error))")
        continue
      }
    }
    let error = #expect(throws: SwiftletError.self) {
      try classifier.logits(ofTokenIDs: [good, []])
    }
    #expect(error?.description.contains("sequence 2") == true)
  }
}
