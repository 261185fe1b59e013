#if Server
import Metrics
import Swiftlet
import SwiftletTokenizer
import Testing

@testable import SwiftletServer

@Suite struct DriftMetricsTests {
  @Test func `best scores are counted by the label that won, whatever the client asked for`()
    async throws
  {
    try await withServer(TestModel.sentiment) { client, server in
      let function = try server.state.serving().model.scoreFunction
      #expect(function == .softmax)
      _ = try await client.post("/predict", #"{"inputs": "A film of rare warmth."}"#)
      _ = try await client.post(
        "/predict", #"{"inputs": [["Dreadful."], ["I loved it."]], "raw_scores": true, "top_k": 1}"#
      )
      let lines = try await client.get("/metrics").text.split(separator: "\n").map(String.init)
      let value = { (series: String) in
        lines.first { $0.hasPrefix(series + " ") }.flatMap { Double($0.split(separator: " ")[1]) }
      }
      #expect(value(#"swiftlet_best_score_count{label="POSITIVE"}"#) == 2)
      #expect(value(#"swiftlet_best_score_count{label="NEGATIVE"}"#) == 1)
      let sum = try #require(value(#"swiftlet_best_score_sum{label="POSITIVE"}"#))
      #expect(sum > 1.5 && sum <= 2, "scores, not logits")
      #expect(value(#"swiftlet_best_score_bucket{label="POSITIVE",le="0.4"}"#) == 0)
      #expect(value(#"swiftlet_best_score_bucket{label="POSITIVE",le="1"}"#) == 2)
    }
  }

  @Test func `a reranker's scores have its label, and an embedding model has none`() async throws {
    try await withServer(TestModel.reranker) { client, _ in
      _ = try await client.post("/rerank", #"{"query": "q", "texts": ["a", "b", "c"]}"#)
      let page = try await client.get("/metrics").text
      #expect(page.contains(#"swiftlet_best_score_count{label="RELEVANT"} 3"#))
    }
    try await withServer(TestModel.embedder) { client, _ in
      _ = try await client.post("/embed", #"{"inputs": "a"}"#)
      let page = try await client.get("/metrics").text
      #expect(!page.contains("swiftlet_best_score"))
      #expect(page.contains("swiftlet_pieces_total"))
    }
  }

  @Test func `pieces, words and unknown words are those of the tokenizer`() async throws {
    try await withServer(TestModel.sentiment) { client, server in
      let kinds = try server.state.serving().model.pieceKinds
      let tokenizer = try server.state.serving().model.tokenizer
      for (text, words, pieces, unknown) in [
        ("a good film.", 4, 4, 0), ("unbelievablyness", 1, nil, 0), ("𐤀𐤁 film", 2, 2, 1),
        ("", 0, 0, 0),
      ] as [(String, Int, Int?, Int)] {
        let ids = tokenizer.encode(text).ids
        let counts = kinds.counts(ids)
        #expect(counts.words == words && counts.unknown == unknown, "\(text)")
        #expect(counts.pieces == pieces ?? ids.count - 2, "\(text)")
      }
      #expect(kinds.counts([-1, .max, .min]) == PieceKinds.Counts())
      _ = try await client.post("/predict", #"{"inputs": [["a good film."], ["𐤀𐤁 film"]]}"#)
      let lines = Set(try await client.get("/metrics").text.split(separator: "\n").map(String.init))
      for line in [
        "swiftlet_pieces_total 6", "swiftlet_words_total 6", "swiftlet_unknown_words_total 1",
        "swiftlet_pieces_per_word_count 2", "swiftlet_pieces_per_word_sum 2",
      ] {
        #expect(lines.contains(line), "\(line)")
      }
    }
  }

  @Test func `a hundred labels have a histogram, further ones share one, also over versions`() {
    let metrics = ServerMetrics(maxInputLength: 512)
    let many = (0..<150).map { "label \($0)" }
    let first = metrics.makeDriftMetrics(labels: many)
    for label in many.indices { first.bestScore(0.5, label: label) }
    first.bestScore(0.5, label: 150)
    first.bestScore(0.5, label: -1)
    let second = metrics.makeDriftMetrics(labels: ["new", "label 3"])
    second.bestScore(0.5, label: 0)
    second.bestScore(0.5, label: 1)
    let lines = metrics.page().split(separator: "\n").filter {
      $0.hasPrefix("swiftlet_best_score_count")
    }
    #expect(lines.count == 101)
    #expect(lines.contains(#"swiftlet_best_score_count{label="(others)"} 51"#))
    #expect(lines.contains(#"swiftlet_best_score_count{label="label 3"} 2"#))
  }

  @Test func `nothing is lost when many threads add to a number`() async {
    let counter = PrometheusCounter()
    let histogram = PrometheusHistogram(bounds: [1, 2])
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<8 {
        group.addTask {
          for _ in 0..<5000 {
            counter.increment(by: 0.5)
            histogram.record(1.5)
          }
        }
      }
    }
    var text = ""
    counter.render(name: "c", labels: "", into: &text)
    histogram.render(name: "h", labels: "", into: &text)
    #expect(text.contains("c 20000\n") && text.contains("h_sum 60000\n"))
    #expect(text.contains("h_bucket{le=\"2\"} 40000\n"))
  }
}
#endif
