extension TrainingRun {
  /// Evaluates the validation examples, records the result, and saves the weights.
  func evaluate() throws {
    guard let validation else { return }
    let start = environment.clock()
    let result = try runner.evaluate(validation, batchSize: options.evaluationBatchSize)
    keeper.addEvaluation(tokens: plan.validationTokens, seconds: environment.clock() - start)
    self.result = result
    let value = result.value(of: metric)
    record(result, value, of: validation.metrics)
    warn(collapsedLabel: result.collapsedLabel, value)
    if state.evaluations.last?.isBest == true { try save(.best) }
    try save(.last)
  }

  private func record(
    _ result: EvaluationResult<GroupRunner<Network, Objective>.Metrics>, _ value: Double,
    of metrics: [Metric]
  ) {
    let best = state.best?.value
    state.evaluationsWithoutGain = isGain(value, over: best) ? 0 : state.evaluationsWithoutGain + 1
    let record = EvaluationRecord(
      epoch: epoch, step: state.step, trainingLoss: state.lossesSinceEvaluation.mean,
      validationLoss: result.loss,
      metrics: metrics.map { MetricValue($0, result.value(of: $0)) }, value: value,
      isBest: isBetter(value, than: best), seconds: seconds)
    state.evaluations.append(record)
    state.lossesSinceEvaluation = LossWindow()
    state.evaluatedStep = state.step
    isSaved = false
    environment.report(.evaluated(record))
  }

  /// As transformers' `EarlyStoppingCallback`: better than the best by more than the least gain.
  private func isGain(_ value: Double, over best: Double?) -> Bool {
    guard isBetter(value, than: best) else { return false }
    return best.map { ($0 - value).magnitude > options.minimumGain } ?? true
  }

  /// NaN is never the best.
  private func isBetter(_ value: Double, than best: Double?) -> Bool {
    best.map { metric.isBetter(value, than: $0) } ?? !value.isNaN
  }

  private func warn(collapsedLabel: String?, _ value: Double) {
    if let label = collapsedLabel {
      environment.report(.warning(.collapsedPredictions(label: label, step: state.step)))
    }
    if value.isNaN {
      environment.report(.warning(.undefinedMetric(name: metric.rawValue, step: state.step)))
    }
  }

  func save(_ kind: SavedCheckpoint.Kind) throws {
    let start = environment.clock()
    state.seconds = seconds
    let path = try environment.store.save(kind, state)
    keeper.addSave(seconds: environment.clock() - start)
    if kind == .last {
      isSaved = true
      savedStep = state.step
    }
    environment.report(.saved(SavedCheckpoint(kind: kind, step: state.step, path: path)))
  }

  /// Seconds of all runs together.
  private var seconds: Double { earlierSeconds + keeper.elapsed }
}

extension TrainingRun {
  /// Ends the training with a checkpoint and the best weights.
  func finish(_ reason: TrainingSummary.Reason) throws -> TrainingSummary {
    if validation != nil, state.evaluatedStep != state.step { try evaluate() }
    if !isSaved { try save(.last) }
    try restoreBest()
    return summarize(reason, best: state.best)
  }

  /// Ends a cancelled training with a checkpoint of its last complete step.
  func finishCancelled() throws -> TrainingSummary {
    // If the best weights replaced the last ones already, the checkpoint has the last ones.
    if !isSaved { try save(.last) }
    return summarize(.cancelled, best: nil)
  }

  /// Loads the weights of the best evaluation, unless the network has them, and evaluates them again.
  private func restoreBest() throws {
    guard let validation, let best = state.best, best.step != state.step else { return }
    try environment.store.loadBest(step: best.step)
    network.weightsDidChange()
    self.result = nil
    let result = try runner.evaluate(validation, batchSize: options.evaluationBatchSize)
    self.result = result
    let value = result.value(of: metric)
    guard value == best.value else {
      throw TrainingFailure.bestChanged(
        step: best.step, metric: metric.rawValue, saved: best.value, reloaded: value)
    }
  }

  private func summarize(
    _ reason: TrainingSummary.Reason, best: EvaluationRecord?
  ) -> TrainingSummary {
    let summary = TrainingSummary(
      reason: reason, step: state.step, totalSteps: steps.totalSteps, best: best,
      seconds: seconds, tokens: state.tokens, skippedSteps: state.skippedSteps)
    environment.report(.finished(summary))
    return summary
  }
}
