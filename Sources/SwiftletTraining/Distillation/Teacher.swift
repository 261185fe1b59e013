import Swiftlet
import SwiftletCheckpoint
import SwiftletRuntime
import SwiftletSafetensors

/// A trained model whose answers a student learns, or that is evaluated.
struct Teacher {
  /// What the model is for, in the words of its errors.
  enum Use {
    case teaching, evaluation

    var verb: String { self == .teaching ? "teach" : "be evaluated" }
    var noun: String { self == .teaching ? "teacher" : "model" }
    var advice: String { "name its folder" + (self == .teaching ? " with --teacher" : "") }
  }

  let path: String
  let files: BaseModelFiles
  let checkpoint: CheckpointReader
  let task: TrainingTask

  /// Reads settings, tokenizer and the header of the weights, which may be int8.
  ///
  /// - Parameters:
  ///   - path: The folder.
  ///   - wanted: The task that the caller names; nil for the model's.
  ///   - use: What the model is for.
  /// - Throws: ``TrainingError`` for a folder that is not a classifier, a regression or a tagger.
  init(
    _ path: String, task wanted: TrainingTask?, for use: Use = .teaching
  ) throws(TrainingError) {
    self.path = path
    let model = try BaseModel(path, embeds: false, allowsInt8: true)
    (files, checkpoint) = (model.files, model.checkpoint)
    let purpose = ModelPurpose(
      files.folder, files.configuration, checkpoint.heads(of: files.configuration.architecture))
    guard let found = Self.task(purpose.tasks, files.configuration) else {
      throw .unreadable(
        reason:
          "\(path) can't \(use.verb): expected a classifier of texts or of tokens, found a model for "
          + (purpose.tasks.first?.rawValue ?? "no known task")
          + "; train one with swiftlet train, and \(use.advice)")
    }
    task = try Self.agreed(found, wanted, files.configuration, use)
    if task == .regression, files.configuration.labels.count != 1 {
      throw .unreadable(
        reason: "\(path) predicts \(files.configuration.labels.count) numbers; expected one")
    }
  }

  private static func task(
    _ tasks: [ModelTask], _ configuration: ModelConfiguration
  ) -> TrainingTask? {
    switch tasks.first(where: { $0 == .textClassification || $0 == .tokenClassification }) {
    case .tokenClassification: return .tokens
    case .textClassification: return TrainingTask(ofClassifier: configuration)
    default: return nil
    }
  }

  private static func agreed(
    _ found: TrainingTask, _ wanted: TrainingTask?, _ configuration: ModelConfiguration, _ use: Use
  ) throws(TrainingError) -> TrainingTask {
    guard let wanted, !found.serves(wanted, configuration) else { return wanted ?? found }
    throw .invalidOption(
      name: "--task",
      reason: "is \(wanted.rawValue), but the \(use.noun) is for \(found.rawValue); remove --task")
  }

  var labels: [String] { task.hasLabels ? files.configuration.labels : [] }

  /// The bytes of its weights in memory.
  var byteCount: Int { checkpoint.checkpoint.tensors.reduce(0) { $0 + $1.byteCount } }

  /// Loads the teacher to compute logits. Weights that are stored as int8 ignore `precision`.
  func logits(
    on pool: WorkerPool, _ precision: SwiftletRuntime.Precision = .float32
  ) throws(TrainingError) -> AnswerEngine {
    try AnswerEngine(files.configuration, checkpoint, .logits(task), precision, on: pool)
  }

  /// Loads the teacher to compute the hidden rows that its head reads.
  func hiddenRows(
    on pool: WorkerPool, _ precision: SwiftletRuntime.Precision = .float32
  ) throws(TrainingError) -> AnswerEngine {
    try AnswerEngine(files.configuration, checkpoint, .hiddenRows(task), precision, on: pool)
  }
}

extension TrainingTask {
  /// The task of a classifier of texts.
  init(ofClassifier configuration: ModelConfiguration) {
    self =
      switch configuration.problemType {
      case .regression: .regression
      case .multiLabel: .multiLabel
      case .singleLabel: .classification
      case nil: configuration.labels.count == 1 ? .regression : .classification
      }
  }

  /// Whether a model of this task answers for another: a classifier without `problem_type` may have several
  /// labels, if the caller says so.
  func serves(_ other: TrainingTask, _ configuration: ModelConfiguration) -> Bool {
    self == other
      || self == .classification && other == .multiLabel && configuration.problemType == nil
  }
}
