import Foundation
import SwiftletKernelCore
import Testing

@testable import SwiftletEncoder

@Suite struct ConfigurationTests {
  /// The configuration that a text is read as.
  private func read(_ json: String) throws -> ModelConfiguration {
    let path = FileManager.default.temporaryDirectory
      .appending(path: "swiftlet-config-\(UUID().uuidString).json").path
    try Data(json.utf8).write(to: URL(filePath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try ModelConfiguration(path: path)
  }

  @Test func `missing keys take the defaults of transformers' BertConfig`() throws {
    let configuration = try read(#"{"model_type": "bert"}"#)
    #expect(configuration == ModelConfiguration(.bert))
    #expect(configuration.vocabularySize == 30_522 && configuration.dimension == 768)
    #expect(configuration.layerCount == 12 && configuration.headCount == 12)
    #expect(configuration.hiddenDimension == 3072 && configuration.maximumPositions == 512)
    #expect(configuration.typeVocabularySize == 2 && configuration.normEpsilon == 1e-12)
    #expect(configuration.activation == .gelu)
  }

  @Test func `missing keys take the defaults of transformers' DistilBertConfig`() throws {
    let configuration = try read(#"{"model_type": "distilbert"}"#)
    #expect(configuration == ModelConfiguration(.distilBERT))
    #expect(configuration.layerCount == 6 && configuration.typeVocabularySize == 0)
  }

  @Test(arguments: [
    #"{"model_type": "bert", "x": NaN, "y": [Infinity, -Infinity], "z": 1e999}"#,
    #"{"model_type": "bert", "hidden_size": 64, "hidden_size": 768}"#,
    #"{"model_type": "bert", "hidden_size": 64, "hidden_size": null}"#,
    #"{"model_type": "bert", "x": {"a": 1, "a": 2}, "x": "\ud83d"}"#,
    #"{"architectures": ["A"], "model_type": "distilbert", "architectures": [], "model_type": "bert"}"#,
  ])
  func `what Python's json module reads is read as it reads it`(json: String) throws {
    #expect(try read(json) == ModelConfiguration(.bert))
  }

  @Test func `the last of several labels under one key counts`() throws {
    let labels = try read(
      #"{"model_type": "bert", "id2label": {"0": "x"}, "id2label": {"0": "a", "1": "c", "1": "b"}}"#
    ).labels
    #expect(labels == ["a", "b"])
  }

  @Test(arguments: [
    (512, 768, 3072, true), (32_768, 1024, 4096, true), (1 << 22, 1, 1 << 22, false),
    (1 << 28, 1 << 28, 1 << 28, false), (1 << 28, 1, 1, false), (1, 1, 1 << 24, false),
  ])
  func `a model is refused whose longest text no machine could compute`(
    positions: Int, dimension: Int, hiddenDimension: Int, isTaken: Bool
  ) {
    var configuration = ModelConfiguration()
    configuration.maximumPositions = positions
    configuration.dimension = dimension
    configuration.hiddenDimension = hiddenDimension
    var message: String?
    do throws(EncoderError) {
      try configuration.checkMemory(path: "a/config.json")
    } catch {
      message = error.description
    }
    #expect((message == nil) == isTaken)
    #expect(isTaken || message?.contains("max_position_embeddings") == true)
  }

  @Test func `BERT's keys are read by its own names`() throws {
    let configuration = try read(
      """
      {"model_type": "bert", "hidden_size": 312, "num_attention_heads": 12, "num_hidden_layers": 4,
       "intermediate_size": 1200, "max_position_embeddings": 128, "vocab_size": 21128,
       "type_vocab_size": 3, "layer_norm_eps": 1e-5, "hidden_act": "relu", "is_decoder": false,
       "add_cross_attention": null, "position_embedding_type": "absolute", "dim": 768,
       "n_layers": 6, "activation": "gelu", "hidden_dim": 5}
      """)
    #expect(configuration.dimension == 312 && configuration.headSize == 26)
    #expect(configuration.layerCount == 4 && configuration.hiddenDimension == 1200)
    #expect(configuration.maximumPositions == 128 && configuration.vocabularySize == 21_128)
    #expect(configuration.typeVocabularySize == 3 && configuration.normEpsilon == 1e-5)
    #expect(configuration.activation == .relu)
  }

  @Test func `what only BERT has means nothing to DistilBERT`() throws {
    let configuration = try read(
      """
      {"model_type": "distilbert", "type_vocab_size": 2, "layer_norm_eps": 1e-5,
       "hidden_act": "relu", "intermediate_size": 5, "is_decoder": true,
       "position_embedding_type": "relative_key"}
      """)
    #expect(configuration == ModelConfiguration(.distilBERT))
  }

  @Test(arguments: [
    (#"{}"#, Architecture.distilBERT), (#"{"dim": 12}"#, .distilBERT),
    (#"{"intermediate_size": 12}"#, .bert),
    (#"{"architectures": ["BertForMaskedLM"]}"#, .bert),
    (#"{"architectures": ["DistilBertModel"], "intermediate_size": 12}"#, .distilBERT),
  ])
  func `without model_type, class names and BERT's own keys tell which it is`(
    json: String, expected: Architecture
  ) throws {
    #expect(try read(json).architecture == expected)
  }

  @Test func `without model_type, the class of another architecture is refused`() {
    let error = #expect(throws: EncoderError.self) {
      try read(#"{"architectures": ["RobertaForSequenceClassification"]}"#)
    }
    guard case .unsupportedArchitecture(_, "RobertaForSequenceClassification") = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }
}

@Suite struct TokenSequenceTests {
  private var configuration: ModelConfiguration {
    var configuration = ModelConfiguration(.bert)
    (configuration.vocabularySize, configuration.maximumPositions) = (10, 4)
    return configuration
  }

  @Test func `a sequence that fits has no problem`() {
    let bert = configuration
    #expect(bert.problem(with: TokenSequence(ids: [0, 9, 1, 2])) == nil)
    #expect(bert.problem(with: TokenSequence(ids: [0, 9], typeIDs: [1, 0])) == nil)
  }

  @Test(arguments: [
    (TokenSequence(ids: []), SequenceProblem.empty),
    (TokenSequence(ids: [1, 2, 3, 4, 5]), .tooLong(count: 5, maximum: 4)),
    (TokenSequence(ids: [1, 10]), .unknownToken(id: 10, vocabularySize: 10)),
    (TokenSequence(ids: [-1]), .unknownToken(id: -1, vocabularySize: 10)),
    (TokenSequence(ids: [1, 2], typeIDs: [0]), .unevenTypes(count: 1, expected: 2)),
    (TokenSequence(ids: [1, 2], typeIDs: [0, 2]), .unknownType(id: 2, typeCount: 2)),
    (TokenSequence(ids: [1], typeIDs: [-1]), .unknownType(id: -1, typeCount: 2)),
  ])
  func `every reason not to compute a sequence is told apart`(
    sequence: TokenSequence, problem: SequenceProblem
  ) {
    #expect(configuration.problem(with: sequence) == problem)
  }

  @Test func `DistilBERT takes no notice of token types`() {
    let configuration = ModelConfiguration(.distilBERT)
    #expect(configuration.problem(with: TokenSequence(ids: [1, 2], typeIDs: [7])) == nil)
  }

  @Test func `a batch keeps the types of each token, whichever sequences have any`() {
    var batch = PackedBatch()
    for round in 0..<2 {
      batch.append([5, 6])
      batch.append(TokenSequence(ids: [7], typeIDs: [0]))
      #expect(batch.typeIDs.isEmpty, "round \(round)")
      batch.append(TokenSequence(ids: [8, 9, 1], typeIDs: [0, 1, 1]))
      batch.append([2])
      batch.append(TokenSequence(ids: [3], typeIDs: [1]))
      let slice = batch.slice()
      #expect((0..<8).map(slice.typeID) == [0, 0, 0, 0, 1, 1, 0, 1])
      let part = batch.slice(2..<4)
      #expect((0..<4).map(part.id) == [8, 9, 1, 2])
      #expect((0..<4).map(part.typeID) == [0, 1, 1, 0])
      batch.removeAll()
    }
  }
}
