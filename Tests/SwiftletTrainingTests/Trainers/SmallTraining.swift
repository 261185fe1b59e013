import Foundation
import Swiftlet
import SwiftletEncoder
import SwiftletSafetensors

@testable import SwiftletTraining

/// A training of a tiny model on generated reviews.
struct SmallTraining {
  static let words = ["film", "movie", "plot", "acting", "cat", "this", "never", "fun", "boring"]

  /// Short reviews; the label depends on the first word.
  static func examples(_ count: Int, labels: [String] = ["bad", "good"]) -> [TrainingExample] {
    texts(count, labels).map { .labeled($0, label: $1) }
  }

  static func texts(
    _ count: Int, _ labels: [String] = ["bad", "good"]
  ) -> [(text: String, label: String)] {
    (0..<count).map { index in
      let label = labels[index % labels.count]
      let rest = (0..<2 + index % 3).map { words[(7 * index + 5 * $0) % words.count] }
      return (([label] + rest).joined(separator: " ") + " \(index / labels.count % 10)", label)
    }
  }

  var base: String
  var method: TrainingOptions.Method
  var training = examples(24)
  var validation = examples(8).map { example in
    if case .labeled(let text, _, let label) = example {
      TrainingExample.labeled("the " + text, label: label)
    } else {
      example
    }
  }
  var steps: Int? = 6
  var threads = 2
  var change: (inout TrainingRequest) -> Void = { _ in }

  init(_ base: String, _ method: TrainingOptions.Method) {
    self.base = TrainingFixtures.path(base)
    self.method = method
  }

  func request(_ output: String?) -> TrainingRequest {
    var options = TrainingOptions(method: method)
    options.maxSteps = steps
    options.batchSize = 4
    options.threads = threads
    if method != .probe { options.learningRate = 1e-2 }
    var request = TrainingRequest(
      model: base, training: .examples(training), validation: .data(.examples(validation)),
      options: options, output: output)
    change(&request)
    return request
  }

  @discardableResult
  func run(_ output: String?) throws -> TrainingOutcome {
    try TrainingSession(request(output)).run(unless: .never) { _ in }
  }

  /// Cancels after a step, and continues in another session.
  func runInterrupted(_ output: String, after step: Int) throws -> [TrainingSummary.Reason] {
    let cancellation = Cancellation()
    let first = try TrainingSession(request(output)).run(unless: cancellation) { event in
      if case .step(let report) = event, report.step == step { cancellation.cancel() }
    }
    var resumed = request(output)
    resumed.resumes = true
    let second = try TrainingSession(resumed).run(unless: .never) { _ in }
    return [first.summary.reason, second.summary.reason]
  }

  func context() throws -> TrainingContext {
    let request = request(nil)
    let base = try BaseModel(request.model, embeds: false)
    let data = try PreparedData(
      training: request.training, validation: request.validation,
      encoding: DataEncoding(
        tokenizer: base.tokenizer, configuration: base.configuration, maxLength: 32),
      task: request.task, baseLabels: [])
    return try TrainingContext(request, base, data)
  }
}

extension OutputFolder {
  /// A folder that is kept for `Fixtures/training/written/check_methods.py` where a variable names it.
  static func trained() throws -> OutputFolder {
    try OutputFolder(keptIn: ProcessInfo.processInfo.environment["SWIFTLET_TRAINED_MODELS"])
  }

  /// Writes the logits of texts into the model's folder, for the same script.
  func write(_ classifier: Classifier, texts: [String], to name: String) throws {
    let rows = try texts.map {
      ["text": $0, "logits": try classifier.classify($0).logits] as [String: Any]
    }
    try JSONSerialization.data(withJSONObject: rows).write(
      to: URL(filePath: file(name + "/logits.json")))
  }
}

/// The tensors of a checkpoint by their names without the prefix of the body.
struct CheckpointTensors {
  let values: [String: [Float]]

  init(_ folder: String) throws {
    let file = try SafetensorsFile(path: folder + "/model.safetensors")
    values = Dictionary(
      uniqueKeysWithValues: try file.tensors.map { tensor in
        let name = ["bert.", "distilbert."].first { tensor.name.hasPrefix($0) }
          .map { String(tensor.name.dropFirst($0.count)) }
        return (name ?? tensor.name, try file.floats(tensor.name))
      })
  }
}
