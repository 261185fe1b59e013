import Foundation
import Swiftlet
import SwiftletCheckpoint
import SwiftletSafetensors
import Testing

@testable import SwiftletTraining

@Suite struct ModelFolderWriterTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let folder: String
    let name: String
    let head: ModelHead?
    var module = ""

    var base: String { TrainingFixtures.path("\(folder)/\(name)") }
    var testDescription: String { name }
  }

  static let cases = [
    Case(folder: "checkpoints", name: "no-prefix", head: .sequenceClassification),
    Case(folder: "checkpoints", name: "bert", head: .sequenceClassification),
    Case(folder: "checkpoints", name: "multi-label", head: .sequenceClassification),
    Case(folder: "checkpoints", name: "regression", head: .sequenceClassification),
    Case(folder: "checkpoints", name: "twelve-labels", head: .sequenceClassification),
    Case(folder: "checkpoints", name: "float16", head: .sequenceClassification),
    Case(folder: "heads", name: "tokens", head: .tokenClassification),
    Case(folder: "heads", name: "bert-tokens", head: .tokenClassification),
    Case(folder: "heads", name: "questions", head: .questionAnswering),
    Case(folder: "heads", name: "bert-questions", head: .questionAnswering),
    Case(folder: "heads", name: "mask", head: .maskedLanguage),
    Case(folder: "heads", name: "bert-mask", head: .maskedLanguage),
    Case(folder: "heads", name: "bert-mask-untied", head: .maskedLanguage),
    Case(folder: "heads", name: "choice", head: .multipleChoice),
    Case(folder: "heads", name: "bert-choice", head: .multipleChoice),
    Case(folder: "heads", name: "embed-mean", head: nil),
    Case(folder: "heads", name: "bert-embed-cls", head: nil, module: "0_Transformer"),
  ]

  private func model(
    _ item: Case, change: (inout ModelConfiguration) -> Void = { _ in }
  ) throws -> TrainedModel {
    try .unchanged(
      item.base, transformer: item.module.isEmpty ? item.base : "\(item.base)/\(item.module)",
      head: item.head, change: change)
  }

  /// Kept for `Fixtures/training/written/check.py` where the variable names a folder.
  private func folder() throws -> OutputFolder {
    try OutputFolder(keptIn: ProcessInfo.processInfo.environment["SWIFTLET_WRITTEN_MODELS"])
  }

  @Test(arguments: cases)
  func `A folder holds the tensors, settings and tokenizer of its model`(item: Case) throws {
    let folder = try folder()
    let output = folder.file(item.name)
    let writer = try ModelFolderWriter(output: output, replacing: false, base: item.base)
    try writer.write(try model(item))
    let place = item.module.isEmpty ? item.name : "\(item.name)/\(item.module)"
    let configuration = try folder.object(place + "/config.json")
    #expect(configuration["dtype"] as? String == "float32")
    let architecture = try #require(configuration["model_type"] as? String)
    let className = try #require((configuration["architectures"] as? [String])?.first)
    #expect(className.hasPrefix(architecture == "bert" ? "Bert" : "DistilBert"))
    let names = try SafetensorsFile(path: folder.file(place + "/model.safetensors")).tensors
      .map(\.name)
    let prefixed = names.filter { $0.hasPrefix(architecture + ".") }.count
    #expect(item.head == nil ? prefixed == 0 : prefixed > 0)
    let files = try folder.contents(of: item.name)
    let before = try FileManager.default.subpathsOfDirectory(atPath: item.base)
      .filter { $0 != "golden.json" }
    #expect(Set(before).isSubset(of: files), "\(before)")
    #expect(files.allSatisfy { !$0.hasSuffix(".tmp") && !$0.contains("training.json") })
  }

  @Test func `A classifier's labels, problem type and dropout are in config.json`() throws {
    let folder = try OutputFolder()
    let item = Case(folder: "checkpoints", name: "bert", head: .sequenceClassification)
    let labels = ["été", "10", "2"]
    let written = try model(item) { configuration in
      configuration.labels = labels
      configuration.problemType = .multiLabel
    }
    let output = folder.file("model")
    try ModelFolderWriter(output: output, replacing: false, base: item.base).write(written)
    let settings = try folder.object("model/config.json")
    #expect(settings["id2label"] as? [String: String] == ["0": "été", "1": "10", "2": "2"])
    #expect(settings["label2id"] as? [String: Int] == ["été": 0, "10": 1, "2": 2])
    #expect(settings["problem_type"] as? String == "multi_label_classification")
    #expect(settings["num_labels"] == nil && settings["hidden_dropout_prob"] as? Double == 0.1)
    #expect(try Classifier(directory: output).labels == labels)
  }

  @Test func `A classifier of a sentence model has no modules`() throws {
    let folder = try OutputFolder()
    let base = TrainingFixtures.path("heads/bert-embed-cls")
    let written = try TrainedModel.unchanged(
      base, transformer: base + "/0_Transformer", head: .sequenceClassification)
    try ModelFolderWriter(output: folder.file("model"), replacing: false, base: base)
      .write(written)
    let files = try folder.contents(of: "model")
    #expect(files.contains("vocab.txt") && !files.contains("modules.json"))
    #expect(try Classifier(directory: folder.file("model")).classify("a text").scores.count == 2)
  }

  @Test func `A sentence model of a plain base gets mean pooling`() throws {
    let folder = try OutputFolder()
    let base = TrainingFixtures.path("checkpoints/bert-bare")
    let written = try TrainedModel.unchanged(base, transformer: base, head: nil)
    try ModelFolderWriter(output: folder.file("model"), replacing: false, base: base)
      .write(written)
    let ours = try Embedder(directory: folder.file("model")).embed("the film")
    #expect(try ours.vector == Embedder(directory: base).embed("the film").vector)
    let names = try SafetensorsFile(path: folder.file("model/model.safetensors")).tensors
    #expect(names.contains { $0.name == "pooler.dense.weight" })
  }

  @Test func `A student of another architecture has its own sizes`() throws {
    let folder = try OutputFolder()
    let base = TrainingFixtures.path("checkpoints/bert")
    let teacher = try ModelConfiguration(path: base + "/config.json")
    var student = ModelConfiguration(.distilBERT)
    (student.vocabularySize, student.hiddenSize) = (teacher.vocabularySize, teacher.hiddenSize)
    (student.headCount, student.layerCount) = (teacher.headCount, 1)
    student.intermediateSize = 9
    let trained = TrainedModel(
      base: base, configuration: student, head: .sequenceClassification
    ) { parameter, target in
      target.update(repeating: 0.5, count: parameter.shape.reduce(1, *))
    }
    try ModelFolderWriter(output: folder.file("model"), replacing: false, base: base)
      .write(trained)
    let settings = try folder.object("model/config.json")
    #expect(settings["hidden_size"] == nil && settings["n_layers"] as? Int == 1)
    #expect(settings["pad_token_id"] as? Int == 0)
    #expect(try Classifier(directory: folder.file("model")).classify("a text").scores.count == 2)
  }

  // MARK: Replacing

  private let item = cases[0]

  private func report(_ output: String) -> TrainingReport {
    TrainingReport(
      name: "model", task: .classification, architecture: "distilbert", baseModel: item.base,
      output: output)
  }

  @Test func `A trained model is replaced only on request`() throws {
    let folder = try OutputFolder()
    let output = folder.file("model")
    let trained = try model(item)
    try ModelFolderWriter(output: output, replacing: false, base: item.base)
      .write(trained, report: report(output))
    let error = #expect(throws: TrainingError.self) {
      try ModelFolderWriter(output: output, replacing: false, base: item.base)
    }
    #expect(error?.description.contains("--force") == true)
    let before = try folder.contents(of: "model")
    try ModelFolderWriter(output: output, replacing: true, base: item.base)
      .write(trained, report: report(output))
    #expect(try folder.contents(of: "model") == before)
    try folder.write("mine", to: "model/notes.txt")
    let foreign = #expect(throws: TrainingError.self) {
      try ModelFolderWriter(output: output, replacing: true, base: item.base)
    }
    #expect(foreign?.description.contains("notes.txt") == true)
  }

  @Test func `A folder that training has not written is never replaced`() throws {
    let folder = try OutputFolder()
    try FileManager.default.copyItem(
      atPath: TrainingFixtures.path("checkpoints/plain"), toPath: folder.file("model"))
    let error = #expect(throws: TrainingError.self) {
      try ModelFolderWriter(output: folder.file("model"), replacing: true, base: item.base)
    }
    #expect(error?.description.contains("not written by training") == true)
  }

  @Test func `The base model, a folder in it and a folder around it are refused`() throws {
    let folder = try OutputFolder()
    let base = folder.file("base")
    try FileManager.default.copyItem(atPath: item.base, toPath: base)
    for output in [base, base + "/inside", folder.path] {
      let error = #expect(throws: TrainingError.self) {
        try ModelFolderWriter(output: output, replacing: true, base: base)
      }
      #expect(error?.description.contains("base model") == true)
    }
  }

  @Test(arguments: ["missing/parent/model", "file/model", ""])
  func `A folder that can't be written is an error before the training`(name: String) throws {
    let folder = try OutputFolder()
    try folder.write("", to: "file")
    #expect(throws: TrainingError.self) {
      try ModelFolderWriter(
        output: name.isEmpty ? "" : folder.file(name), replacing: false, base: item.base)
    }
    #expect(try folder.contents(of: "") == ["file"])
  }

  @Test func `The saved training is deleted with the commit, or kept on request`() throws {
    for keeps in [false, true] {
      let folder = try OutputFolder()
      let output = folder.file("model")
      let checkpoint = CheckpointFolder(output: output)
      let tensor = CheckpointFolder.Tensor("a", shape: [2]) { $0.update(repeating: 1, count: 2) }
      var state = TrainingState()
      (state.loop.totalSteps, state.loop.stepsPerEpoch) = (10, 5)
      try checkpoint.write(state, tensors: [tensor])
      let writer = try ModelFolderWriter(output: output, replacing: false, base: item.base)
      try writer.write(try model(item), report: report(output), keepsCheckpoint: keeps)
      #expect(checkpoint.exists == keeps)
      #expect(try folder.contents(of: "").filter { $0.contains(".tmp") }.isEmpty)
      #expect(try folder.contents(of: "model").contains("model.safetensors"))
      if keeps { #expect(try checkpoint.read().tensors.floats("a") == [1, 1]) }
    }
  }

  @Test func `A failure while writing leaves the output as it was`() throws {
    let folder = try OutputFolder()
    let base = folder.file("base")
    try FileManager.default.copyItem(atPath: item.base, toPath: base)
    let output = folder.file("model")
    let trained = try TrainedModel.unchanged(
      base, transformer: base, head: .sequenceClassification)
    let writer = try ModelFolderWriter(output: output, replacing: false, base: base)
    try FileManager.default.removeItem(atPath: base + "/config.json")
    #expect(throws: TrainingError.self) { try writer.write(trained) }
    #expect(!FileManager.default.fileExists(atPath: output))
    #expect(try folder.contents(of: "").filter { $0.contains(".tmp") }.isEmpty)
  }
}
