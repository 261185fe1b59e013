import Testing

@testable import SwiftletTraining

@Suite struct `Steps of a training` {
  @Test func `the gradient of the mock is the derivative of its loss`() throws {
    let training = try MockTraining()
    let run = try training.makeRun()
    let group = run.group(ofStep: 0)
    let normalizer = training.objective.normalizer(of: group)
    func loss() throws -> Double {
      training.network.clearGradients()
      return try run.runner.addGradients(of: group, training.objective, normalizer: normalizer)
    }
    _ = try loss()
    let gradients = training.network.gradients
    for index in gradients.indices {
      let weight = training.network.weights[index]
      training.network.weights[index] = weight + 0x1p-7
      let above = try loss()
      training.network.weights[index] = weight - 0x1p-7
      let difference = try (above - loss()) / 0x1p-6
      training.network.weights[index] = weight
      #expect(abs(difference - Double(gradients[index])) < 2e-4, "weight \(index)")
    }
  }

  @Test func `accumulated batches are one large batch, bit for bit`() throws {
    let large = try MockTraining()
    large.options.batchSize = 16
    let small = try MockTraining()
    small.options.batchSize = 4
    small.options.gradientAccumulation = 4
    try large.run()
    try small.run()
    #expect(large.network.weights == small.network.weights)
    #expect(large.reports.map(\.gradientNorm) == small.reports.map(\.gradientNorm))
    #expect(large.state.step == 9)
  }

  @Test(arguments: [LossScope.example, .group])
  func `the cut into passes does not change a bit of the weights`(scope: LossScope) throws {
    var weights: [[Float]] = []
    for tokens in [1, 7, 20, 4000] {
      let training = try MockTraining()
      training.objective.lossScope = scope
      training.validation?.lossScope = scope
      training.passTokens = tokens
      try training.run()
      weights.append(training.network.weights)
      let longestText = training.objective.longestExample
      #expect(training.network.longestPass <= max(tokens, longestText))
      #expect(abs((training.reports.last?.loss ?? 0) - 0.5) < 0.6)
    }
    #expect(weights.allSatisfy { $0 == weights[0] })
    let untrained = try MockTraining().network.weights
    #expect(weights[0] != untrained)
  }

  @Test func `a seed decides order, weights and dropout, and nothing is global`() throws {
    let first = try MockTraining(seed: 7)
    try first.run()
    let other = try MockTraining(seed: 8)
    try other.run()
    let again = try MockTraining(seed: 7)
    try again.run()
    #expect(first.network.weights == again.network.weights)
    #expect(first.reports == again.reports)
    #expect(first.network.weights != other.network.weights)
  }

  @Test func `the loss of a log line is the mean since the line before`() throws {
    let training = try MockTraining()
    training.options.logEvery = 4
    try training.run()
    let losses = training.reports.compactMap(\.stepLoss)
    #expect(training.reports.filter(\.isLogged).map(\.step) == [4, 8, 12, 16, 18])
    #expect(training.state.losses.map(\.step) == [4, 8, 12, 16, 18])
    let second = losses[4..<8].reduce(0, +) / 4
    #expect(training.state.losses[1].loss == second)
    #expect(training.state.losses[4].loss == (losses[16] + losses[17]) / 2)
    let epoch = losses[6..<12].reduce(0, +) / 6
    #expect(training.evaluations[1].trainingLoss == epoch)
  }

  @Test func `the logged rate is the one that the step used`() throws {
    let training = try MockTraining()
    training.options.warmup = 4
    try training.run()
    #expect(training.reports.map(\.learningRate) == training.optimizer.rates)
    #expect(training.optimizer.rates[0] == 0)
    #expect(training.optimizer.rates[2] == 0.01)
    #expect(training.optimizer.rates[4] == 0.02)
    #expect(training.optimizer.rates[17] == 0.02 * (1.0 / 14))
  }

  @Test func `gradients above the limit are scaled to it`() throws {
    let training = try MockTraining()
    training.options.gradientClipping = 0.1
    try training.run()
    for (report, clipping) in zip(training.reports, training.optimizer.clippings) {
      let norm = try #require(report.gradientNorm)
      #expect(clipping == Float(min(1, 0.1 / (norm + 1e-6))))
    }
    #expect(training.optimizer.clippings.contains { $0 < 1 })
  }

  @Test func `the gradient of a step has nothing of the steps before`() throws {
    let training = try MockTraining()
    var weights: [[Float]] = []
    training.onEvent = { event in
      if case .step = event { weights.append(training.network.weights) }
    }
    try training.run()
    let fresh = try MockTraining()
    fresh.network.weights = weights[9]
    let run = try fresh.makeRun()
    let group = run.group(ofStep: 10)
    let loss = try run.runner.addGradients(
      of: group, fresh.objective, normalizer: fresh.objective.normalizer(of: group))
    #expect(training.reports[10].stepLoss == loss)
    #expect(training.reports[10].gradientNorm == fresh.optimizer.clipping(limit: 0).norm)
  }

  @Test func `a step without labels is skipped and counted`() throws {
    let training = try MockTraining()
    training.isSequential = true
    training.options.epochs = 1
    training.validation = nil
    for row in 8..<16 { training.objective.labels[row] = -1 }
    training.objective.labels[3] = -1
    var weights: [[Float]] = []
    training.onEvent = { event in
      if case .step = event { weights.append(training.network.weights) }
    }
    let summary = try training.run()
    #expect(summary.skippedSteps == 1 && summary.step == 6)
    #expect(weights[0] == weights[1] && weights[1] != weights[2])
    #expect(training.reports[1].stepLoss == nil && training.reports[1].gradientNorm == nil)
    #expect(training.network.weights.allSatisfy { $0.isFinite })
    let rows = (10..<18).map { "mock.csv:\($0)" }.joined(separator: ", ")
    #expect(training.warnings.contains(.skippedStep(step: 2, rows: rows)))
  }

  @Test func `a training learns`() throws {
    let training = try MockTraining()
    training.options.epochs = 60
    training.options.learningRate = 0.1
    training.network.dropout = 0
    try training.run()
    let first = try #require(training.evaluations.first?.validationLoss)
    let best = try #require(training.evaluations.compactMap(\.validationLoss).min())
    #expect(best < 0.6 * first)
  }

  @Test func `events come in order and know the position`() throws {
    let training = try MockTraining()
    training.options.epochs = 1.5
    try training.run()
    guard case .planned(let plan) = training.events.first else {
      Issue.record("the first event is not the plan")
      return
    }
    #expect(plan.totalSteps == 9 && plan.stepsPerEpoch == 6 && plan.evaluations == 2)
    #expect(plan.examples == 46 && plan.validationExamples == 13 && plan.warmupSteps == 1)
    #expect(plan.tokensPerEpoch == training.objective.texts.reduce(0) { $0 + $1.count })
    #expect(training.reports.map(\.step) == Array(1...9))
    #expect(training.reports[2].epoch == 0.5 && training.reports.last?.epoch == 1.5)
    #expect(training.evaluations.map(\.step) == [6, 9])
    guard case .finished(let summary) = training.events.last else {
      Issue.record("the last event is not the end")
      return
    }
    #expect(summary.reason == .completed && summary.step == 9)
  }

  @Test func `a high learning rate of the encoder is a warning`() throws {
    let training = try MockTraining()
    training.options.epochs = 1
    try training.run()
    #expect(training.warnings.contains(.highLearningRate(0.02)))
    let usual = try MockTraining()
    usual.options.learningRate = 2e-4
    try usual.run()
    #expect(!usual.warnings.contains(.highLearningRate(2e-4)))
    let head = try MockTraining()
    head.options.method = .head
    try head.run()
    #expect(!head.warnings.contains(.highLearningRate(0.02)))
  }
}
