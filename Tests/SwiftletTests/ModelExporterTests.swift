import Foundation
import Swiftlet
import Testing

@Suite struct ModelExporterTests {
  @Test(arguments: [
    ("checkpoints/single-label", ExportOptions.Task.textClassification),
    ("checkpoints/bert", .textClassification), ("checkpoints/bare", .featureExtraction),
    ("heads/nli", .textClassification), ("heads/tokens", .tokenClassification),
    ("heads/questions", .questionAnswering), ("heads/mask", .fillMask),
    ("heads/choice", .multipleChoice), ("heads/bert-embed-mean", .featureExtraction),
  ])
  func `a model is exported for its main task, with the files of its tokenizer`(
    fixture: String, task: ExportOptions.Task
  ) throws {
    let folder = ExportedFolder()
    let result = try ModelExporter.export(directory: path(fixture), into: folder.model)
    #expect(result.task == task && result.files.map(\.name) == ["onnx/model.onnx"])
    #expect(try folder.size("onnx/model.onnx") == result.files.first?.bytes)
    #expect(folder.has("tokenizer.json"))
    for name in ["config.json", "vocab.txt", "tokenizer_config.json", "modules.json"] {
      #expect(
        folder.has(name) == FileManager.default.fileExists(atPath: path(fixture) + "/" + name))
    }
    #expect(!folder.has("model.safetensors"))
  }

  @Test func `a sentence model keeps its folders, and the graph is beside its transformer`() throws
  {
    let folder = ExportedFolder()
    let result = try ModelExporter.export(
      directory: path("heads/bert-embed-cls"), into: folder.model,
      options: ExportOptions(quantization: .dynamic))
    #expect(
      result.files.map(\.name) == [
        "0_Transformer/onnx/model.onnx", "0_Transformer/onnx/model_quantized.onnx",
      ])
    for name in ["modules.json", "0_Transformer/config.json", "1_Pooling/config.json"] {
      #expect(folder.has(name))
    }
    #expect(folder.has("2_Dense/model.safetensors"))
  }

  @Test func `linked weights are copied beside the graph, byte for byte`() throws {
    let folder = ExportedFolder()
    let options = ExportOptions(linksWeights: true)
    let result = try ModelExporter.export(
      directory: path("checkpoints/bert-sharded"), into: folder.model, options: options)
    #expect(result.files.map(\.name) == ["model.onnx"])
    let original = path("checkpoints/bert-sharded")
    for name in try FileManager.default.contentsOfDirectory(atPath: original)
    where name.contains(".safetensors") {
      #expect(
        FileManager.default.contentsEqual(
          atPath: original + "/" + name, andPath: folder.model + "/" + name))
    }
    // The copy is a model of its own, beside which a graph can be written again.
    #expect(throws: SwiftletError.self) { try ModelExporter.link(directory: folder.model) }
    let again = try ModelExporter.link(directory: folder.model, replacing: true)
    #expect(again == result)
  }

  @Test func `an export replaces an export but no other folder`() throws {
    let folder = ExportedFolder()
    let model = path("checkpoints/single-label")
    try ModelExporter.export(directory: model, into: folder.model)
    expectUnwritable("already exists") {
      try ModelExporter.export(directory: model, into: folder.model)
    }
    try ModelExporter.export(directory: model, into: folder.model, replacing: true)
    try Data("mine".utf8).write(to: URL(filePath: folder.model + "/onnx/notes.txt"))
    expectUnwritable("notes.txt does not belong to an exported model") {
      try ModelExporter.export(directory: model, into: folder.model, replacing: true)
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["model"])
  }

  @Test func `a model is not replaced by its copy`() throws {
    let copy = try TemporaryModel(copying: "plain")
    try copy.remove("golden.json")
    for options in [ExportOptions(), ExportOptions(linksWeights: true)] {
      expectUnwritable("") {
        try ModelExporter.export(
          directory: Fixture.path("plain"), into: copy.path, options: options, replacing: true)
      }
      expectUnwritable("is the model itself") {
        try ModelExporter.export(
          directory: copy.path, into: copy.path, options: options, replacing: true)
      }
    }
    #expect(FileManager.default.fileExists(atPath: copy.file("model.safetensors")))
  }

  @Test func `a task that the model lacks is refused, and nothing is written`() throws {
    let folder = ExportedFolder()
    #expect(throws: SwiftletError.self) {
      try ModelExporter.export(
        directory: path("checkpoints/plain"), into: folder.model,
        options: ExportOptions(task: .questionAnswering))
    }
    #expect(!FileManager.default.fileExists(atPath: folder.model))
  }

  @Test func `the encoder of a classifier can be exported alone`() throws {
    let folder = ExportedFolder()
    let result = try ModelExporter.export(
      directory: path("checkpoints/plain"), into: folder.model,
      options: ExportOptions(task: .featureExtraction))
    #expect(result.task == .featureExtraction)
  }

  @Test func `links and int8 exclude each other`() {
    let options = ExportOptions(quantization: .exact, linksWeights: true)
    #expect(throws: SwiftletError.self) {
      try ModelExporter.export(
        directory: path("checkpoints/plain"), into: "/nonexistent/folder", options: options)
    }
  }

  private func path(_ fixture: String) -> String { Fixture.path("../" + fixture) }

  private func expectUnwritable(_ words: String, _ body: () throws -> Void) {
    let error = #expect(throws: SwiftletError.self) { try body() }
    guard case .unwritable(let reason) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(words.isEmpty || reason.contains(words), "\(reason)")
  }
}

/// An empty folder with room for a model, removed afterwards.
private final class ExportedFolder {
  let path: String
  var model: String { path + "/model" }

  init() {
    path =
      FileManager.default.temporaryDirectory
      .appending(path: "swiftlet-export-\(UUID().uuidString)").path
    try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func has(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: model + "/" + name)
  }

  func size(_ name: String) throws -> Int {
    try Data(contentsOf: URL(filePath: model + "/" + name)).count
  }
}
