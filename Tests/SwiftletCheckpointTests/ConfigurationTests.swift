import Foundation
import Testing

@testable import SwiftletCheckpoint

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
    #expect(configuration.vocabularySize == 30_522 && configuration.hiddenSize == 768)
    #expect(configuration.layerCount == 12 && configuration.headCount == 12)
    #expect(configuration.intermediateSize == 3072 && configuration.maxPositions == 512)
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
  func `configurations are read as Python's json module reads them`(json: String) throws {
    #expect(try read(json) == ModelConfiguration(.bert))
  }

  @Test func `the last of several labels under one key counts`() throws {
    let labels = try read(
      #"{"model_type": "bert", "id2label": {"0": "x"}, "id2label": {"0": "a", "1": "c", "1": "b"}}"#
    ).labels
    #expect(labels == ["a", "b"])
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
    #expect(configuration.hiddenSize == 312 && configuration.headSize == 26)
    #expect(configuration.layerCount == 4 && configuration.intermediateSize == 1200)
    #expect(configuration.maxPositions == 128 && configuration.vocabularySize == 21_128)
    #expect(configuration.typeVocabularySize == 3 && configuration.normEpsilon == 1e-5)
    #expect(configuration.activation == .relu)
  }

  @Test func `DistilBERT ignores keys that only BERT has`() throws {
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
  func `without model_type, class names and BERT's own keys decide`(
    json: String, expected: Architecture
  ) throws {
    #expect(try read(json).architecture == expected)
  }

  @Test func `without model_type, the class of another architecture is refused`() {
    let error = #expect(throws: CheckpointError.self) {
      try read(#"{"architectures": ["RobertaForSequenceClassification"]}"#)
    }
    guard case .unsupportedArchitecture(_, "RobertaForSequenceClassification") = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }
}
