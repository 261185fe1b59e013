import Foundation
import Swiftlet
import SwiftletCheckpoint
import SwiftletEncoder
import Testing

@testable import SwiftletTraining

@Suite struct `A distillation` {
  private func session(
    _ request: DistillationRequest
  ) throws -> DistillationSession {
    let session = try DistillationSession(request)
    try session.prepare()
    return session
  }

  private func weights(_ folder: OutputFolder, _ name: String) throws -> Data {
    try folder.data(name + "/model.safetensors")
  }

  // MARK: Answers

  @Test func `The teacher's answers are those of the model`() throws {
    let session = try session(
      DistillationSample.request(
        DistillationSample.bert, .layers(1), DistillationSample.unlabelled(9)))
    let teacher = try Classifier(directory: DistillationSample.bert)
    let engine = try session.teacher.logits(on: session.pool)
    let data = session.data.training
    var done: [Int] = []
    let values = try engine.rows(of: data, unless: .never) { done.append($0) }
    #expect(done == [data.count])
    for example in 0..<data.count {
      let text = DistillationSample.texts(9)[data.rows.line(of: data.row(of: example)) - 1]
      #expect(try teacher.classify(text).logits == Array(values[2 * example..<2 * example + 2]))
    }
  }

  @Test func `A cancelled teacher does not answer`() throws {
    let session = try DistillationSession(DistillationSample.request(DistillationSample.bert))
    let cancellation = Cancellation()
    cancellation.cancel()
    #expect(throws: TrainingError.cancelled(step: 0, total: 0)) {
      try session.prepare(unless: cancellation)
    }
  }

  // MARK: Training

  @Test func `A student of unlabelled texts comes nearer to its teacher`() throws {
    let folder = try OutputFolder()
    var request = DistillationSample.request(
      DistillationSample.bert, .layers(1), output: folder.file("small"))
    request.training.options.epochs = 12
    let session = try session(request)
    #expect(session.facts.alpha == 1 && session.facts.measuresAgreement)
    var losses: [Double] = []
    let outcome = try session.run { event in
      if case .evaluated(let record) = event { losses.append(record.validationLoss ?? .nan) }
    }
    #expect(losses.count == 12 && (losses.last ?? .nan) < losses[0] / 2)
    guard case .classification(let metrics) = outcome.evaluation else {
      Issue.record("a classifier has other metrics")
      return
    }
    // The labels are the teacher's own answers, on which it is always right.
    #expect(metrics.rows == 10)
    #expect(session.facts.teacherMetrics?.metrics.value(of: .accuracy) == 1)
    #expect(session.facts.share(of: .accuracy, kept: outcome.evaluation) == metrics.accuracy)
    #expect(try Classifier(directory: folder.file("small")).labels == ["NEGATIVE", "POSITIVE"])
    let settings = try folder.object("small/config.json")
    #expect(settings["model_type"] as? String == "distilbert" && settings["n_layers"] as? Int == 1)
  }

  @Test func `The report names teacher, layers, temperature and what is kept`() throws {
    let folder = try OutputFolder()
    var request = DistillationSample.request(
      DistillationSample.bert, .keeping([1]), DistillationSample.labelled(),
      output: folder.file("small"))
    request.distillation.temperature = 3
    request.distillation.hiddenWeight = 0.25
    let session = try session(request)
    #expect(session.facts.alpha == 0.5 && session.facts.hasLabels)
    let outcome = try session.run()
    let card = String(decoding: try folder.data("small/README.md"), as: UTF8.self)
    #expect(card.contains("started with layer 1 of the teacher's 2"))
    #expect(card.contains("0.5 × the distance from the teacher's answers at temperature 3"))
    #expect(card.contains("0.25 × (1 - cosine)") && card.contains("the teacher has accuracy"))
    let report = try #require(
      try folder.object("small/training.json")["distillation"] as? [String: Any])
    #expect(report["layers"] as? [Int] == [1] && report["temperature"] as? Double == 3)
    #expect(report["measures_agreement"] as? Bool == false)
    let teacher = try #require(session.facts.teacherMetrics?.metrics.value(of: .accuracy))
    #expect(report["teacher_value"] as? Double == teacher)
    let comparison = try #require(try session.compare(outcome))
    #expect(comparison.teacher.layers == 2 && comparison.student.layers == 1)
    #expect(comparison.student.parameters < comparison.teacher.parameters)
    #expect(comparison.teacher.textsPerSecond > 0 && comparison.student.textsPerSecond > 0)
    #expect(comparison.shareKept == report["share_kept"] as? Double)
  }

  @Test func `Every task with logits has a student`() throws {
    let cases: [(teacher: String, architecture: String, metric: Metric)] = [
      (DistillationSample.multiLabel, "distilbert", .subsetAccuracy),
      (DistillationSample.regression, "distilbert", .mae),
      (DistillationSample.tagger, "distilbert", .accuracy),
    ]
    for item in cases {
      let folder = try OutputFolder()
      var request = DistillationSample.request(item.teacher, output: folder.file("small"))
      request.distillation.hiddenWeight = 0.1
      let session = try session(request)
      #expect(session.facts.architecture == item.architecture)
      let outcome = try session.run()
      let value = try #require(outcome.evaluation?.metrics.value(of: item.metric))
      let teacher = session.facts.teacherMetrics?.metrics.value(of: item.metric)
      #expect(value.isFinite && teacher == (item.metric == .mae ? 0 : 1), "\(item.teacher)")
    }
  }

  @Test func `A given student keeps its architecture and learns the labels`()
    throws
  {
    let folder = try OutputFolder()
    let request = DistillationSample.request(
      DistillationSample.bert, .model(DistillationSample.distilBERT), output: folder.file("small"))
    let session = try session(request)
    #expect(session.facts.layers == nil && session.facts.student == DistillationSample.distilBERT)
    _ = try session.run()
    #expect(try folder.object("small/config.json")["dim"] as? Int == 25)
  }

  @Test func `Texts of a file with one text on each line are enough`() throws {
    let folder = try OutputFolder()
    try folder.write(DistillationSample.texts(30).joined(separator: "\n"), to: "texts.txt")
    for teacher in [DistillationSample.distilBERT, DistillationSample.tagger] {
      let session = try session(
        DistillationSample.request(teacher, .layers(1), .file(folder.file("texts.txt"))))
      let outcome = try session.run()
      #expect(session.facts.measuresAgreement && outcome.evaluation != nil && outcome.folder == nil)
    }
  }

  // MARK: Same bits

  @Test func `A stopped one continues to the same bits on any number of threads`()
    throws
  {
    let folder = try OutputFolder()
    func request(_ name: String, threads: Int) -> DistillationRequest {
      var request = DistillationSample.request(
        DistillationSample.bert, .layers(1), DistillationSample.labelled(),
        output: folder.file(name))
      request.distillation.hiddenWeight = 0.5
      request.training.options.threads = threads
      return request
    }
    _ = try session(request("whole", threads: 1)).run()
    for step in [1, 9] {
      let name = "stopped-\(step)"
      let cancellation = Cancellation()
      let stopped = try session(request(name, threads: 2)).run(unless: cancellation) { event in
        if case .step(let report) = event, report.step == step { cancellation.cancel() }
      }
      #expect(stopped.summary.reason == .cancelled && stopped.folder == nil)
      var resumed = request(name, threads: 2)
      resumed.training.resumes = true
      _ = try session(resumed).run()
      #expect(try weights(folder, name) == weights(folder, "whole"), "stopped after step \(step)")
    }
  }

  @Test func `A resumed distillation has the same teacher and the same loss`() throws {
    let folder = try OutputFolder()
    var request = DistillationSample.request(
      DistillationSample.distilBERT, output: folder.file("small"))
    let cancellation = Cancellation()
    _ = try session(request).run(unless: cancellation) { event in
      if case .step = event { cancellation.cancel() }
    }
    request.training.resumes = true
    request.distillation.temperature = 5
    let resumed = try session(request)
    let error = #expect(throws: TrainingError.self) { try resumed.run() }
    #expect(error?.description.contains("--temperature is 5.0, and was 2.0") == true)
  }

  @Test func `A plan writes nothing`() throws {
    let folder = try OutputFolder()
    let session = try session(
      DistillationSample.request(DistillationSample.bert, output: folder.file("small")))
    let plan = try session.plan()
    #expect(plan.examples == 30 && plan.validationExamples == 10 && plan.seconds != nil)
    #expect(try folder.contents(of: ".").isEmpty)
  }
}
