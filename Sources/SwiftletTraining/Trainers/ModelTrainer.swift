public import Swiftlet
import SwiftletEncoder
import SwiftletSystem

/// Trains a model of one kind from a base model and data.
///
///     let trainer = ClassifierTrainer(model: "distilbert-base-uncased")
///     let result = try await trainer.train(on: .csv("reviews.csv"), output: "my-model")
///     print(try await result.model.classify("A film of rare warmth.").label)
public struct ModelTrainer<Model: TrainableTask>: Sendable {
  /// The folder of the base model, as transformers or sentence-transformers saves it.
  public let model: String
  /// How the model is trained.
  public let options: TrainingOptions

  /// A trainer for the base model in the folder `model`.
  public init(model: String, options: TrainingOptions = TrainingOptions()) {
    self.model = model
    self.options = options
  }

  /// Trains a model on the engine's threads.
  ///
  /// The result does not depend on the number of threads: the same data, options and instruction set give
  /// the same bytes. If the task is cancelled, the training saves a checkpoint in the output.
  ///
  /// - Parameters:
  ///   - data: The examples.
  ///   - validation: Examples to evaluate on; nil takes a tenth of `data`.
  ///   - output: The folder to write, which must be missing or empty unless `resuming`; nil keeps the model in a
  ///     temporary folder as long as the result exists.
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
    request.task = Model.trainingTasks.count == 1 ? Model.trainingTasks[0] : nil
    let outcome = try await onThread { [request] (cancellation) throws(TrainingError) in
      try Self.outcome(of: request, cancellation, report)
    }
    return try TrainingResult(outcome, folder)
  }

  private static func outcome(
    of request: TrainingRequest, _ cancellation: Cancellation,
    _ report: @escaping @Sendable (TrainingEvent) -> Void
  ) throws(TrainingError) -> TrainingOutcome {
    let session = try TrainingSession(request)
    guard Model.trainingTasks.contains(session.data.task) else {
      let names = Model.trainingTasks.map(\.rawValue).joined(separator: " or ")
      throw .invalidOption(
        name: "the trainer",
        reason: "is for \(names), but the data are for \(session.data.task.rawValue)")
    }
    return try session.run(unless: cancellation, report: report)
  }
}

/// Runs work on a thread of its own, so that it does not block Swift's cooperative pool. Cancelling the task
/// cancels the work.
func onThread<Value: Sendable>(
  _ work: @escaping @Sendable (Cancellation) throws(TrainingError) -> Value
) async throws(TrainingError) -> Value {
  let cancellation = Cancellation()
  let result = await withTaskCancellationHandler {
    await withCheckedContinuation { continuation in
      let run = { @Sendable in
        continuation.resume(
          returning: Result { () throws(TrainingError) in try work(cancellation) })
      }
      if startThread(run) != 0 { run() }
    }
  } onCancel: {
    cancellation.cancel()
  }
  return try result.get()
}

/// A trained model, and what the training reached.
public struct TrainingResult<Model: TrainableTask>: Sendable {
  /// The model of the best evaluation, read back from its folder.
  public let model: Model
  /// How the training ended.
  public let summary: TrainingSummary
  /// The metrics of the model on the validation data; nil without validation data.
  public let validationMetrics: (any EvaluationMetrics)?
  /// All evaluations.
  public let history: [EvaluationRecord]
  private let folder: TrainedFolder

  /// Creates a result from its parts, for tests of code that uses it.
  ///
  /// - Parameters:
  ///   - model: A model.
  ///   - directory: The model's folder, which ``write(to:)`` copies.
  ///   - summary: How the training ended.
  ///   - validationMetrics: The metrics on the validation data.
  ///   - history: All evaluations.
  public init(
    model: Model, directory: String, summary: TrainingSummary,
    validationMetrics: (any EvaluationMetrics)? = nil, history: [EvaluationRecord] = []
  ) {
    self.model = model
    self.summary = summary
    self.validationMetrics = validationMetrics
    self.history = history
    folder = TrainedFolder(existing: directory)
  }

  init(_ outcome: TrainingOutcome, _ folder: TrainedFolder) throws(TrainingError) {
    guard outcome.folder != nil else {
      throw .cancelled(step: outcome.summary.step, total: outcome.summary.totalSteps)
    }
    do throws(SwiftletError) {
      model = try Model.load(trained: folder.path)
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

extension TrainingResult where Model == Classifier {
  /// The trained classifier.
  public var classifier: Classifier { model }
}
