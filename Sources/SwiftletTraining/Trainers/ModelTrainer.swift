import Glibc
public import Swiftlet
import SwiftletEncoder
import SwiftletSystem
import Synchronization

/// Trains a model of one kind from a base model and data.
///
///     let trainer = ClassifierTrainer(model: "distilbert-base-uncased")
///     let result = try await trainer.train(on: .csv("reviews.csv"), output: "my-model")
///     print(try result.model.classify("A film of rare warmth.").label)
public protocol ModelTrainer: Sendable {
  /// The trained model, ready to use.
  associatedtype Model: Sendable

  /// The folder of the base model, as transformers or sentence-transformers saves it.
  var model: String { get }
  var options: TrainingOptions { get }

  /// The tasks of the trainer; with several, the data decide.
  static var tasks: [TrainingTask] { get }

  /// Loads a trained model.
  static func load(_ directory: String) throws(SwiftletError) -> Model
}

extension ModelTrainer {
  /// Trains a model on the engine's threads.
  ///
  /// The result does not depend on the number of threads: the same data, options and instruction set give
  /// the same bytes. If the task is cancelled, the training saves a checkpoint in the output.
  ///
  /// - Parameters:
  ///   - data: The examples.
  ///   - validation: Examples to evaluate on; nil takes a tenth of `data`.
  ///   - output: The folder to write, which must be missing or empty; nil keeps the model in a temporary
  ///     folder as long as the result exists.
  ///   - resuming: Whether to continue from the checkpoint in the output.
  ///   - report: Receives what happens, on another thread.
  /// - Returns: The trained model and its evaluations.
  /// - Throws: ``TrainingError``.
  public func train(
    on data: TrainingData, validation: TrainingData? = nil, output: String? = nil,
    resuming: Bool = false, report: @escaping @Sendable (TrainingEvent) -> Void = { _ in }
  ) async throws(TrainingError) -> TrainingResult<Model> {
    let folder = try TrainedFolder(output)
    var request = TrainingRequest(
      model: model, training: data,
      validation: validation.map { .data($0) } ?? .share(0.1, seed: options.seed),
      options: options, output: folder.path)
    request.resumes = resuming
    request.task = Self.tasks.count == 1 ? Self.tasks[0] : nil
    let cancellation = Cancellation()
    let outcome = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let run = { @Sendable [request] in
          continuation.resume(
            returning: Self.outcome(of: request, cancellation, report))
        }
        if startThread(run) != 0 { run() }
      }
    } onCancel: {
      cancellation.cancel()
    }
    return try TrainingResult(try outcome.get(), folder) { (path) throws(SwiftletError) in
      try Self.load(path)
    }
  }

  private static func outcome(
    of request: TrainingRequest, _ cancellation: Cancellation,
    _ report: @escaping @Sendable (TrainingEvent) -> Void
  ) -> Result<TrainingOutcome, TrainingError> {
    Result { () throws(TrainingError) in
      let session = try TrainingSession(request)
      guard tasks.contains(session.data.task) else {
        let names = tasks.map(\.rawValue).joined(separator: " or ")
        throw .invalidOption(
          name: "task",
          reason: "the data are for \(session.data.task.rawValue), this trainer is for \(names)")
      }
      return try session.run(unless: cancellation, report: report)
    }
  }
}

/// A trained model, and what the training reached.
public struct TrainingResult<Model: Sendable>: Sendable {
  /// The model of the best evaluation, read back from its folder.
  public let model: Model
  /// How the training ended.
  public let summary: TrainingSummary
  /// The metrics of the model on the validation data; nil without validation data.
  public let validationMetrics: (any EvaluationMetrics)?
  /// All evaluations.
  public let history: [EvaluationRecord]
  private let folder: TrainedFolder

  init(
    _ outcome: TrainingOutcome, _ folder: TrainedFolder,
    load: (String) throws(SwiftletError) -> Model
  ) throws(TrainingError) {
    guard outcome.folder != nil else {
      throw .cancelled(step: outcome.summary.step, total: outcome.summary.totalSteps)
    }
    do throws(SwiftletError) {
      model = try load(folder.path)
    } catch {
      throw .unreadable(reason: error.description)
    }
    summary = outcome.summary
    validationMetrics = outcome.evaluation?.metrics
    history = outcome.history
    self.folder = folder
  }

  /// Copies the model's folder, which transformers loads too.
  ///
  /// - Parameter directory: A folder that is missing or empty.
  /// - Throws: ``TrainingError/unwritable(reason:)``; nothing is half written.
  public func write(to directory: String) throws(TrainingError) {
    try folder.copy(to: directory)
  }
}

/// The folder of a trained model; a temporary one is deleted with the object.
final class TrainedFolder: Sendable {
  let path: String
  private let temporary: String?

  /// Makes a temporary folder unless there is a path.
  init(_ path: String?) throws(TrainingError) {
    if let path {
      (self.path, temporary) = (path, nil)
      return
    }
    let root = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array("\(root)/swiftlet-training-XXXXXX".utf8CString)
    guard let made = mkdtemp(&template).map({ String(cString: $0) }) else {
      throw TrainingError(writing: FileError("create", path: root))
    }
    (self.path, temporary) = (made + "/model", made)
  }

  deinit { if let temporary { Self.remove(temporary) } }

  private static func remove(_ folder: String) {
    for name in OutputFiles.names(in: folder) ?? [] {
      let path = OutputFiles.path(name, in: folder)
      if unlink(path) != 0 { remove(path) }
    }
    rmdir(folder)
  }

  func copy(to directory: String) throws(TrainingError) {
    let staged = try OutputFiles.writing { () throws(FileError) in
      try StagedFolder(destination: directory)
    }
    try copy(path, "", to: staged)
    try OutputFiles.writing { () throws(FileError) in try staged.commit(replacing: false) }
  }

  private func copy(
    _ folder: String, _ prefix: String, to staged: StagedFolder
  ) throws(TrainingError) {
    for name in OutputFiles.names(in: folder) ?? [] {
      let source = OutputFiles.path(name, in: folder)
      if OutputFiles.names(in: source) != nil {
        try copy(source, prefix + name + "/", to: staged)
      } else if let file = try OutputFiles.contents(of: source) {
        try OutputFiles.writing { () throws(FileError) in
          try withExtendedLifetime(file) { () throws(FileError) in
            try staged.write(file.bytes, to: prefix + name)
          }
        }
      }
    }
  }
}
