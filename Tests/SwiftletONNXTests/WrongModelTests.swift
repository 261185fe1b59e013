import SwiftletCheckpoint
import Testing

@testable import SwiftletONNX

/// Graphs that are not the model in `config.json`.
@Suite struct WrongModelTests {
  private static let fixture = ImportedFixture("bert-sequenceclassification", "dynamo.onnx")

  private func error(
    _ fixture: ImportedFixture = fixture, _ change: (inout ModelConfiguration) -> Void
  ) throws -> ONNXImportError? {
    var configuration = try fixture.configuration()
    change(&configuration)
    do {
      _ = try fixture.tensors(configuration)
      return nil
    } catch {
      return error as? ONNXImportError
    }
  }

  @Test func `settings that the graph contradicts are errors`() throws {
    let path = Self.fixture.path
    #expect(
      try error { $0.activation = .geluTanh }
        == .contradiction(
          path: path, key: "\"hidden_act\"", configured: "gelu_new", found: "gelu"))
    #expect(
      try error { $0.normEpsilon = 1e-5 }
        == .contradiction(
          path: path, key: "\"layer_norm_eps\"", configured: "1e-05", found: "1e-12"))
    #expect(
      try error { $0.headCount = 4 }
        == .contradiction(
          path: path, key: "\"num_attention_heads\"", configured: "4", found: "2"))
    #expect(
      try error { $0.layerCount = 1 }
        == .contradiction(
          path: path, key: "\"num_hidden_layers\"", configured: "1", found: "more than 1 layers"))
    #expect(
      try error { $0.layerCount = 3 }
        == .contradiction(
          path: path, key: "\"num_hidden_layers\"", configured: "3", found: "2 layers"))
  }

  @Test func `tensors of another size are errors that name parameter and tensor`() throws {
    let found = try error { $0.intermediateSize = 16 }
    #expect(
      found
        == .wrongShape(
          path: Self.fixture.path, parameter: "encoder.layer.0.intermediate.dense.weight",
          tensor: "val_150", expected: [16, 8], found: [12, 8])
        || found?.description.contains("[12, 8]") == true)
    #expect(try error { $0.vocabularySize = 40 }?.description.contains("word_embeddings") == true)
    #expect(
      try error { $0.maxPositions = 32 }?.description.contains("position_embeddings") == true)
  }

  @Test func `a graph of another architecture is an error`() throws {
    let bert = try Self.fixture.configuration()
    let other = ImportedFixture("distilbert-sequenceclassification", "dynamo.onnx")
    #expect(throws: ONNXImportError.self) { try other.tensors(bert) }
    var distilBERT = try other.configuration()
    distilBERT.layerCount = 2
    #expect(throws: ONNXImportError.self) { try Self.fixture.tensors(distilBERT) }
  }

  @Test func `BERT without token types is an error that names the table`() throws {
    let fixture = ImportedFixture("distilbert-sequenceclassification", "dynamo.onnx")
    var configuration = ModelConfiguration(.bert)
    configuration.vocabularySize = 22
    configuration.hiddenSize = 8
    configuration.layerCount = 2
    configuration.headCount = 2
    configuration.intermediateSize = 12
    configuration.maxPositions = 16
    // The pooler has another function, so the error may name that first.
    let found = #expect(throws: ONNXImportError.self) { try fixture.tensors(configuration) }
    #expect(
      found?.description.contains("pooler.dense") == true
        || found?.description.contains("token_type_embeddings") == true)
  }

  @Test func `errors say what to do`() throws {
    let text = try error { $0.layerCount = 1 }?.description ?? ""
    #expect(text.contains("dynamo.onnx computes with \"num_hidden_layers\" more than 1 layers"))
    #expect(text.contains("correct config.json"))
  }
}
