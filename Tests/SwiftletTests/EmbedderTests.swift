import Foundation
import Swiftlet
import Testing

@Suite(.timeLimit(.minutes(10)))
struct EmbedderTests {
  struct Golden: Decodable {
    let cases: [Case]

    struct Case: Decodable {
      let text: String
      let prompt: String?
      let embedding: [Float]
    }
  }

  static let models = [
    "embed-mean", "embed-cls", "embed-max", "embed-joined", "embed-weighted", "embed-root",
    "bert-embed-mean", "bert-embed-cls",
  ]

  private static func embedder(
    _ name: String, threads: Int? = nil
  ) throws(SwiftletError) -> Embedder {
    try Embedder(
      directory: HeadGolden.path(name), options: ModelOptions(gemm: .native, threads: threads))
  }

  @Test(arguments: models)
  func `embeddings are those of sentence-transformers`(name: String) throws {
    let embedder = try Self.embedder(name)
    let golden: Golden = try HeadGolden.answers(name)
    #expect(golden.cases.count == 30)
    for golden in golden.cases {
      let prompt = golden.prompt.map { EmbeddingOptions.Prompt.named($0) } ?? .automatic
      let found = try embedder.embed(golden.text, options: .init(prompt: prompt))
      #expect(agree(found.vector, golden.embedding), "\(golden.text) \(golden.prompt ?? "")")
      #expect(found.isTruncated == (found.tokenCount > embedder.maxLength))
    }
    #expect(embedder.prompts == ["query": "the best: ", "document": ""])
    // sentence-transformers pools hidden rows, never by BERT's own pooler.
    #expect(embedder.unusedTensors.allSatisfy { $0.hasPrefix("pooler.dense.") })
  }

  @Test(arguments: models)
  func `many texts have the bits of one by one`(name: String) throws {
    let single = try Self.embedder(name, threads: 1)
    let texts = Texts.many(45)
    let expected = try texts.map { try single.embed($0) }
    for threads in [1, 2, 7] {
      #expect(try Self.embedder(name, threads: threads).embed(texts) == expected)
    }
  }

  @Test func `a prompt precedes the text, and an empty one changes nothing`() throws {
    let embedder = try Self.embedder("embed-mean")
    let named = try embedder.embed("cat", options: .init(prompt: .named("query")))
    #expect(try embedder.embed("cat", options: .init(prompt: .text("the best: "))) == named)
    #expect(try embedder.embed("cat") == named)
    #expect(try embedder.embed("the best: cat", options: .init(prompt: .none)) == named)
    #expect(throws: SwiftletError.self) {
      try embedder.embed("cat", options: .init(prompt: .named("passage")))
    }
  }

  @Test func `a folder of a head without modules is pooled by the mean`() throws {
    let embedder = try Embedder(
      directory: HeadGolden.path("tokens"), options: ModelOptions(allowsOtherTask: true),
      normalizes: true)
    let vector = try embedder.embed("A good film.").vector
    #expect(vector.count == 20 && abs(vector.reduce(0) { $0 + $1 * $1 } - 1) < 1e-5)
    #expect(!embedder.unusedTensors.isEmpty)
  }

  @Test func `cosine similarity is that of the angle`() throws {
    let embedder = try Self.embedder("embed-mean")
    let points = try embedder.embed(["cat", "cat", "the worst film"])
    #expect(abs(points[0].cosineSimilarity(to: points[1]) - 1) < 1e-6)
    let other = points[0].cosineSimilarity(to: points[2])
    #expect(other < 0.999 && other == points[2].cosineSimilarity(to: points[0]))
    let wide = try Self.embedder("embed-max").embed("cat")
    #expect(wide.cosineSimilarity(to: points[0]) == 0)
  }

  @Test func `long texts are cut or refused`() throws {
    let embedder = try Self.embedder("embed-cls")
    let long = Array(repeating: "good", count: 60).joined(separator: " ")
    #expect(try embedder.embed(long).isTruncated)
    #expect(throws: SwiftletError.text(.tooLong(tokenCount: 62, maxLength: 24), index: 1)) {
      try embedder.embed(["", long], options: .init(longText: .error))
    }
    #expect(throws: SwiftletError.self) {
      try embedder.embed("", options: .init(longText: .window(stride: 1)))
    }
  }

  @Test(arguments: [
    ("modules.json", "[{\"type\": \"a.b.LSTM\", \"path\": \"\"}]"), ("modules.json", "[{"),
    ("modules.json", modules("Normalize", "Dense")), ("modules.json", modules("Dense", "Dense")),
    ("modules.json", modules("Pooling", "Dense")),
    ("1_Pooling/config.json", "{\"pooling_mode\": \"magic\"}"),
    ("1_Pooling/config.json", "{\"pooling_mode\": []}"),
    (
      "1_Pooling/config.json",
      "{\"pooling_mode\": [\"mean\", \"cls\", \"max\", \"mean\"]}"
    ),
    ("2_Dense/config.json", "{\"in_features\": 20}"),
    ("2_Dense/config.json", "{\"in_features\": 20, \"out_features\": 1e300}"),
    ("2_Dense/config.json", "{\"in_features\": 20, \"out_features\": 7}"),
    ("2_Dense/config.json", "{\"in_features\": 19, \"out_features\": 13}"),
    (
      "2_Dense/config.json",
      "{\"in_features\": 20, \"out_features\": 13, \"activation_function\": \"x.Y\"}"
    ),
    ("sentence_bert_config.json", "{\"max_seq_length\": 0}"),
    ("config_sentence_transformers.json", "{\"default_prompt_name\": \"none\"}"),
  ])
  func `a malformed module is an error`(file: String, text: String) throws {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "swiftlet-embed-\(UUID().uuidString)")
    try FileManager.default.copyItem(
      at: HeadGolden.folder.appending(path: "embed-max"), to: folder)
    defer { try? FileManager.default.removeItem(at: folder) }
    try Data(text.utf8).write(to: folder.appending(path: file))
    #expect(throws: SwiftletError.self) { try Embedder(directory: folder.path) }
  }

  /// A `modules.json` with these after the pooling.
  private static func modules(_ types: String...) -> String {
    let folders = ["Transformer": "", "Pooling": "1_Pooling", "Dense": "2_Dense"]
    let list = (["Transformer", "Pooling"] + types).map {
      "{\"type\": \"sentence_transformers.models.\($0)\", \"path\": \"\(folders[$0] ?? $0)\"}"
    }
    return "[\(list.joined(separator: ", "))]"
  }

  @Test(arguments: [
    ["id2label": #"{"1": "a", "2": "b"}"#],
    ["id2label": #"{"0": 1, "1": "b"}"#, "num_labels": "5"],
    ["problem_type": "\"ranking\""],
  ])
  func `embeddings ignore labels`(changes: [String: String]) throws {
    let folder = try TemporaryModel(copying: "../heads/embed-mean")
    let expected = try Embedder(directory: folder.path).embed("cat")
    try folder.change("config.json", changes.mapValues { $0 })
    #expect(try Embedder(directory: folder.path).embed("cat") == expected)
  }

  @Test func `sentence-transformers' length counts over the tokenizer's`() throws {
    let folder = try TemporaryModel(copying: "../heads/embed-mean")
    try folder.write(#"{"max_seq_length": 30}"#, to: "sentence_bert_config.json")
    try folder.write(#"{"model_max_length": 16}"#, to: "tokenizer_config.json")
    #expect(try Embedder(directory: folder.path).maxLength == 30)
    try folder.remove("sentence_bert_config.json")
    #expect(try Embedder(directory: folder.path).maxLength == 16)
  }

  @Test func `modules run in order`() throws {
    #expect(try Self.embedder("embed-max").dimension == 13)
    let folder = try TemporaryModel(copying: "../heads/embed-max")
    try folder.write(Self.modules("Dense"), to: "modules.json")
    #expect(try Embedder(directory: folder.path).embed("cat").vector.count == 13)
    try folder.write(Self.modules("Normalize"), to: "modules.json")
    let vector = try Embedder(directory: folder.path).embed("cat").vector
    #expect(vector.count == 20 && abs(vector.reduce(0) { $0 + $1 * $1 } - 1) < 1e-5)
  }

  @Test func `async calls answer as synchronous ones`() async throws {
    let embedder = try Self.embedder("embed-joined")
    let one = try await embedder.embed("A good film.")
    #expect(try await embedder.embed(["A good film."]) == [one])
  }
}
