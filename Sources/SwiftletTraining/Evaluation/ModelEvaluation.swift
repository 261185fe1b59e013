import Swiftlet
package import SwiftletEncoder
import SwiftletRuntime
import SwiftletSystem

/// The metrics of a trained model on labelled rows: of a classifier, a regression or a tagger.
package struct ModelEvaluation: Sendable {
  package let task: TrainingTask
  /// The labels in the order of the model's outputs; empty for a regression.
  package let labels: [String]
  package let evaluation: FinalEvaluation
  /// What was found in the data.
  package let summary: DataSummary

  /// Computes the model's answers to all rows, and compares them.
  ///
  /// - Parameters:
  ///   - model: The model's folder, whose weights may be int8.
  ///   - data: The rows, whose labels the model must have.
  ///   - task: The task; nil for the model's.
  ///   - maxLength: The most tokens of a text, longer ones are cut; nil for the model's maximum.
  ///   - threads: The number of threads; nil for the processors of this process.
  ///   - cancellation: Ends the work between two batches.
  ///   - check: Receives what was found in the data before anything is computed.
  /// - Throws: ``TrainingError``; ``TrainingError/cancelled(step:total:)`` if cancelled.
  package init(
    of model: String, on data: TrainingData, task: TrainingTask? = nil, maxLength: Int? = nil,
    threads: Int? = nil, unless cancellation: Cancellation = .never,
    check: (DataSummary) throws(TrainingError) -> Void = { _ in }
  ) throws(TrainingError) {
    let model = try Teacher(model, task: task, for: .evaluation)
    let encoding = try DataEncoding(
      tokenizer: model.files.tokenizer, configuration: model.files.configuration,
      maxLength: maxLength ?? model.files.maxLength)
    let (examples, summary) = try PreparedData.evaluation(
      of: data, encoding: encoding, task: model.task, labels: model.labels)
    try check(summary)
    let engine = try model.logits(on: try Self.pool(threads))
    (self.task, labels, self.summary) = (model.task, model.labels, summary)
    evaluation = try Self.compare(examples, by: engine, unless: cancellation)
  }

  /// Computes the answers of a loaded model to all rows, and compares them.
  static func compare(
    _ examples: EncodedDataset, by engine: AnswerEngine, unless cancellation: Cancellation
  ) throws(TrainingError) -> FinalEvaluation {
    do {
      var answered = examples
      answered.attach(
        softLabels: try engine.rows(of: examples, unless: cancellation) { _ in },
        width: engine.width)
      return evaluation(of: answered)
    } catch {
      throw TrainingError(error)
    }
  }

  private static func pool(_ threads: Int?) throws(TrainingError) -> WorkerPool {
    if let threads {
      guard (1...4096).contains(threads) else {
        throw .invalidOption(
          name: "--threads", reason: "is \(threads), but must be between 1 and 4096")
      }
      return WorkerPool(threadCount: threads)
    }
    do throws(KernelsError) {
      return WorkerPool(threadCount: try ProcessorCount.available())
    } catch {
      throw .invalidOption(name: "--threads", reason: "is not given, and \(error.description)")
    }
  }

  private static func evaluation(of data: EncodedDataset) -> FinalEvaluation {
    func metrics<Objective: DatasetObjective>(
      _ objective: Objective
    ) -> Objective.Accumulator.Metrics {
      guard let answers = data.softLabels else { stop("the model has answered") }
      return objective.metrics(of: answers)
    }
    return switch data.task {
    case .multiLabel: .multiLabel(metrics(MultiLabelObjective(data, loss: BinaryCrossEntropy())))
    case .regression: .regression(metrics(RegressionObjective(data)))
    case .tokens: .tokens(metrics(TokenObjective(data, loss: CrossEntropy())))
    default: .classification(metrics(ClassificationObjective(data, loss: CrossEntropy())))
    }
  }
}
