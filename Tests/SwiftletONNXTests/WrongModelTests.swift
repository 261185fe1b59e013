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
    let found = try error { $0.intermediateSize = 16 }?.description ?? ""
    #expect(found.contains("the tensor \"val_"))
    #expect(
      found.contains(
        "has the shape [12, 8], but encoder.layer.0.intermediate.dense.weight has the "))
    #expect(try error { $0.vocabularySize = 40 }?.description.contains("word_embeddings") == true)
    #expect(
      try error { $0.maxPositions = 32 }?.description.contains("position_embeddings") == true)
  }

  /// The error of a fixture in which operators are replaced by others with names of the same length.
  private func error(
    _ fixture: ImportedFixture, replacing name: String, with other: String
  ) throws -> String {
    // The name of an operator is field 4 of a node.
    func field(_ text: String) -> [UInt8] { [0x22, UInt8(text.utf8.count)] + Array(text.utf8) }
    let folder = try TemporaryFolder()
    var bytes = try fixture.bytes()
    bytes.replace(field(name), with: field(other))
    let path = try folder.write(bytes, to: "model.onnx")
    do {
      _ = try ImportedTensors(path: path, configuration: try fixture.configuration())
      return "no error"
    } catch {
      return "\(error)"
    }
  }

  @Test(
    arguments: [
      ("Tanh", "Relu", "\"pooler.dense\" relu, but config.json has tanh"),
      ("Gelu", "Relu", "\"hidden_act\" relu, but config.json has gelu"),
      ("Gelu", "Sqrt", "\"hidden_act\" of a function that Swiftlet does not know"),
      ("Softmax", "Sigmoid", "(MatMul) where attention over the rows of a layer is expected"),
      ("LayerNormalization", "LpNormalization_XX", "where a layer normalisation is expected"),
      (
        "Gemm", "Conv", "weights that are not part of the model in config.json: \"bert.pooler.dense"
      ),
    ])
  func `an operation that the model does not have is an error`(
    name: String, other: String, expected: String
  ) throws {
    let found = try error(Self.fixture, replacing: name, with: other)
    #expect(found.contains(expected), "\(found)")
  }

  @Test func `weights that no parameter has are an error`() throws {
    let fixture = ImportedFixture("distilbert-sequenceclassification", "scaled.onnx")
    #expect(try error(fixture) { _ in } == .leftOver(path: fixture.path, tensors: ["scales"]))
  }

  @Test func `a graph of another architecture is an error`() throws {
    let bert = try Self.fixture.configuration()
    let other = ImportedFixture("distilbert-sequenceclassification", "dynamo.onnx")
    #expect(throws: ONNXImportError.self) { try other.tensors(bert) }
    var distilBERT = try other.configuration()
    distilBERT.layerCount = 2
    #expect(throws: ONNXImportError.self) { try Self.fixture.tensors(distilBERT) }
  }

  @Test func `a bare graph without token types is an error that names the table`() throws {
    let fixture = ImportedFixture("bert-model", "torchscript.onnx")
    let found = try error(fixture) { $0.typeVocabularySize = 3 }
    #expect(
      found
        == .wrongShape(
          path: fixture.path, parameter: "embeddings.token_type_embeddings.weight",
          tensor: "model.embeddings.token_type_embeddings.weight", expected: [3, 8], found: [2, 8]))
  }

  @Test func `errors say what to do`() throws {
    let text = try error { $0.layerCount = 1 }?.description ?? ""
    #expect(text.contains("dynamo.onnx computes with \"num_hidden_layers\" more than 1 layers"))
    #expect(text.contains("correct config.json"))
  }
}
