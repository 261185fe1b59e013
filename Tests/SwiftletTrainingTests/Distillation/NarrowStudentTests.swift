import Foundation
import Swiftlet
import SwiftletCheckpoint
import SwiftletEncoder
import Testing

@testable import SwiftletTraining

@Suite struct NarrowStudentTests {
  private func request(
    _ teacher: String, _ width: Int, _ data: TrainingData = DistillationSample.unlabelled(),
    output: String? = nil
  ) -> DistillationRequest {
    var request = DistillationSample.request(teacher, .layers(1), data, output: output)
    request.distillation.width = width
    return request
  }

  private func student(
    _ teacher: String, _ architecture: Architecture, width: Int
  ) throws -> BaseModel {
    try Student(
      of: try BaseModel(teacher, embeds: false), layers: [1], architecture, task: .classification,
      width: width
    ).base()
  }

  @Test func `It starts with rows, columns and whole heads of the teacher`() throws {
    // 25 columns, 5 heads of 5, 53 inner units: 10 columns, 2 heads, 21 units.
    let teacher = try BaseModel(DistillationSample.distilBERT, embeds: false)
    let student = try student(DistillationSample.distilBERT, .distilBERT, width: 10)
    let sizes = student.configuration
    #expect((sizes.hiddenSize, sizes.headCount, sizes.intermediateSize) == (10, 2, 21))
    let hidden = [0, 2, 5, 7, 10, 12, 15, 17, 20, 22]
    let heads = Array(0..<5) + Array(10..<15)
    let inner = (0..<21).map { $0 * 53 / 21 }
    func check(_ name: String, rows: [Int]?, columns: [Int]) throws {
      let source = name.replacing("layer.0.", with: "layer.1.")
      let (values, found) = (try teacher.values(source), try student.values(name))
      let parameter = teacher.configuration.parameters(head: .sequenceClassification)
        .first { $0.name == source }
      let shape = try #require(parameter?.shape)
      let rows = rows ?? Array(0..<shape[0])
      let expected =
        shape.count == 1
        ? rows.map { values[$0] }
        : rows.flatMap { row in columns.map { values[row * shape[1] + $0] } }
      #expect(found == expected, "\(name)")
    }
    let layer = "transformer.layer.0."
    try check("embeddings.word_embeddings.weight", rows: nil, columns: hidden)
    try check("embeddings.LayerNorm.bias", rows: hidden, columns: [])
    for name in ["q_lin", "k_lin", "v_lin"] {
      try check(layer + "attention.\(name).weight", rows: heads, columns: hidden)
      try check(layer + "attention.\(name).bias", rows: heads, columns: [])
    }
    try check(layer + "attention.out_lin.weight", rows: hidden, columns: heads)
    try check(layer + "ffn.lin1.weight", rows: inner, columns: hidden)
    try check(layer + "ffn.lin1.bias", rows: inner, columns: [])
    try check(layer + "ffn.lin2.weight", rows: hidden, columns: inner)
    try check(layer + "output_layer_norm.weight", rows: hidden, columns: [])
    try check("pre_classifier.weight", rows: hidden, columns: hidden)
    try check("classifier.weight", rows: nil, columns: hidden)
    try check("classifier.bias", rows: nil, columns: [])
  }

  @Test func `A DistilBERT of a BERT has the row of type 0 in its positions`() throws {
    // 28 columns.
    let teacher = try BaseModel(DistillationSample.bert, embeds: false)
    let size = teacher.configuration.headSize
    let student = try student(DistillationSample.bert, .distilBERT, width: size)
    let positions = try teacher.values("embeddings.position_embeddings.weight")
    let types = try teacher.values("embeddings.token_type_embeddings.weight")
    let found = try student.values("embeddings.position_embeddings.weight")
    let columns = LayerSelection.spread(size, over: teacher.configuration.hiddenSize)
    for (place, column) in columns.enumerated() {
      let row = 3
      let expected = positions[row * teacher.configuration.hiddenSize + column] + types[column]
      #expect(found[row * size + place] == expected)
    }
  }

  @Test(arguments: [
    ("bert", DistillationSample.bert, nil as Architecture?),
    ("bert-bert", DistillationSample.bert, Architecture.bert),
    ("distilbert", DistillationSample.distilBERT, nil),
    ("multi-label", DistillationSample.multiLabel, nil),
  ])
  func `It is trained, written and loaded`(
    name: String, teacher: String, architecture: Architecture?
  ) throws {
    let folder = try OutputFolder.trained()
    let source = try BaseModel(teacher, embeds: false).configuration
    let width = source.headSize * max(1, source.headCount / 2)
    var request = request(teacher, width, output: folder.file("student-\(name)"))
    request.distillation.architecture = architecture
    let session = try DistillationSession(request)
    try session.prepare()
    #expect(session.facts.lines.contains { $0.contains(", \(width) wide") })
    let outcome = try session.run()
    #expect(outcome.summary.reason == .completed)
    let classifier = try Classifier(directory: folder.file("student-\(name)"))
    #expect(classifier.labels == source.labels)
    let texts = DistillationSample.texts(9)
    try folder.write(classifier, texts: texts, to: "student-\(name)")
    let written = try ModelConfiguration(path: folder.file("student-\(name)/config.json"))
    #expect((written.hiddenSize, written.layerCount) == (width, 1))
    let report = try folder.object("student-\(name)/training.json")["distillation"]
    #expect((report as? [String: Any])?["width"] as? Int == width)
    let comparison = try #require(try session.compare(outcome))
    #expect(comparison.student.parameters < comparison.teacher.parameters)
  }

  @Test func `It continues to the same bytes after an interruption`() throws {
    let folder = try OutputFolder()
    func run(_ name: String, resumes: Bool = false, stopAfter step: Int? = nil) throws {
      var request = request(DistillationSample.distilBERT, 10, output: folder.file(name))
      request.training.resumes = resumes
      let cancellation = Cancellation()
      let session = try DistillationSession(request)
      try session.prepare()
      _ = try session.run(unless: cancellation) { event in
        if case .step(let report) = event, report.step == step { cancellation.cancel() }
      }
    }
    try run("whole")
    try run("stopped", stopAfter: 3)
    try run("stopped", resumes: true)
    #expect(
      try folder.data("whole/model.safetensors") == folder.data("stopped/model.safetensors"))
  }

  @Test(arguments: [0, 7, 25, 30, -5])
  func `A width that heads of the teacher can't have is refused`(width: Int) throws {
    let text = try DistillationSample.failure(request(DistillationSample.distilBERT, width))
    #expect(text.hasPrefix("--width is \(width), but must be a multiple of 5"))
    #expect(text.hasSuffix("from 5 to 20"))
  }

  @Test func `A width has no use with a given student, and hidden rows can't be compared`() throws {
    var given = request(DistillationSample.distilBERT, 10)
    given.distillation.student = .model(DistillationSample.bert)
    #expect(try DistillationSample.failure(given).hasPrefix("--width is not used with --model"))
    var hidden = request(DistillationSample.distilBERT, 10)
    hidden.distillation.hiddenWeight = 1
    #expect(try DistillationSample.failure(hidden).hasPrefix("--hidden-weight compares rows"))
  }
}

@Suite struct CalibratedDistillationTests {
  @Test func `The student's logits are divided by a temperature of its labelled rows`() throws {
    let folder = try OutputFolder()
    var request = DistillationSample.request(
      DistillationSample.bert, .layers(1), DistillationSample.labelled(),
      output: folder.file("small"))
    request.training.calibrates = true
    let session = try DistillationSession(request)
    try session.prepare()
    _ = try session.run()
    let report = try folder.object("small/training.json")
    #expect(report["temperature"] as? Double != nil)
    #expect(report["calibration_error"] as? Double != nil)
  }

  @Test func `It is refused without a true label to fit on`() throws {
    var request = DistillationSample.request(DistillationSample.bert)
    request.training.calibrates = true
    #expect(try DistillationSample.failure(request).contains("with true labels"))
    request.training.validation = .none
    #expect(try DistillationSample.failure(request).contains("remove --validation none"))
  }
}
