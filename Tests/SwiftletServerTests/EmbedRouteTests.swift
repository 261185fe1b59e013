#if Server
import Foundation
import Swiftlet
import SwiftletTokenizer
import Testing

@testable import SwiftletServer

@Suite struct EmbedRouteTests {
  private static let texts = ["A good film.", "It was not bad"]

  /// Vectors of the library, of the length 1 if `normalizes`.
  private func expected(_ texts: [String], normalizes: Bool) throws -> [[Float]] {
    let embedder = try Embedder(directory: TestModel.embedder, normalizes: false)
    return try embedder.embed(texts).map { normalizes ? Self.unit($0.vector) : $0.vector }
  }

  private static func unit(_ vector: [Float]) -> [Float] {
    let norm = Float(vector.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot())
    return vector.map { $0 / norm }
  }

  @Test func `embeddings have the length 1 unless the request says otherwise`() async throws {
    try await withServer(TestModel.embedder) { client, _ in
      for path in ["/embed", "/", "/invocations"] {
        let one = try await client.post(path, #"{"inputs": "A good film."}"#)
        #expect(one.status == 200)
        #expect(try one.decoded() == expected([Self.texts[0]], normalizes: true))
      }
      let two = try await client.post(
        "/embed", #"{"inputs": ["A good film.", "It was not bad"], "normalize": false}"#)
      #expect(try two.decoded() == expected(Self.texts, normalizes: false))
    }
  }

  @Test func `coordinates are cut before the vector is normalised`() async throws {
    try await withServer(TestModel.embedder) { client, _ in
      let answer = try await client.post("/embed", #"{"inputs": "A good film.", "dimensions": 7}"#)
      let whole = try expected([Self.texts[0]], normalizes: false)[0]
      #expect(try answer.decoded() == [Self.unit(Array(whole.prefix(7)))])
      let none = try await client.post("/embed", #"{"inputs": "a", "dimensions": 0}"#)
      #expect(none.status == 422)
      #expect(
        try none.decoded(WireError.self).error
          == "Input validation error: `dimensions` should be positive")
      let many = try await client.post("/embed", #"{"inputs": "a", "dimensions": 21}"#)
      #expect(many.status == 422)
      #expect(
        try many.decoded(WireError.self).error
          == "Input validation error: `dimensions` should be smaller than the maximum embedding "
          + "dimension.")
    }
  }

  @Test func `token rows are cut and normalised only on request`() async throws {
    try await withServer(TestModel.embedder) { client, server in
      let whole = try await client.post("/embed_all", #"{"inputs": "A good film."}"#)
        .decoded([[[Float]]].self)[0]
      let width = try server.state.serving().model.tokenWidth
      #expect(whole.allSatisfy { $0.count == width })
      let cut = try await client.post(
        "/embed_all", #"{"inputs": "A good film.", "dimensions": 7, "normalize": false}"#)
      #expect(try cut.decoded([[[Float]]].self)[0] == whole.map { Array($0.prefix(7)) })
      let unit = try await client.post(
        "/embed_all", #"{"inputs": ["A good film."], "dimensions": 7, "normalize": true}"#)
      #expect(try unit.decoded([[[Float]]].self)[0] == whole.map { Self.unit(Array($0.prefix(7))) })
      for (dimensions, part) in [(0, "positive"), (width + 1, "smaller than")] {
        let answer = try await client.post(
          "/embed_all", #"{"inputs": "a", "dimensions": \#(dimensions)}"#)
        #expect(answer.status == 422)
        #expect(try answer.decoded(WireError.self).error.contains(part))
      }
    }
  }

  @Test func `a header counts the inputs that were cut`() async throws {
    let long = String(repeating: "good ", count: 60)
    try await withServer(TestModel.embedder) { client, _ in
      for (path, body, count) in [
        ("/embed", #"{"inputs": "good"}"#, "0"), ("/embed", #"{"inputs": "\#(long)"}"#, "1"),
        ("/embed", #"{"inputs": ["\#(long)", "good", "\#(long)"]}"#, "2"),
        ("/embed", #"{"inputs": "\#(long)", "truncation_direction": "Left"}"#, "1"),
        ("/embed_all", #"{"inputs": "\#(long)"}"#, "1"),
        ("/v1/embeddings", #"{"input": ["\#(long)"]}"#, "1"),
        (
          "/similarity", #"{"inputs": {"source_sentence": "\#(long)", "sentences": ["a", "b"]}}"#,
          "1"
        ),
        // More characters than are looked at, though they make few tokens.
        ("/embed", #"{"inputs": "\#(String(repeating: " ", count: 9000))good"}"#, "1"),
      ] {
        let answer = try await client.post(path, body)
        #expect(answer.status == 200)
        #expect(answer.header("x-truncated-inputs") == count, "\(path)")
      }
    }
    try await withServer(TestModel.reranker) { client, _ in
      let answer = try await client.post(
        "/rerank", #"{"query": "good", "texts": ["\#(long)", "a"]}"#)
      #expect(answer.header("x-truncated-inputs") == "1")
    }
  }

  @Test func `a batch beyond the admission limit is its own error, not overload`() async throws {
    try await withServer(TestModel.embedder) {
      $0.maxConcurrentRequests = 2
    } _: { client, _ in
      let answer = try await client.post("/embed", #"{"inputs": ["a", "b", "c"]}"#)
      #expect(answer.status == 422)
      let error = try answer.decoded(WireError.self).error
      #expect(error.contains("3 inputs") && error.contains("admits 2"))
      #expect(error.contains("--max-concurrent-requests"))
      #expect(try await client.post("/embed", #"{"inputs": ["a", "b"]}"#).status == 200)
    }
  }

  @Test func `the default prompt precedes a text unless the request names another`() async throws {
    let body = #"{"inputs": "A good film.", "prompt_name": "document", "normalize": false}"#
    let embedder = try Embedder(directory: TestModel.embedder, normalizes: false)
    let bare = try await embedder.embed(
      "A good film.", options: EmbeddingOptions(prompt: .none)
    ).vector
    let other = try await embedder.embed(
      "A good film.", options: EmbeddingOptions(prompt: .text("It was "))
    ).vector
    try await withServer(TestModel.embedder) { client, _ in
      #expect(try await client.post("/embed", body).decoded() == [bare])
      let unknown = try await client.post("/embed", #"{"inputs": "a", "prompt_name": "x"}"#)
      #expect(unknown.status == 422)
      #expect(try unknown.decoded(WireError.self).error.contains("document, query"))
    }
    try await withServer(TestModel.embedder) {
      $0.defaultPrompt = "It was "
    } _: { client, _ in
      let answer = try await client.post(
        "/embed", #"{"inputs": "A good film.", "normalize": false}"#)
      #expect(try answer.decoded() == [other])
    }
    try await withServer(TestModel.embedder) {
      $0.defaultPromptName = "document"
    } _: { client, _ in
      let answer = try await client.post(
        "/embed", #"{"inputs": "A good film.", "normalize": false}"#)
      #expect(try answer.decoded() == [bare])
    }
  }

  @Test func `with a prompt, ids become their text without special tokens`() async throws {
    try await withServer(TestModel.embedder) {
      $0.defaultPrompt = "It was "
    } _: { client, server in
      let ids = try server.state.serving().model.tokenizer.encode("a good film.").ids
      let text = try await client.post("/embed", #"{"inputs": "a good film."}"#)
      let same = try await client.post("/embed", #"{"inputs": \#(ids)}"#)
      #expect(try same.decoded([[Float]].self) == text.decoded([[Float]].self))
      #expect(same.header("x-compute-tokens") == text.header("x-compute-tokens"))
    }
  }

  @Test func `with TASK=sentence-similarity the main route compares sentences`() async throws {
    let body = #"{"inputs": {"source_sentence": "a film", "sentences": ["a film", "bad"]}}"#
    try await withServer(TestModel.embedder) {
      $0.comparesSentences = true
    } _: { client, _ in
      for path in ["/", "/invocations"] {
        let answer = try await client.post(path, body)
        #expect(answer.status == 200)
        #expect(answer.text == (try await client.post("/similarity", body).text))
      }
      let document = try await client.get("/api-doc/openapi.json").text
      #expect(document.contains("Alias of /similarity"))
    }
  }

  @Test func `ids equal their text, and a list may mix both`() async throws {
    try await withServer(TestModel.embedder) {
      $0.defaultPromptName = "document"
    } _: { client, server in
      let model = try server.state.serving().model
      let ids = model.tokenizer.encode("A good film.").ids
      let list = "[" + ids.map { "\($0)" }.joined(separator: ",") + "]"
      let single = try await client.post("/embed", #"{"inputs": \#(list)}"#)
      #expect(single.status == 200)
      #expect(single.header("x-compute-tokens") == "\(ids.count)")
      let mixed = try await client.post("/embed", #"{"inputs": [\#(list), "A good film."]}"#)
      #expect(try mixed.decoded([[Float]].self).count == 2)
      #expect(try mixed.decoded([[Float]].self)[0] == single.decoded([[Float]].self)[0])
      let unknown = try await client.post("/embed", #"{"inputs": [[99999999]]}"#)
      #expect(unknown.status == 422)
      #expect(try unknown.decoded(WireError.self).error.contains("99999999"))
      let empty = try await client.post("/embed", #"{"inputs": []}"#)
      #expect(empty.status == 400)
      #expect(try empty.decoded() == WireError(error: "`inputs` cannot be empty", type: "Empty"))
      let inner = try await client.post("/embed", #"{"inputs": [[]]}"#)
      #expect(inner.status == 400)
      #expect(
        try inner.decoded(WireError.self).error
          == "Input validation error: `input_ids` cannot be empty")
    }
  }

  @Test func `every token has a row, and their mean is the embedding`() async throws {
    try await withServer(TestModel.embedder) { client, _ in
      let answer = try await client.post(
        "/embed_all", #"{"inputs": ["A good film.", "It was not bad"], "prompt_name": "document"}"#)
      #expect(answer.status == 200)
      let rows = try answer.decoded([[[Float]]].self)
      let embedder = try Embedder(directory: TestModel.embedder, normalizes: false)
      let vectors = try await embedder.embed(Self.texts, options: EmbeddingOptions(prompt: .none))
      #expect(rows.map(\.count) == vectors.map(\.tokenCount))
      for (rows, vector) in zip(rows, vectors) {
        for column in 0..<20 {
          let mean = rows.reduce(0) { $0 + $1[column] } / Float(rows.count)
          // The same sum in the same order, and one division.
          #expect(abs(mean - vector.vector[column]) <= 4 * mean.ulp)
        }
      }
    }
  }

  @Test func `similarities are cosines of a sentence with others`() async throws {
    let body =
      #"{"inputs": {"source_sentence": "A good film.", "sentences": ["It was not bad", "A good film."]}}"#
    try await withServer(TestModel.embedder) { client, _ in
      let answer = try await client.post("/similarity", body)
      #expect(answer.status == 200)
      let embedder = try Embedder(directory: TestModel.embedder, normalizes: false)
      let vectors = try await embedder.embed(Self.texts)
      let cosines = try answer.decoded([Float].self)
      #expect(cosines[0] == vectors[0].cosineSimilarity(to: vectors[1]))
      #expect(abs(cosines[1] - 1) < 1e-6)
      let empty = try await client.post(
        "/similarity", #"{"inputs": {"source_sentence": "a", "sentences": []}}"#)
      #expect(empty.status == 400)
      #expect(
        try empty.decoded()
          == WireError(error: "`inputs.sentences` cannot be empty", type: "Empty"))
    }
    try await withServer(TestModel.embedder) {
      $0.maxClientBatchSize = 2
    } _: { client, _ in
      let answer = try await client.post("/similarity", body)
      #expect(answer.status == 422)
      #expect(
        try answer.decoded(WireError.self).error == "batch size 3 > maximum allowed batch size 2")
    }
  }

  @Test func `pooling may be overridden, and /info has it`() async throws {
    try await withServer(TestModel.embedder) {
      $0.pooling = .cls
    } _: { client, _ in
      #expect(try await client.get("/info").text.contains(#"{"embedding":{"pooling":"cls"}}"#))
      let rows = try await client.post("/embed_all", #"{"inputs": "a"}"#)
        .decoded([[[Float]]].self)
      let vector = try await client.post("/embed", #"{"inputs": "a", "normalize": false}"#)
        .decoded([[Float]].self)
      #expect(vector[0] == rows[0][0])
    }
  }

  @Test(arguments: ["/embed", "/embed_all", "/v1/embeddings", "/embed_sparse"])
  func `a classifier refuses embeddings, and every model sparse ones`(path: String) async throws {
    try await withServer(TestModel.sentiment) { client, _ in
      let answer = try await client.post(path, #"{"inputs": "a", "input": "a"}"#)
      #expect(answer.status == 424)
      #expect(answer.text.contains("Backend error: Model is not an embedding model"))
    }
    try await withServer(TestModel.embedder) { client, _ in
      let sparse = try await client.post("/embed_sparse", #"{"inputs": "a"}"#)
      #expect(
        try sparse.decoded()
          == WireError(
            error: "Backend error: Model is not an embedding model with SPLADE pooling",
            type: "Backend"))
      let predict = try await client.post("/predict", #"{"inputs": "a"}"#)
      #expect(predict.status == 424)
      #expect(
        try predict.decoded(WireError.self).error
          == "Backend error: Model is not a classifier model")
    }
  }

  private struct List: Decodable {
    struct Item: Decodable {
      var object: String
      var embedding: [Float]
      var index: Int
    }
    struct Usage: Decodable {
      var prompt_tokens: Int
      var total_tokens: Int
    }
    var object: String
    var data: [Item]
    var model: String
    var usage: Usage
  }

  @Test(arguments: ["/v1/embeddings", "/embeddings"])
  func `OpenAI's clients get their list of embeddings`(path: String) async throws {
    try await withServer(TestModel.embedder) { client, _ in
      let answer = try await client.post(
        path, #"{"input": ["A good film.", "It was not bad"], "model": "any", "user": "me"}"#)
      #expect(answer.status == 200)
      let list = try answer.decoded(List.self)
      #expect(list.object == "list")
      #expect(list.model == "tested")
      #expect(list.data.map(\.index) == [0, 1])
      #expect(try list.data.map(\.embedding) == expected(Self.texts, normalizes: true))
      #expect(list.usage.prompt_tokens == Int(answer.header("x-compute-tokens") ?? ""))
      #expect(list.usage.total_tokens == list.usage.prompt_tokens)
    }
  }

  @Test func `Base64 holds the same floats`() async throws {
    try await withServer(TestModel.embedder) { client, _ in
      let answer = try await client.post(
        "/v1/embeddings", #"{"input": "A good film.", "encoding_format": "base64"}"#)
      let text = try #require(answer.text.split(separator: "\"embedding\":\"").last)
      let data = try #require(Data(base64Encoded: String(text.prefix { $0 != "\"" })))
      let floats = stride(from: 0, to: data.count, by: 4).map { start in
        Float(
          bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(data[start + $1]) << UInt32(8 * $1) })
      }
      #expect(try floats == expected([Self.texts[0]], normalizes: true)[0])
    }
  }

  private struct OpenAIError: Decodable, Equatable {
    var message: String
    var code: Int
    var type: String
  }

  @Test func `OpenAI's clients get errors in their form`() async throws {
    try await withServer(TestModel.embedder) { client, _ in
      let empty = try await client.post("/v1/embeddings", #"{"input": ""}"#)
      #expect(empty.status == 400)
      #expect(
        try empty.decoded()
          == OpenAIError(
            message: "Input validation error: `inputs` cannot be empty", code: 400, type: "Empty"))
      let shape = try await client.post("/v1/embeddings", #"{"inputs": "a"}"#)
      #expect(try shape.decoded(OpenAIError.self).code == 422)
    }
  }
}
#endif
