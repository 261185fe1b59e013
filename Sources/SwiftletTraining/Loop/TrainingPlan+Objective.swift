extension TrainingObjective {
  /// Tokens of the longest example; 0 without examples.
  var longestExample: Int { (0..<exampleCount).reduce(0) { max($0, tokenCount(of: $1)) } }

  /// Tokens of all examples.
  var tokenCount: Int { (0..<exampleCount).reduce(0) { $0 + tokenCount(of: $1) } }

  func tokens(of group: ExampleGroup) -> Int {
    group.examples.reduce(0) { $0 + tokenCount(of: $1) }
  }
}

extension TrainingPlan {
  /// The plan without what depends on options and memory.
  init<Objective: TrainingObjective>(
    _ steps: StepPlan, _ objective: Objective, _ validation: Objective?,
    _ network: some TrainableNetwork
  ) {
    self.init(
      examples: objective.exampleCount, validationExamples: validation?.exampleCount ?? 0,
      tokensPerEpoch: objective.tokenCount, validationTokens: validation?.tokenCount ?? 0,
      stepsPerEpoch: steps.stepsPerEpoch, totalSteps: steps.totalSteps,
      warmupSteps: steps.warmupSteps, parameters: network.parameterCount,
      trainedParameters: network.trainedParameterCount, passTokens: 0, memory: 0, seconds: nil,
      metric: nil, evaluations: validation == nil ? 0 : steps.evaluations(after: 0))
  }
}

extension TrainingOptions {
  /// Checks the options that need validation examples.
  ///
  /// - Throws: ``TrainingError/invalidOption(name:reason:)`` for one that would not be used.
  package func validate(hasValidation: Bool) throws(TrainingError) {
    guard !hasValidation else { return }
    let unused: [(flag: String, isSet: Bool)] = [
      ("metric", metric != nil), ("patience", patience != nil),
    ]
    for (flag, isSet) in unused where isSet {
      throw .invalidOption(
        name: "--\(flag)", reason: "needs validation examples; remove --validation none")
    }
  }

  /// Returns the metric that selects the best weights, the task's first one by default.
  ///
  /// - Throws: ``TrainingError/invalidOption(name:reason:)`` if the task does not have it.
  package func selectedMetric(
    of objective: some TrainingObjective
  ) throws(TrainingError) -> Metric {
    guard let metric else { return objective.metrics.first ?? .loss }
    guard objective.metrics.contains(metric) else {
      let names = objective.metrics.map(\.rawValue).joined(separator: ", ")
      throw .invalidOption(
        name: "--metric",
        reason: "is \(metric.rawValue), which this task does not have; it has \(names)")
    }
    return metric
  }
}
