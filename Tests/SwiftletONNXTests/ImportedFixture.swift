import Foundation
import SwiftletCheckpoint
import SwiftletSafetensors
import Testing

@testable import SwiftletONNX

/// An ONNX file of `Tests/Fixtures/onnx` and the checkpoint that it was exported from.
struct ImportedFixture: CustomTestStringConvertible, Sendable {
  let model: String
  let file: String

  var testDescription: String { "\(model)/\(file)" }

  init(_ model: String, _ file: String) { (self.model, self.file) = (model, file) }

  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures/onnx").path

  var folder: String { "\(Self.root)/\(model)" }
  var path: String { "\(folder)/\(file)" }

  func bytes() throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(filePath: path))) }

  func configuration() throws -> ModelConfiguration {
    try ModelConfiguration(path: folder + "/config.json")
  }

  func tensors(_ configuration: ModelConfiguration? = nil) throws -> ImportedTensors {
    try ImportedTensors(path: path, configuration: try configuration ?? self.configuration())
  }

  func checkpoint() throws -> SafetensorsCheckpoint { try SafetensorsCheckpoint(directory: folder) }

  /// Files with the numbers of the checkpoint.
  static let exact = [
    ImportedFixture("distilbert-sequenceclassification", "torchscript.onnx"),
    ImportedFixture("distilbert-sequenceclassification", "unfolded.onnx"),
    ImportedFixture("distilbert-sequenceclassification", "dynamo.onnx"),
    ImportedFixture("distilbert-sequenceclassification", "session.onnx"),
    ImportedFixture("distilbert-sequenceclassification", "fused.onnx"),
    ImportedFixture("bert-sequenceclassification", "dynamo.onnx"),
    ImportedFixture("bert-sequenceclassification", "fused.onnx"),
    ImportedFixture("bert-sequenceclassification", "approximate.onnx"),
    ImportedFixture("bert-sequenceclassification", "external.onnx"),
    ImportedFixture("bert-maskedlm", "torchscript.onnx"),
    ImportedFixture("bert-questionanswering", "torchscript.onnx"),
    ImportedFixture("bert-tokenclassification", "torchscript.onnx"),
    ImportedFixture("bert-model", "torchscript.onnx"),
    ImportedFixture("bert-pretraining", "torchscript.onnx"),
    ImportedFixture("distilbert-multiplechoice", "torchscript.onnx"),
  ]

  /// Files whose weights have 8 bits.
  static let quantized = [
    ImportedFixture("distilbert-sequenceclassification", "int8.onnx"),
    ImportedFixture("distilbert-sequenceclassification", "int8-session.onnx"),
    ImportedFixture("distilbert-sequenceclassification", "fused-int8.onnx"),
  ]

  static let half = ImportedFixture("distilbert-sequenceclassification", "half.onnx")

  static let all = exact + quantized + [half]
}
