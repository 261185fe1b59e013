#if Server
import Swiftlet
import Testing

@testable import SwiftletServer

@Suite struct RerankRouteTests {
  struct Rank: Decodable, Equatable {
    var index: Int
    var score: Float
    var text: String?
  }

  private static let texts = ["It was not bad", "the best", "I loved it"]
  private static let body =
    #"{"query": "A good film.", "texts": ["It was not bad", "the best", "I loved it"]"#

  private func expected() throws -> [Float] {
    let classifier = try Classifier(directory: TestModel.reranker)
    return try classifier.classify(Self.texts.map { TextPair("A good film.", $0) }).map(\.score)
  }

  @Test func `texts are ordered by the library's scores`() async throws {
    try await withServer(TestModel.reranker) { client, _ in
      let scores = try expected()
      for path in ["/rerank", "/", "/invocations"] {
        let answer = try await client.post(path, Self.body + "}")
        #expect(answer.status == 200)
        let ranks = try answer.decoded([Rank].self)
        #expect(ranks.map(\.score) == scores.sorted(by: >))
        #expect(ranks.allSatisfy { $0.score == scores[$0.index] && $0.text == nil })
        #expect(!answer.text.contains("text"))
        #expect(answer.header("x-compute-type") == "cpu+optimized")
      }
    }
  }

  @Test func `texts come back on request, and raw scores are logits`() async throws {
    try await withServer(TestModel.reranker) { client, _ in
      let answer = try await client.post(
        "/rerank", Self.body + #", "return_text": true, "raw_scores": true}"#)
      let ranks = try answer.decoded([Rank].self)
      #expect(ranks.allSatisfy { $0.text == Self.texts[$0.index] })
      #expect(ranks.contains { $0.score < 0 })
      #expect(answer.text.hasPrefix(#"[{"index":"#))
    }
  }

  @Test
  func `the single label of a reranker goes through a sigmoid in /predict too`() async throws {
    try await withServer(TestModel.reranker) { client, _ in
      let answer = try await client.post(
        "/predict", #"{"inputs": ["A good film.", "the best"]}"#)
      let score = try expected()[1]
      #expect(answer.text == "[{\"score\":\(score),\"label\":\"RELEVANT\"}]")
    }
  }

  @Test func `empty and too large lists and other models are refused`() async throws {
    try await withServer(TestModel.reranker) {
      $0.maxClientBatchSize = 2
    } _: { client, _ in
      let empty = try await client.post("/rerank", #"{"query": "a", "texts": []}"#)
      #expect(empty.status == 400)
      #expect(try empty.decoded() == WireError(error: "`texts` cannot be empty", type: "Empty"))
      let large = try await client.post("/rerank", Self.body + "}")
      #expect(large.status == 422)
      let both = try await client.post("/rerank", #"{"query": "", "texts": [""]}"#)
      #expect(both.status == 400)
    }
    try await withServer(TestModel.sentiment) { client, _ in
      let answer = try await client.post("/rerank", Self.body + "}")
      #expect(answer.status == 424)
      #expect(
        try answer.decoded()
          == WireError(error: "Backend error: model is not a re-ranker model", type: "Backend"))
    }
  }
}
#endif
