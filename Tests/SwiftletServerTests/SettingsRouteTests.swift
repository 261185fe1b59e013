#if Server
import Foundation
import Swiftlet
import Testing

@testable import SwiftletServer

@Suite struct SettingsRouteTests {
  /// Runs `body` with a copy of a folder that has other files.
  private func withCopy(
    of folder: String, _ files: [String: String], _ body: (String) async throws -> Void
  ) async throws {
    let copy = FileManager.default.temporaryDirectory
      .appending(path: "swiftlet-settings-\(UUID().uuidString)")
    try FileManager.default.copyItem(atPath: folder, toPath: copy.path)
    defer { try? FileManager.default.removeItem(at: copy) }
    for (name, text) in files { try Data(text.utf8).write(to: copy.appending(path: name)) }
    try await body(copy.path)
  }

  private func vector(_ folder: String) throws -> [Float] {
    try Embedder(directory: folder).embed(Self.text).vector
  }

  private func answer(_ folder: String, _ text: String, _ pair: String) throws -> Classification {
    try Classifier(directory: folder).classify([TextPair(text, pair)])[0]
  }

  private static let text = "The plot of this Film was not bad at all, the acting was good"

  @Test(arguments: [
    [
      "sentence_bert_config.json": "{}",
      "sentence_roberta_config.json": #"{"max_seq_length": 6}"#,
    ],
    [
      "sentence_bert_config.json": #"{"do_lower_case": true}"#,
      "tokenizer_config.json": #"{"do_lower_case": false}"#,
    ],
    ["sentence_bert_config.json": #"{"processor_kwargs": {"model_max_length": 5}}"#],
    ["config_sentence_transformers.json": #"{"truncate_dim": 7}"#],
  ])
  func `an embedding's length, case and dimensions are the library's`(
    files: [String: String]
  ) async throws {
    try await withCopy(of: TestModel.embedder, files) { folder in
      let expected = try vector(folder)
      try await withServer(folder) { client, _ in
        let answer = try await client.post(
          "/embed", "{\"inputs\": \"\(Self.text)\", \"normalize\": false}")
        #expect(try answer.decoded() == [expected])
      }
    }
  }

  @Test func `a cross-encoder's prompt precedes the query and a pair's first text`() async throws {
    let module = "sentence_transformers.base.modules.transformer.Transformer"
    let files = [
      "modules.json": "[{\"idx\": 0, \"name\": \"0\", \"path\": \"\", \"type\": \"\(module)\"}]",
      "config_sentence_transformers.json": """
      {"model_type": "CrossEncoder", "prompts": {"q": "the best: "}, "default_prompt_name": "q"}
      """,
    ]
    try await withCopy(of: TestModel.reranker, files) { folder in
      let expected = try answer(TestModel.reranker, "the best: A film", "bad").score
      try await withServer(folder) { client, _ in
        let ranks = try await client.post("/rerank", #"{"query": "A film", "texts": ["bad"]}"#)
        #expect(try ranks.decoded([RerankRouteTests.Rank].self).map(\.score) == [expected])
        let predicted = try await client.post("/predict", #"{"inputs": ["A film", "bad"]}"#)
        #expect(predicted.text.contains("\"score\":\(expected),"))
      }
    }
  }

  @Test func `a pair has no token types if the tokenizer has none`() async throws {
    let files = ["tokenizer_config.json": #"{"model_input_names": ["input_ids"]}"#]
    try await withCopy(of: TestModel.entailment, files) { folder in
      let expected = try answer(folder, "A good film.", "It was not bad")
      #expect(try answer(TestModel.entailment, "A good film.", "It was not bad") != expected)
      try await withServer(folder) { client, _ in
        let answer = try await client.post(
          "/predict", #"{"inputs": ["A good film.", "It was not bad"]}"#)
        #expect(answer.text.contains("\"score\":\(expected.score),\"label\":\"\(expected.label)\""))
      }
    }
  }
}
#endif
