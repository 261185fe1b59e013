import Foundation
import Swiftlet
import Testing

/// Folders whose only weights are `onnx/model.onnx`.
@Suite(.timeLimit(.minutes(10)))
struct ONNXModelTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Fixtures/onnx").path

  /// A copy of a fixture's folder with one of its ONNX files and without its safetensors.
  private final class Folder {
    let path: String

    init(_ model: String, _ file: String, as name: String = "onnx/model.onnx") throws {
      let source = "\(ONNXModelTests.root)/\(model)"
      path =
        FileManager.default.temporaryDirectory.appending(path: "swiftlet-onnx-\(UUID())").path
      let target = URL(filePath: path).appending(path: name)
      try FileManager.default.createDirectory(
        at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
      for file in ["config.json", "vocab.txt", "tokenizer_config.json"] {
        try FileManager.default.copyItem(atPath: "\(source)/\(file)", toPath: "\(path)/\(file)")
      }
      try FileManager.default.copyItem(atPath: "\(source)/\(file)", toPath: target.path)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func copy(_ source: String, to name: String) throws {
      try FileManager.default.copyItem(atPath: source, toPath: "\(path)/\(name)")
    }
  }

  private static let options = ModelOptions(gemm: .native, threads: 1)
  private static let texts = ["good", "a good film was not the b c", "", "it was bad , not good !"]

  @Test(
    arguments: [
      ("distilbert-sequenceclassification", "torchscript.onnx"),
      ("distilbert-sequenceclassification", "unfolded.onnx"),
      ("distilbert-sequenceclassification", "dynamo.onnx"),
      ("distilbert-sequenceclassification", "session.onnx"),
      ("distilbert-sequenceclassification", "fused.onnx"),
      ("bert-sequenceclassification", "dynamo.onnx"),
      ("bert-sequenceclassification", "fused.onnx"),
    ], [WeightLoading.mapped, .read])
  func `a classifier answers with the same bits as from safetensors`(
    fixture: (model: String, file: String), loading: WeightLoading
  ) throws {
    let folder = try Folder(fixture.model, fixture.file)
    var options = Self.options
    options.loading = loading
    let expected = try Classifier(directory: "\(Self.root)/\(fixture.model)", options: options)
      .classify(Self.texts)
    let found = try Classifier(directory: folder.path, options: options).classify(Self.texts)
    #expect(found.map(\.logitBits) == expected.map(\.logitBits))
  }

  @Test(arguments: ["int8.onnx", "fused-int8.onnx", "half.onnx"])
  func `weights of fewer bits answer nearly as the original`(file: String) throws {
    let model = "distilbert-sequenceclassification"
    let folder = try Folder(model, file)
    let expected = try Classifier(directory: "\(Self.root)/\(model)", options: Self.options)
      .classify(Self.texts)
    let found = try Classifier(directory: folder.path, options: Self.options).classify(Self.texts)
    for (found, expected) in zip(found, expected) {
      #expect(zip(found.logits, expected.logits).allSatisfy { abs($0 - $1) < 0.1 })
    }
  }

  @Test func `every other task loads`() throws {
    let questions = try Folder("bert-questionanswering", "torchscript.onnx")
    let answers = try [questions.path, "\(Self.root)/bert-questionanswering"].map {
      try QuestionAnswerer(directory: $0, options: Self.options).answer(
        "was it good ?", in: "a good film")
    }
    #expect(answers[0] == answers[1])
    let tokens = try Folder("bert-tokenclassification", "torchscript.onnx")
    let entities = try [tokens.path, "\(Self.root)/bert-tokenclassification"].map {
      try TokenClassifier(directory: $0, options: Self.options).classify("a good film")
    }
    #expect(entities[0] == entities[1])
    for model in ["bert-maskedlm", "bert-pretraining"] {
      let masks = try Folder(model, "torchscript.onnx")
      let fillings = try [masks.path, "\(Self.root)/\(model)"].map {
        try FillMask(directory: $0, options: Self.options).fill("a [MASK] film")
      }
      #expect(fillings[0] == fillings[1])
    }
    let choices = try Folder("distilbert-multiplechoice", "torchscript.onnx", as: "model.onnx")
    let chosen = try [choices.path, "\(Self.root)/distilbert-multiplechoice"].map {
      try MultipleChoice(directory: $0, options: Self.options).choose(
        "it was", among: ["good", "bad"])
    }
    #expect(chosen[0].logits == chosen[1].logits)
    let bare = try Folder("bert-model", "torchscript.onnx")
    let embeddings = try [bare.path, "\(Self.root)/bert-model"].map {
      try Embedder(directory: $0, options: Self.options).embed("a good film").vector
    }
    #expect(embeddings[0] == embeddings[1])
  }

  @Test func `other weights are used before ONNX`() throws {
    let model = "distilbert-sequenceclassification"
    let folder = try Folder(model, "vocab.txt")
    try folder.copy("\(Self.root)/\(model)/model.safetensors", to: "model.safetensors")
    #expect(throws: Never.self) { try Classifier(directory: folder.path, options: Self.options) }
  }

  @Test func `an int8 copy has the bytes of that of the safetensors`() throws {
    let model = "bert-sequenceclassification"
    let folder = try Folder(model, "fused.onnx")
    let outputs = ["/int8-onnx", "/int8-safetensors"].map { folder.path + "-" + $0.dropFirst() }
    defer { for output in outputs { try? FileManager.default.removeItem(atPath: output) } }
    for (source, output) in zip([folder.path, "\(Self.root)/\(model)"], outputs) {
      try ModelQuantizer.quantize(directory: source, into: output, threads: 1)
    }
    let written = try outputs.map { try Classifier(directory: $0, options: Self.options) }
      .map { try $0.classify(Self.texts).map(\.logitBits) }
    #expect(written[0] == written[1])
  }

  @Test func `a graph of another model is an error that names it`() throws {
    let folder = try Folder("bert-sequenceclassification", "dynamo.onnx")
    let other = "\(Self.root)/distilbert-sequenceclassification/config.json"
    try FileManager.default.removeItem(atPath: folder.path + "/config.json")
    try folder.copy(other, to: "config.json")
    let error = #expect(throws: SwiftletError.self) {
      try Classifier(directory: folder.path, options: Self.options)
    }
    #expect(error?.description.contains("onnx/model.onnx") == true)
    guard case .invalidModel = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func `a damaged file is an error`() throws {
    let folder = try Folder("bert-sequenceclassification", "vocab.txt")
    let error = #expect(throws: SwiftletError.self) {
      try Classifier(directory: folder.path, options: Self.options)
    }
    #expect(error?.description.contains("is not a valid ONNX file") == true)
  }
}
