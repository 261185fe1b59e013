import Foundation
import Swiftlet
import SwiftletEncoder
import Testing

@testable import SwiftletTraining

@Suite struct TrainingSessionTests {
  @Test(arguments: SessionCase.all)
  func `Every task is trained, written and loaded`(item: SessionCase) throws {
    let folder = try OutputFolder()
    let session = try TrainingSession(try item.request(folder))
    #expect(session.data.task == item.task)
    let outcome = try session.run()
    #expect(outcome.summary.reason == .completed)
    #expect(outcome.evaluation?.metrics.loss?.isFinite == true)
    try item.use(folder.file("model"))
    let files = try folder.contents(of: "model")
    for name in ["training.json", "README.md", "learning-curve.svg"] {
      #expect(files.contains(name))
    }
    #expect(!files.contains { $0.hasPrefix("checkpoint") })
  }

  @Test(arguments: SessionCase.all)
  func `The weights do not depend on threads or memory`(item: SessionCase) throws {
    let folder = try OutputFolder()
    let first = try weights(item, folder, "one") { $0.options.threads = 1 }
    let second = try weights(item, folder, "three") { $0.options.threads = 3 }
    #expect(first == second)
    let small = try weights(item, folder, "small") { request in
      // Enough for the longest example only: a pass for each.
      request.options.maxMemory = 64 << 20
    }
    #expect(first == small)
    let other = try weights(item, folder, "seed") { $0.options.seed = 7 }
    #expect(first != other)
  }

  @Test(arguments: SessionCase.all, [1, 3, 5])
  func `A cancelled training that is resumed gives the same bytes`(
    item: SessionCase, step: Int
  ) throws {
    let folder = try OutputFolder()
    let expected = try weights(item, folder, "whole") { _ in }
    var request = try item.request(folder, output: "stopped")
    let cancellation = Cancellation()
    let outcome = try TrainingSession(request).run(unless: cancellation) { event in
      if case .step(let report) = event, report.step == step { cancellation.cancel() }
    }
    #expect(outcome.summary.reason == .cancelled)
    #expect(outcome.folder == nil)
    request.resumes = true
    let resumed = try TrainingSession(request).run()
    #expect(resumed.summary.reason == .completed)
    #expect(try modelBytes(folder, "stopped") == expected)
  }

  @Test func `Embeddings are encoded as sentence-transformers does, with and without the task`()
    throws
  {
    let folder = try OutputFolder()
    let item = SessionCase.all[7]
    var request = try item.request(folder)
    request.model = TrainingFixtures.path("heads/bert-embed-mean")
    let named = try TrainingSession(request).data
    request.task = nil
    let found = try TrainingSession(request).data
    #expect(found.task == .embeddings)
    #expect(found.summary.maxLength == named.summary.maxLength)
    for example in 0..<named.training.count {
      #expect(found.training.sequence(of: example) == named.training.sequence(of: example))
    }
  }

  @Test func `A separable task is learned, and its labels keep their names`() throws {
    let folder = try OutputFolder()
    var request = try SessionCase.all[0].request(folder)
    request.options.epochs = 8
    let outcome = try TrainingSession(request).run()
    guard case .classification(let metrics)? = outcome.evaluation else {
      Issue.record("expected metrics of a classifier")
      return
    }
    #expect(metrics.accuracy == 1)
    let classifier = try Classifier(directory: folder.file("model"))
    #expect(classifier.labels == ["neg", "pos"])
    #expect(try classifier.classify("the film was good fun and no 4").label == "pos")
    #expect(try classifier.classify("the film was bad boring and no 5").label == "neg")
  }

  @Test(arguments: [(nil, true), ("regression", true), ("multi_label_classification", false)])
  func `A regression continues with the head of a regression and keeps its name`(
    problemType: String?, isKept: Bool
  ) throws {
    let folder = try OutputFolder()
    try FileManager.default.copyItem(
      atPath: TrainingFixtures.path("checkpoints/regression"), toPath: folder.file("base"))
    var configuration = try folder.object("base/config.json")
    configuration["problem_type"] = problemType
    try JSONSerialization.data(withJSONObject: configuration)
      .write(to: URL(filePath: folder.file("base/config.json")))
    var request = try SessionCase.all[2].request(folder)
    request.model = folder.file("base")
    // Steps that change nothing.
    request.options.learningRate = 1e-30
    request.options.weightDecay = 0
    _ = try TrainingSession(request).run()
    let name = "classifier.weight"
    let (base, trained) = try (
      TensorValues(request.model).values[name], TensorValues(folder.file("model")).values[name]
    )
    #expect((try #require(base) == #require(trained)) == isKept)
    let labels = try folder.object("model/config.json")["id2label"] as? [String: String]
    #expect(labels == ["0": isKept ? "rating" : "LABEL_0"])
  }

  @Test func `Frozen weights keep their bits, all others change`() throws {
    let folder = try OutputFolder()
    var request = try SessionCase.all[0].request(folder)
    request.options.freezing = .layers(1)
    _ = try TrainingSession(request).run()
    let base = try TensorValues(TrainingFixtures.path("checkpoints/bert"))
    let trained = try TensorValues(folder.file("model"))
    for (name, values) in trained.values where !name.hasPrefix("classifier.") {
      let isFrozen = name.contains("embeddings.") || name.contains("layer.0.")
      // The gradient of the keys' bias is mathematically 0.
      if name.hasSuffix("key.bias") { continue }
      #expect((base.values[name] == values) == isFrozen, "\(name)")
    }
  }

  @Test func `A checkpoint in the output is neither overwritten nor resumed with other options`()
    throws
  {
    let folder = try OutputFolder()
    var request = try SessionCase.all[0].request(folder)
    let cancellation = Cancellation()
    _ = try TrainingSession(request).run(unless: cancellation) { event in
      if case .step = event { cancellation.cancel() }
    }
    #expect(throws: TrainingError.self) { try TrainingSession(request) }
    request.resumes = true
    request.options.learningRate = 1e-3
    let error = #expect(throws: TrainingError.self) { try TrainingSession(request).run() }
    #expect(error?.description.contains("learning-rate") == true)
  }

  /// Stops a training after its first step, and returns what its continuation with a change says.
  private func refusal(
    _ request: TrainingRequest, _ change: (inout TrainingRequest) throws -> Void
  ) throws -> String {
    let cancellation = Cancellation()
    _ = try TrainingSession(request).run(unless: cancellation) { event in
      if case .step = event { cancellation.cancel() }
    }
    var changed = request
    changed.resumes = true
    try change(&changed)
    let error = #expect(throws: TrainingError.self) { try TrainingSession(changed).run() }
    return error?.description ?? ""
  }

  @Test(arguments: [TrainingOptions.Method.head, .lora(rank: 2, alpha: 2, targets: [])])
  func `Another base model of the same sizes is not resumed`(
    method: TrainingOptions.Method
  ) throws {
    let folder = try OutputFolder()
    // Equal files except for the weights.
    for (seed, name) in [(1, "base"), (2, "other")] as [(UInt64, String)] {
      var request = try SessionCase.all[0].request(folder, output: name)
      request.options.seed = seed
      _ = try TrainingSession(request).run()
    }
    var request = try SessionCase.all[0].request(folder)
    request.model = folder.file("base")
    request.options.method = method
    let text = try refusal(request) { $0.model = folder.file("other") }
    #expect(text.hasPrefix("--resume") && text.contains("the base model is another one"))
    #expect(!text.contains("the data has changed"))
  }

  @Test func `Other columns of the same file are not resumed`() throws {
    let folder = try OutputFolder()
    var request = try SessionCase.all[0].request(folder)
    let rows = (0..<20).map { "good \($0),bad film \($0),\($0 % 2 == 0 ? "pos" : "neg")\n" }
    try folder.write("title,text,label\n" + rows.joined(), to: "rows.csv")
    let path = try #require(request.training.path)
    var titles = TrainingFileOptions()
    titles.textColumn = "title"
    request.training = .file(path, titles)
    let text = try refusal(request) { $0.training = .file(path) }
    #expect(text.hasPrefix("--resume") && text.contains("the data has changed"))
    #expect(!text.contains("the base model"))
  }

  @Test(arguments: [0, 1, 2]) func `Other examples, targets or validation are not resumed`(
    part: Int
  ) throws {
    let folder = try OutputFolder()
    let request = SmallTraining("checkpoints/bert", .full).request(folder.file("model"))
    let text = try refusal(request) { changed in
      var small = SmallTraining("checkpoints/bert", .full)
      switch part {
      case 0: small.training[3] = .labeled("good cat", label: "good")
      case 1: small.training[3] = .labeled(SmallTraining.texts(24)[3].text, label: "bad")
      default: small.validation[3] = .labeled("good cat", label: "good")
      }
      changed = small.request(folder.file("model"))
      changed.resumes = true
    }
    #expect(text.contains("the data has changed"))
  }

  @Test(arguments: SessionCase.all) func `Options that a task does not use name it and the flag`(
    item: SessionCase
  ) throws {
    let folder = try OutputFolder()
    let weighted: Set<TrainingTask> = [.classification, .multiLabel, .tokens]
    let smoothed: Set<TrainingTask> = [.classification, .tokens, .choices, .masks]
    let hasHead = item.task != .embeddings
    let changes: [(String, Bool, (inout TrainingOptions) -> Void)] = [
      ("--class-weights", weighted.contains(item.task), { $0.classWeights = .balanced }),
      ("--label-smoothing", smoothed.contains(item.task), { $0.labelSmoothing = 0.1 }),
      ("--method", hasHead, { $0.method = .head }),
      ("--freeze", hasHead, { $0.freezing = .allButHead }),
      ("--head-learning-rate", hasHead, { $0.headLearningRate = 1e-3 }),
    ]
    for (flag, isUsed, change) in changes {
      var request = try item.request(folder)
      change(&request.options)
      guard !isUsed else {
        _ = try TrainingSession(request)
        continue
      }
      let error = #expect(throws: TrainingError.self) { try TrainingSession(request) }
      let text = error?.description ?? ""
      #expect(text.hasPrefix(flag) && text.contains("task \(item.task.rawValue)"), "\(text)")
    }
  }

  @Test func `A dense layer is the head of an embedding model`() throws {
    let folder = try OutputFolder()
    var request = try SessionCase.all[7].request(folder)
    request.model = TrainingFixtures.path("heads/embed-max")
    request.options.method = .head
    let plan = try TrainingSession(request).plan()
    #expect(plan.trainedParameters > 0 && plan.trainedParameters < plan.parameters)
  }

  @Test func `The labels of choices are smoothed`() throws {
    let folder = try OutputFolder()
    let item = SessionCase.all[5]
    let hard = try weights(item, folder, "hard") { _ in }
    #expect(try weights(item, folder, "smooth") { $0.options.labelSmoothing = 0.2 } != hard)
  }

  @Test func `A trainer returns a model that is ready to use, and can be cancelled`() async throws {
    let folder = try OutputFolder()
    let request = try SessionCase.all[0].request(folder)
    let trainer = ClassifierTrainer(model: request.model, options: request.options)
    let result = try await trainer.train(on: request.training)
    #expect(result.classifier.labels == ["neg", "pos"])
    try result.write(to: folder.file("copy"))
    #expect(try folder.contents(of: "copy").contains("model.safetensors"))
    let task = Task { try await trainer.train(on: request.training, output: folder.file("none")) }
    task.cancel()
    await #expect(throws: TrainingError.self) { try await task.value }
  }

  @Test func `A trainer continues a folder that a time limit has finished, and replaces no other`()
    async throws
  {
    let folder = try OutputFolder()
    let request = try SessionCase.all[0].request(folder)
    let output = folder.file("model")
    func train(resuming: Bool, limit: Duration? = nil) async throws -> TrainingSummary {
      var options = request.options
      options.timeLimit = limit
      let trainer = ClassifierTrainer(model: request.model, options: options)
      return try await trainer.train(on: request.training, output: output, resuming: resuming)
        .summary
    }
    let first = try await train(resuming: false, limit: .nanoseconds(1))
    #expect(first.reason == .timeLimit && first.step == 1)
    let rest = try await train(resuming: true)
    #expect(rest.reason == .completed && rest.step == rest.totalSteps)
    await #expect(throws: TrainingError.self) { try await train(resuming: false) }
    // There is no checkpoint.
    await #expect(throws: TrainingError.self) { try await train(resuming: true) }
  }

  private func weights(
    _ item: SessionCase, _ folder: OutputFolder, _ name: String,
    _ change: (inout TrainingRequest) -> Void
  ) throws -> Data {
    var request = try item.request(folder, output: name)
    change(&request)
    _ = try TrainingSession(request).run()
    return try modelBytes(folder, name)
  }

  private func modelBytes(_ folder: OutputFolder, _ name: String) throws -> Data {
    try folder.data("\(name)/model.safetensors")
  }
}
