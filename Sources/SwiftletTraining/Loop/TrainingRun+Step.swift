extension TrainingRun {
  /// Computes a step and changes the weights. If it throws, weights, moments and state are those of the step
  /// before.
  func performStep() throws {
    let group = group(ofStep: state.step)
    let rate = learningRate(ofStep: state.step)
    let start = environment.clock()
    let result = try lossAndClipping(of: group)
    if let result {
      optimizer.update(learningRate: rate, clipping: result.clipping.coefficient)
      network.weightsDidChange()
      self.result = nil
      let tokens = objective.tokens(of: group)
      state.tokens += tokens
      keeper.addStep(tokens: tokens, seconds: environment.clock() - start)
      state.lossesSinceLog.add(result.loss)
      state.lossesSinceEvaluation.add(result.loss)
    } else {
      state.skippedSteps += 1
      if state.skippedSteps == 1 {
        let rows = locations(of: group.examples)
        environment.report(.warning(.skippedStep(step: group.step + 1, rows: rows)))
      }
    }
    state.step += 1
    isSaved = false
    report(rate: rate, result?.loss, norm: result?.clipping.norm)
  }

  /// Returns the mean loss of a group and the clipping of its gradients; nil if none of its examples has a
  /// label.
  private func lossAndClipping(
    of group: ExampleGroup
  ) throws -> (loss: Double, clipping: GradientClipping)? {
    let normalizer = objective.normalizer(of: group)
    guard normalizer > 0 else { return nil }
    return try naming(group) {
      network.clearGradients()
      let loss = try runner.addGradients(of: group, objective, normalizer: normalizer)
      let clipping = optimizer.clipping(limit: options.gradientClipping)
      guard clipping.isFinite else {
        throw TrainingFailure.nonFiniteGradient(
          step: group.step + 1, rows: locations(of: group.examples), savedStep: savedStep)
      }
      return (loss, clipping)
    }
  }

  private func learningRate(ofStep step: Int) -> Double {
    options.learningRate
      * options.schedule.factor(
        step: step, total: steps.totalSteps, warmup: steps.warmupSteps, peak: options.learningRate)
  }

  /// Adds step and rows to the error of a loss that is not finite.
  func naming<Result>(_ group: ExampleGroup, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as NonFiniteLoss {
      throw TrainingFailure.nonFiniteLoss(
        step: group.step + 1, rows: locations(of: error.examples), savedStep: savedStep)
    }
  }

  /// The rows of examples, at most ten of them.
  private func locations(of examples: [Int]) -> String {
    let named = examples.prefix(10).map { objective.location(of: $0) }.joined(separator: ", ")
    return examples.count > 10 ? "\(named) and \(examples.count - 10) more" : named
  }

  private func report(rate: Double, _ stepLoss: Double?, norm: Double?) {
    let loss = state.lossesSinceLog.mean
    let interval = options.logEvery ?? (steps.totalSteps + 199) / 200
    let isLogged = state.step % interval == 0 || state.step == steps.totalSteps
    if isLogged {
      state.losses.append(
        LossRecord(step: state.step, loss: loss, learningRate: rate, gradientNorm: norm))
      state.lossesSinceLog = LossWindow()
    }
    environment.report(
      .step(
        StepReport(
          epoch: epoch, step: state.step, totalSteps: steps.totalSteps, stepLoss: stepLoss,
          loss: loss, learningRate: rate, gradientNorm: norm,
          tokensPerSecond: keeper.tokensPerSecond, residentMemory: environment.residentMemory(),
          remainingSeconds: remainingSeconds(keeper), isLogged: isLogged)))
  }

  /// Passes over the examples, with their fraction.
  var epoch: Double { Double(state.step) / Double(steps.stepsPerEpoch) }
}
