import Foundation
import Swiftlet
import SwiftletCheckpoint
import SwiftletEncoder
import SwiftletSafetensors
import Testing

@Suite struct WrappedNamesTests {
  private static let texts = ["A good film.", "not good", "東京 is 日本の cat"]

  /// Names as PyTorch's wrappers make them of a model, or of its body alone.
  private static let wrappers: [@Sendable (String) -> String] = [
    { "_orig_mod." + $0 }, { "module." + $0 }, { "module._orig_mod." + $0 },
    { "_orig_mod.module." + $0 },
    { $0.replacingOccurrences(of: "bert.", with: "bert._orig_mod.") },
    { $0.replacingOccurrences(of: "bert.", with: "bert.module.") },
    { "module." + $0.replacingOccurrences(of: ".layer.", with: ".layer._orig_mod.") },
  ]

  @Test(arguments: ["plain", "bert", "no-prefix", "bert-legacy-layernorm"], wrappers.indices)
  func `a wrapped model answers as the model that it wraps`(name: String, index: Int) throws {
    let expected = try Fixture.classifier(name).classify(Self.texts)
    let model = try TemporaryModel(copying: name)
    try model.changeTensors { tensors in
      for place in tensors.indices {
        tensors[place].name = Self.wrappers[index](tensors[place].name)
      }
    }
    let classifier = try model.classifier()
    #expect(try classifier.classify(Self.texts).map(\.logitBits) == expected.map(\.logitBits))
    #expect(classifier.unusedTensors.isEmpty)
    #expect(try ModelLocation(model.path).folder().purpose().tasks == [.textClassification])
  }

  @Test func `quantising and saving a wrapped model drops its wrappers`() throws {
    let model = try TemporaryModel(copying: "bert")
    try model.changeTensors { tensors in
      for place in tensors.indices {
        tensors[place].name = "module._orig_mod." + tensors[place].name
      }
    }
    let output = model.path + "-int8"
    defer { try? FileManager.default.removeItem(atPath: output) }
    try ModelQuantizer.quantize(directory: model.path, into: output)
    let names = try SafetensorsFile(path: output + "/model.safetensors").tensors.map(\.name)
    #expect(!names.contains { $0.contains("module") })
    let expected = try Classifier(
      directory: Fixture.path("bert"), options: ModelOptions(precision: .int8))
    #expect(
      try Classifier(directory: output).classify(Self.texts).map(\.logitBits)
        == expected.classify(Self.texts).map(\.logitBits))

    let rewritten = try TemporaryModel(copying: "bert")
    for name in ["config.json", "model.safetensors"] { try rewritten.remove(name) }
    try CheckpointWriter.rewrite(
      CheckpointReader(directory: model.path, loading: .mapped),
      configuration: expected.encoder.configuration, to: rewritten.path)
    #expect(
      try rewritten.classifier().classify(Self.texts).map(\.logitBits)
        == Fixture.classifier("bert").classify(Self.texts).map(\.logitBits))
  }

  @Test func `two tensors of one name without their wrappers are refused`() throws {
    let model = try TemporaryModel(copying: "plain")
    try model.changeTensors { $0.append(.init(name: "module.classifier.bias", shape: [2])) }
    let error = #expect(throws: SwiftletError.self) { try model.classifier() }
    #expect(error?.description.contains("\"module.classifier.bias\"") == true)
  }
}
