import Foundation
import Swiftlet
import Testing

/// Models whose settings vary, against what sentence-transformers and transformers answer with them:
/// `Fixtures/settings`.
@Suite(.timeLimit(.minutes(10)))
struct SettingsTests {
  /// A case of `models.json`: a copy of `base` with other files.
  struct Model: Sendable, CustomTestStringConvertible {
    let covers: String
    let base: String
    let isPairs: Bool
    /// nil takes a file away.
    let files: [String: String?]
    let role: EmbeddingOptions.Role?
    let prompt: String?
    let refused: String?
    let inputs: [[String]]
    let outputs: [[Float]]

    var testDescription: String { "\(covers), \(base)" }

    /// A folder with the files.
    func folder() throws -> TemporaryModel {
      let model = try TemporaryModel(copying: "../heads/\(base)")
      for (name, text) in files {
        let file = URL(filePath: model.file(name))
        guard let text else {
          try? FileManager.default.removeItem(at: file)
          continue
        }
        try FileManager.default.createDirectory(
          at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try model.write(text, to: name)
      }
      return model
    }

    func answers(_ directory: String) throws(SwiftletError) -> [[Float]] {
      let options = ModelOptions(gemm: .native, threads: 1)
      guard isPairs else {
        let embedder = try Embedder(directory: directory, options: options)
        return try embedder.embed(inputs.map { $0[0] }, options: EmbeddingOptions(role: role))
          .map(\.vector)
      }
      let classifier = try Classifier(directory: directory, options: options)
      let prompt = prompt.map { Prompt.named($0) } ?? .automatic
      return try classifier.classify(
        inputs.map { TextPair($0[0], $0[1]) }, options: ClassificationOptions(prompt: prompt)
      ).map(\.logits)
    }
  }

  static let models: [Model] = {
    do {
      return try read()
    } catch {
      Issue.record("models.json: \(error)")
      return []
    }
  }()

  @Test(arguments: models)
  func `a model's settings are those that its library reads`(model: Model) throws {
    let folder = try model.folder()
    if let refused = model.refused {
      let error = #expect(throws: SwiftletError.self) { try model.answers(folder.path) }
      #expect(error?.description.contains(refused) == true, "\(error?.description ?? "")")
      return
    }
    let found = try model.answers(folder.path)
    for (index, (found, expected)) in zip(found, model.outputs).enumerated() {
      #expect(agree(found, expected), "\(model.inputs[index]): \(found)")
    }
  }

  @Test(arguments: models.filter { $0.refused == nil && !$0.isPairs })
  func `a quantised folder has every settings file`(model: Model) throws {
    let folder = try model.folder()
    let output = folder.path + "-int8"
    defer { try? FileManager.default.removeItem(atPath: output) }
    try ModelQuantizer.quantize(directory: folder.path, into: output, threads: 1)
    var options = ModelOptions(gemm: .native, precision: .int8, threads: 1)
    let expected = try Embedder(directory: folder.path, options: options)
    options.precision = nil
    let embedder = try Embedder(directory: output, options: options)
    let texts = model.inputs.map { $0[0] }
    let role = EmbeddingOptions(role: model.role)
    #expect(try embedder.embed(texts, options: role) == expected.embed(texts, options: role))
  }

  @Test func `the kept coordinates have the length 1`() throws {
    let model = try TemporaryModel(copying: "../heads/embed-mean")
    let whole = try Embedder(directory: model.path).embed("A good film").vector
    try model.write(#"{"truncate_dim": 7, "default_prompt_name": "query"}"#, to: config)
    let embedder = try Embedder(directory: model.path, normalizes: true)
    #expect(embedder.dimension == 7)
    let vector = try embedder.embed("the best: A good film").vector
    #expect(abs(vector.reduce(0) { $0 + $1 * $1 } - 1) < 1e-5)
    let norm = whole.prefix(7).reduce(0) { $0 + $1 * $1 }.squareRoot()
    #expect(agree(vector, whole.prefix(7).map { $0 / norm }))
  }

  private let config = "config_sentence_transformers.json"

  @Test func `all models were read`() { #expect(Self.models.count > 60) }

  private static func read() throws -> [Model] {
    let path = HeadGolden.folder.deletingLastPathComponent().appending(path: "settings/models.json")
    let golden = try JSONSerialization.jsonObject(with: Data(contentsOf: path)) as? [String: Any]
    return try #require(golden?["cases"] as? [[String: Any]]).map { entry in
      let files = entry["files"] as? [String: Any] ?? [:]
      let isPairs = entry["task"] as? String == "pairs"
      let numbers = entry[isPairs ? "logits" : "vectors"] as? [[Double]] ?? []
      let inputs =
        entry["pairs"] as? [[String]] ?? (entry["texts"] as? [String])?.map { [$0] }
        ?? [isPairs ? ["a", "b"] : ["a"]]
      return Model(
        covers: try #require(entry["covers"] as? String),
        base: try #require(entry["base"] as? String), isPairs: isPairs,
        files: try files.mapValues { value in
          if value is NSNull { return nil }
          return String(decoding: try JSONSerialization.data(withJSONObject: value), as: UTF8.self)
        },
        role: (entry["role"] as? String).flatMap(EmbeddingOptions.Role.init),
        prompt: entry["prompt"] as? String, refused: entry["refused"] as? String, inputs: inputs,
        outputs: numbers.map { $0.map(Float.init) })
    }
  }
}
