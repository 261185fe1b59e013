import SwiftletCheckpoint
import SwiftletEncoder

/// The last part of a probe and of SetFit: a linear model over features, and the classifier that contains it.
final class ProbeStage<Objective: DatasetObjective> {
  let context: TrainingContext
  let objective: Objective
  let validation: Objective?
  private let clock = TrainingEnvironment.monotonicClock()

  init(_ context: TrainingContext, objective: Objective, validation: Objective?) {
    (self.context, self.objective, self.validation) = (context, objective, validation)
  }

  /// The training examples with a target.
  var labelled: [Int] {
    (0..<objective.exampleCount).filter { objective.data.labelledItems(of: $0) > 0 }
  }

  /// Evaluates, writes and reads back the classifier with the parameters of ``fit(_:passTokens:unless:)``.
  ///
  /// - Parameters:
  ///   - parameters: Those of the head, by name.
  ///   - tuned: The tensors of the body that differ from the base.
  ///   - release: Is called when `tuned` have been copied.
  ///   - passTokens: The most tokens of a pass.
  ///   - before: What happened before, whose seconds and steps count.
  ///   - cancellation: Ends the work.
  ///   - report: Receives the evaluation and the end.
  /// - Returns: What the training reached.
  /// - Throws: ``TrainingError``, or ``Interruption`` if cancelled.
  func run(
    _ parameters: [String: [Float]], tuned: [TrainedTensor] = [],
    releasing release: () -> Void = {},
    passTokens: Int, after before: (summary: TrainingSummary, state: LoopState),
    unless cancellation: Cancellation, report: (TrainingEvent) -> Void
  ) throws -> TrainingOutcome {
    let training = try TaskTraining<SequenceClassificationHead, Objective>(
      context, objective: objective, validation: validation,
      network: (network(parameters, tuned: tuned), passTokens),
      load: TrainingSession.loadSequenceHead)
    release()
    var (summary, state) = before
    let result = try training.evaluate(training.network, unless: cancellation)
    if let record = try record(of: result, before) {
      report(.evaluated(record))
      state.evaluations.append(record)
      summary.best = record
    }
    summary.seconds += clock()
    state.seconds = summary.seconds
    let outcome = try training.finish(summary, state, knowing: result, unless: cancellation)
    report(.finished(summary))
    return outcome
  }

  private func record(
    of result: EvaluationResult<Objective.Accumulator.Metrics>?,
    _ before: (summary: TrainingSummary, state: LoopState)
  ) throws -> EvaluationRecord? {
    let metric = try context.request.options.selectedMetric(of: objective)
    return result.map { result in
      EvaluationRecord(
        epoch: Double(before.summary.step) / Double(max(1, before.state.stepsPerEpoch)),
        step: before.summary.step, trainingLoss: before.state.lossesSinceEvaluation.mean,
        validationLoss: result.loss,
        metrics: objective.metrics.map { MetricValue($0, result.value(of: $0)) },
        value: result.value(of: metric), isBest: true, seconds: before.summary.seconds + clock())
    }
  }

  /// Fits the parameters of the head, by name, to the features that `encoder` computes; without the pooler
  /// if it is that of the base.
  func fit(
    _ encoder: FeatureEncoder, passTokens: Int, unless cancellation: Cancellation
  ) throws -> [String: [Float]] {
    let options = context.request.options
    let size = options.evaluationBatchSize
    let examples = labelled
    let features = try FeatureMatrix(rowCount: examples.count, columnCount: encoder.width)
    var largest = [Float](repeating: 0, count: encoder.width)
    func measure(_ row: UnsafeBufferPointer<Float>) {
      for (index, value) in row.enumerated() {
        largest[index] = max(largest[index], value.magnitude)
      }
    }
    try encoder.forEachRow(
      of: examples, objective, batchSize: size, passTokens: passTokens, unless: cancellation
    ) { place, row in
      _ = features[place].update(fromContentsOf: row)
      measure(row)
    }
    let architecture = context.configuration.architecture
    var passage = FeaturePassage(base: architecture)
    if !encoder.isPooled {
      if let validation {
        let all = Array(0..<validation.exampleCount)
        try encoder.forEachRow(
          of: all, validation, batchSize: size, passTokens: passTokens, unless: cancellation
        ) { measure($1) }
      }
      passage = FeaturePassage(architecture, largest: largest)
      for row in 0..<features.rowCount { passage.apply(to: features[row]) }
    }
    let fit = try ProbeFit(
      features, examples, of: objective.data, classWeights: context.classWeights(),
      isBalanced: options.classWeights == .balanced, pool: context.pool)
    return passage.parameters(weights: fit.weights, biases: fit.biases)
  }

  /// The classifier with these parameters over the base, or over the tuned tensors of its body.
  private func network(
    _ parameters: [String: [Float]], tuned: [TrainedTensor]
  ) throws(TrainingError) -> ModelNetwork<SequenceClassificationHead> {
    let names = Set(tuned.flatMap(\.parameters).map(\.name))
    let setup = TrainingSetup(
      // The tensors that are written from memory.
      trains: { names.contains($0.name) || parameters[$0.name] != nil },
      isNew: { parameters[$0.name] != nil }
    ) { parameter, values in
      _ = values.update(fromContentsOf: parameters[parameter.name] ?? [])
    }
    let model: TrainableModel<SequenceClassificationHead>
    do throws(CheckpointError) {
      model = try TrainingSession.loadSequenceHead(
        // Without a backward pass, no layer needs buffers of its own.
        TrainableModelOptions(setup: setup, pool: context.pool, recomputes: true),
        context.configuration, context.base)
    } catch {
      throw TrainingError(reading: error)
    }
    model.copy(from: tuned)
    return ModelNetwork(model, dropout: context.configuration.dropout, seed: 0)
  }
}

extension TrainableModel {
  /// Takes over the values of tensors with the same names and layouts.
  fileprivate func copy(from others: [TrainedTensor]) {
    var places: [String: TrainedTensor] = [:]
    for other in others {
      if let name = other.parameters.first?.name { places[name] = other }
    }
    for tensor in tensors {
      guard let name = tensor.parameters.first?.name, let other = places[name],
        other.layout == tensor.layout, other.count == tensor.count
      else { continue }
      tensor.values.update(from: other.values, count: tensor.count)
    }
    packAgain()
  }
}
