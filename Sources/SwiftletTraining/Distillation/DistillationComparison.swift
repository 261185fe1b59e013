import Swiftlet
import SwiftletCheckpoint
package import SwiftletEncoder
import SwiftletSafetensors

/// Teacher and student beside each other, as the table of DistilBERT's paper has them.
package struct DistillationComparison: Sendable, Equatable {
  /// One of the two models.
  package struct Entry: Sendable, Equatable {
    package let layers: Int
    package let parameters: Int
    /// The bytes of the stored weights, and the type of their numbers.
    package let bytes: Int
    package let dataType: String
    /// Texts of the sample per second on all threads.
    package internal(set) var textsPerSecond = 0.0
    /// The value of ``DistillationComparison/metric``; nil without validation data.
    package let value: Double?
  }

  package let teacher: Entry
  package let student: Entry
  /// The metric that selected the student's weights; nil without validation data.
  package let metric: Metric?
  /// Whether the metric compares the student with its teacher.
  package let measuresAgreement: Bool
  /// The share of the teacher's metric that the student keeps; nil where it means nothing.
  package let shareKept: Double?
  /// The texts that were timed.
  package let sampleCount: Int
}

extension DistillationSession {
  /// The texts and the tokens of a timed run, and its rounds.
  private static let (sampleTexts, sampleTokens, rounds) = (512, 8192, 5)
  /// The seconds after which no further round begins.
  private static let secondsLimit = 4.0

  /// Compares the written student with its teacher: both compute the same texts, alternating.
  ///
  /// - Returns: Nil if the training wrote no model.
  /// - Throws: ``TrainingError``; ``TrainingError/cancelled(step:total:)`` if cancelled.
  package func compare(
    _ outcome: TrainingOutcome, unless cancellation: Cancellation = .never
  ) throws(TrainingError) -> DistillationComparison? {
    guard let folder = outcome.folder else { return nil }
    do {
      return try compare(folder, outcome, cancellation)
    } catch {
      throw TrainingError(error)
    }
  }

  private func compare(
    _ folder: String, _ outcome: TrainingOutcome, _ cancellation: Cancellation
  ) throws -> DistillationComparison {
    let written = try BaseModel(folder, embeds: false)
    let metric = outcome.evaluation.flatMap { _ in
      request.training.options.metric ?? data.task.usualMetric
    }
    let student = try AnswerEngine(
      written.configuration, written.checkpoint, .logits(data.task), on: pool)
    let (batch, count) = sample()
    let speeds = try speeds([try teacher.logits(on: pool), student], batch, count, cancellation)
    func entry(
      _ configuration: ModelConfiguration, _ checkpoint: CheckpointReader,
      _ evaluation: FinalEvaluation?, _ speed: Double
    ) -> DistillationComparison.Entry {
      var entry = DistillationComparison.Entry(
        configuration, checkpoint, data.task,
        value: metric.flatMap { evaluation?.metrics.value(of: $0) })
      entry.textsPerSecond = speed
      return entry
    }
    return DistillationComparison(
      teacher: entry(
        teacher.files.configuration, teacher.checkpoint, facts.teacherMetrics, speeds[0]),
      student: entry(written.configuration, written.checkpoint, outcome.evaluation, speeds[1]),
      metric: metric, measuresAgreement: facts.measuresAgreement,
      shareKept: metric.flatMap { facts.share(of: $0, kept: outcome.evaluation) },
      sampleCount: count)
  }

  /// The first texts of the validation data, or else of the training data.
  private func sample() -> (PackedBatch, count: Int) {
    let source = data.validation ?? data.training
    var batch = PackedBatch()
    var count = 0
    while count < min(source.count, Self.sampleTexts), batch.tokenCount < Self.sampleTokens {
      source.append(count, to: &batch)
      count += 1
    }
    return (batch, count)
  }

  /// The texts per second of each engine: the median of alternating rounds after one that is not timed.
  private func speeds(
    _ engines: [AnswerEngine], _ batch: PackedBatch, _ count: Int, _ cancellation: Cancellation
  ) throws -> [Double] {
    let clock = TrainingEnvironment.monotonicClock()
    var times = engines.map { _ in [Double]() }
    for engine in engines { _ = try engine.rows(of: batch, unless: cancellation) }
    let start = clock()
    for round in 0..<Self.rounds where round == 0 || clock() - start < Self.secondsLimit {
      for (index, engine) in engines.enumerated() {
        let begin = clock()
        _ = try engine.rows(of: batch, unless: cancellation)
        times[index].append(clock() - begin)
      }
    }
    return times.map { times in
      Double(count) / max(times.sorted()[times.count / 2], 1e-9)
    }
  }
}

extension DistillationComparison.Entry {
  fileprivate init(
    _ configuration: ModelConfiguration, _ checkpoint: CheckpointReader, _ task: TrainingTask,
    value: Double?
  ) {
    let parameters = configuration.parameters(head: task.head)
    let tensors = checkpoint.checkpoint.tensors
    layers = configuration.layerCount
    self.parameters = parameters.reduce(0) { $0 + $1.shape.reduce(1, *) }
    bytes = tensors.reduce(0) { $0 + $1.byteCount }
    dataType =
      checkpoint.isQuantized
      ? "int8" : tensors.max { $0.byteCount < $1.byteCount }?.dataType.rawValue ?? ""
    self.value = value
  }
}

extension TrainingTask {
  /// The metric that selects the best weights unless the options name one.
  fileprivate var usualMetric: Metric? {
    switch self {
    case .classification: TrainingTask.classification.metrics.first
    case .multiLabel: TrainingTask.multiLabel.metrics.first
    case .regression: TrainingTask.regression.metrics.first
    case .tokens: TrainingTask.tokens.metrics.first
    case .questions, .choices, .masks, .embeddings: nil
    }
  }
}
