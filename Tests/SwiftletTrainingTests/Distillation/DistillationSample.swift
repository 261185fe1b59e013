import Foundation
import SwiftletCheckpoint
import SwiftletEncoder
import SwiftletRuntime
import SwiftletSafetensors
import SwiftletTokenizer
import Testing

@testable import SwiftletTraining

/// Tiny teachers, and texts in their vocabulary.
enum DistillationSample {
  static let bert = TrainingFixtures.path("checkpoints/bert")
  static let distilBERT = TrainingFixtures.path("checkpoints/plain")
  static let multiLabel = TrainingFixtures.path("checkpoints/multi-label")
  static let regression = TrainingFixtures.path("checkpoints/regression")
  static let tagger = TrainingFixtures.path("heads/bert-tokens")

  private static let words = [
    "great", "film", "movie", "boring", "the", "plot", "acting", "love", "hate", "cat", "worst",
    "best", "no", "fun",
  ]

  /// Different texts of 3 to 8 words.
  static func texts(_ count: Int) -> [String] {
    (0..<count).map { number in
      (0..<3 + number % 6).map { words[(number * 7 + $0 * (3 + number / 14)) % words.count] }
        .joined(separator: " ")
    }
  }

  static func unlabelled(_ count: Int = 40) -> TrainingData {
    .examples(texts(count).map { .text($0) })
  }

  /// Texts of which every third has no label.
  static func labelled(_ count: Int = 40) -> TrainingData {
    .examples(
      texts(count).enumerated().map { index, text in
        index % 3 == 2
          ? .text(text) : .labeled(text, label: index % 2 == 0 ? "NEGATIVE" : "POSITIVE")
      })
  }

  static func request(
    _ teacher: String, _ student: DistillationOptions.Student = .layers(1),
    _ data: TrainingData = unlabelled(), output: String? = nil
  ) -> DistillationRequest {
    var options = TrainingOptions()
    options.epochs = 2
    options.batchSize = 4
    options.learningRate = 1e-3
    options.threads = 2
    return DistillationRequest(
      teacher: teacher, DistillationOptions(student),
      training: TrainingRequest(
        model: teacher, training: data, validation: .share(0.25, seed: 1), options: options,
        output: output))
  }

  /// The description of the error of a session.
  static func failure(
    _ request: DistillationRequest, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> String {
    let error = #expect(throws: TrainingError.self, sourceLocation: sourceLocation) {
      try DistillationSession(request)
    }
    return try #require(error).description
  }

  /// The student that a session would train.
  static func student(
    of teacher: String, _ layers: [Int], _ architecture: Architecture, _ task: TrainingTask
  ) throws -> BaseModel {
    try Student(
      of: try BaseModel(teacher, embeds: false), layers: layers, architecture, task: task
    ).base()
  }

  /// Texts as sequences of token ids.
  static func batch(_ model: BaseModel) -> PackedBatch {
    var batch = PackedBatch()
    for text in texts(12) { batch.append(model.tokenizer.encode(text).ids) }
    return batch
  }
}

extension BaseModel {
  /// The values of a parameter by its name.
  func values(_ name: String) throws -> [Float] {
    let parameters = configuration.parameters(head: .sequenceClassification)
    let parameter = try #require(parameters.first { $0.name == name })
    var values = [Float](repeating: 0, count: parameter.shape.reduce(1, *))
    try checkpoint.tensor(parameter).readFloats(0..<values.count, into: &values)
    return values
  }
}
