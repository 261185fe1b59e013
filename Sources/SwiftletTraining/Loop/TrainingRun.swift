import SwiftletSystem

/// One training: steps, evaluations and checkpoints, in an order that depends on nothing but options, data
/// and ``LoopState``.
///
/// A step is a group of examples: forward and backward passes, clipping of the gradients, AdamW. One
/// thread uses the object.
package final class TrainingRun<Network: TrainableNetwork, Objective: TrainingObjective> {
  let network: Network
  let optimizer: any TrainingOptimizer
  let objective: Objective
  let validation: Objective?
  let options: TrainingOptions
  let environment: TrainingEnvironment
  let runner: GroupRunner<Network, Objective>
  /// The counts of steps.
  package let steps: StepPlan
  /// Selects the best weights.
  package let metric: Metric
  /// What the run will do, without the time.
  package private(set) var plan: TrainingPlan

  package internal(set) var state = LoopState()
  var keeper: TimeKeeper
  /// Seconds of earlier runs.
  var earlierSeconds = 0.0
  /// Whether the last checkpoint has the current state.
  var isSaved = false
  /// The step of the last checkpoint.
  var savedStep: Int?
  /// The evaluation of the weights that the network has; nil if they were not evaluated.
  package internal(set) var result: EvaluationResult<Objective.Accumulator.Metrics>?
  private var currentOrder: (epoch: Int, examples: [Int32]) = (-1, [])

  /// Checks everything that can be checked before the first step.
  ///
  /// - Parameters:
  ///   - network: The weights to change.
  ///   - optimizer: Changes the weights of `network`.
  ///   - objective: The examples to train on.
  ///   - validation: The examples to evaluate on; nil for none.
  ///   - options: How to train.
  ///   - environment: Order, checkpoints, events and cancellation.
  /// - Throws: ``TrainingError/invalidOption(name:reason:)``, or `MemoryError`.
  package init(
    _ network: Network, optimizer: any TrainingOptimizer, objective: Objective,
    validation: Objective?, options: TrainingOptions, environment: TrainingEnvironment
  ) throws {
    try options.validate()
    try options.validate(hasValidation: validation != nil)
    self.network = network
    self.optimizer = optimizer
    self.objective = objective
    self.validation = validation
    self.options = options
    self.environment = environment
    steps = try StepPlan(options, exampleCount: objective.exampleCount)
    metric = try options.selectedMetric(of: validation ?? objective)
    plan = TrainingPlan(steps, objective, validation, network)
    let longest = max(
      objective.longestExample, validation?.longestExample ?? 0,
      environment.laterWork.longestExample)
    // The order of the examples, and the copy from which it is made.
    let kept = environment.keptBytes + 12 * objective.exampleCount
    func bytes(_ tokens: Int, _ recomputing: Bool) -> Int {
      network.bytes(forTokens: tokens, recomputing: recomputing) + kept
    }
    let pass = try PassCut.choice(
      limit: options.maxMemory, longest: longest, usual: environment.passTokens, bytes: bytes)
    network.recomputes = pass.recomputes
    plan.passTokens = pass.budget
    plan.recomputes = pass.recomputes
    plan.precision = options.precision
    plan.memory = bytes(max(pass.budget, longest), pass.recomputes)
    plan.metric = validation == nil ? nil : metric
    runner = try GroupRunner(network, budget: pass.budget, cancellation: environment.cancellation)
    keeper = TimeKeeper(
      limit: options.timeLimit.map { $0 / .seconds(1) },
      parameters: network.trainedParameterCount, later: environment.laterWork,
      clock: environment.clock)
  }

  /// Trains to the end.
  ///
  /// Afterwards the network has the best weights, or, without validation examples or if cancelled, those of
  /// the last step.
  ///
  /// - Parameter saved: The state of the last checkpoint, whose weights and moments network and optimiser
  ///   have; nil to begin.
  /// - Returns: How the training ended.
  /// - Throws: ``TrainingFailure``; ``TrainingError/invalidOption(name:reason:)`` if the state belongs to
  ///   other data or options; what the network and the store throw. The checkpoints stay as they are.
  package func run(from saved: LoopState? = nil) throws -> TrainingSummary {
    try begin(saved)
    do {
      environment.report(.planned(environment.isPlanTimed ? try timedPlan() : plan))
      warnOfOptions()
      while true {
        try performWhatIsDue()
        if let reason = reasonToStop() { return try finish(reason) }
        try performStep()
      }
    } catch is Interruption {
      return try finishCancelled()
    }
  }

  private func begin(_ saved: LoopState?) throws(TrainingError) {
    state.stepsPerEpoch = steps.stepsPerEpoch
    state.totalSteps = steps.totalSteps
    guard let saved else { return }
    guard saved.stepsPerEpoch == steps.stepsPerEpoch, saved.totalSteps == steps.totalSteps else {
      throw .invalidOption(
        name: "--resume",
        reason: "finds the checkpoint of a training of \(saved.totalSteps) steps, "
          + "\(saved.stepsPerEpoch) for a pass over the rows, but options and files give "
          + "\(steps.totalSteps) and \(steps.stepsPerEpoch); use the same ones, or train without "
          + "--resume")
    }
    state = saved
    earlierSeconds = saved.seconds
    savedStep = saved.step
    isSaved = true
  }

  /// Evaluates or saves after a step, unless a resumed state says that it happened.
  private func performWhatIsDue() throws {
    let isEvaluationDue = steps.isEvaluationDue(after: state.step)
    if isEvaluationDue, validation != nil, state.evaluatedStep != state.step {
      return try evaluate()
    }
    let isSaveDue = options.saveEvery.map { state.step > 0 && state.step % $0 == 0 } ?? false
    if !isSaved, isEvaluationDue || isSaveDue { try save(.last) }
  }

  private func reasonToStop() -> TrainingSummary.Reason? {
    if state.step == steps.totalSteps { return .completed }
    if let patience = options.patience, state.evaluationsWithoutGain >= patience {
      return .earlyStopping
    }
    let isOver = keeper.isStepTooLong(evaluationTokens: plan.validationTokens)
    // The first step is always computed, so that a resumed training goes on.
    return isOver && keeper.tokensPerSecond > 0 ? .timeLimit : nil
  }

  /// The examples of a step.
  func group(ofStep step: Int) -> ExampleGroup {
    let (epoch, range) = steps.places(ofStep: step)
    if currentOrder.epoch != epoch { currentOrder = (epoch, environment.order(epoch)) }
    requirePrecondition(
      currentOrder.examples.count == objective.exampleCount, "an order has every example")
    return ExampleGroup(
      examples: currentOrder.examples[range].map(Int.init), epoch: epoch, step: step,
      isTraining: true)
  }

  /// The plan with the time, from the passes of the next step. They change no weight.
  ///
  /// - Throws: As ``run(from:)``; ``Interruption`` if cancelled.
  package func timedPlan() throws -> TrainingPlan {
    let group = group(ofStep: min(state.step, steps.totalSteps - 1))
    var seconds = try secondsOfPasses(group)
    // The first passes are slower, because they touch most memory for the first time.
    if seconds < 2 { seconds = min(seconds, try secondsOfPasses(group)) }
    var timed = keeper
    timed.addStep(tokens: objective.tokens(of: group), seconds: seconds)
    var plan = plan
    plan.seconds = remainingSeconds(timed)
    return plan
  }

  private func secondsOfPasses(_ group: ExampleGroup) throws -> Double {
    let normalizer = objective.normalizer(of: group)
    let start = environment.clock()
    network.clearGradients()
    if normalizer > 0 {
      _ = try naming(group) {
        try runner.addGradients(of: group, objective, normalizer: normalizer)
      }
    }
    return environment.clock() - start
  }

  /// Estimated seconds to the end.
  func remainingSeconds(_ keeper: TimeKeeper) -> Double {
    let tokensPerStep = Double(plan.tokensPerEpoch) / Double(steps.stepsPerEpoch)
    return keeper.seconds(
      stepTokens: tokensPerStep * Double(steps.totalSteps - state.step),
      evaluations: validation == nil ? 0 : steps.evaluations(after: state.step),
      evaluationTokens: plan.validationTokens)
  }

  private func warnOfOptions() {
    if options.trainsEncoder, options.learningRate > 2e-4 {
      environment.report(.warning(.highLearningRate(options.learningRate)))
    }
  }
}
