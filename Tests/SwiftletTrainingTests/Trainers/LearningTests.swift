import Foundation
import Swiftlet
import SwiftletEncoder
import Testing

@testable import SwiftletTraining

/// What a small model can learn by heart, and what it cannot learn.
@Suite struct LearningTests {
  /// Different texts with labels that do not depend on them.
  private static func rows(_ count: Int) -> [TrainingExample] {
    let words = SmallTraining.words
    let numbers = GaussianInitializer(seed: 3).values(of: "labels", count: count)
    return numbers.enumerated().map { index, number in
      .labeled(
        "\(words[index % words.count]) \(words[index / words.count % words.count]) \(index)",
        label: number < 0 ? "a" : "b")
    }
  }

  /// A training without dropout, which would keep the loss from 0.
  private static func request(
    _ rows: [TrainingExample], _ validation: ValidationData
  ) -> TrainingRequest {
    var options = TrainingOptions()
    options.batchSize = 16
    options.learningRate = 5e-3
    options.warmup = 0
    options.schedule = .constant
    options.weightDecay = 0
    options.dropout = 0
    options.threads = 2
    // In the end only: a choice among many evaluations would be better than chance.
    options.evaluateEvery = .steps(10_000)
    return TrainingRequest(
      model: TrainingFixtures.path("checkpoints/bert"), training: .examples(rows),
      validation: validation, options: options, output: nil)
  }

  @Test func `16 rows are learnt to a loss below 0.01`() throws {
    var request = Self.request(Self.rows(16), .none)
    request.options.maxSteps = 1000
    let cancellation = Cancellation()
    var losses: [Double] = []
    _ = try TrainingSession(request).run(unless: cancellation) { event in
      // Each step computes the loss of all rows.
      guard case .step(let report) = event, let loss = report.stepLoss else { return }
      losses.append(loss)
      if loss < 0.01 { cancellation.cancel() }
    }
    #expect(try #require(losses.first) > 0.3)
    #expect(try #require(losses.last) < 0.01, "after \(losses.count) steps")
  }

  @Test func `Random labels are learnt by heart, and stay at chance on held-out rows`() throws {
    let heldOut = 80.0
    var request = Self.request(Self.rows(160), .share(0.5, seed: 42))
    request.options.epochs = 60
    var losses: [Double] = []
    let outcome = try TrainingSession(request).run(unless: .never) { event in
      if case .step(let report) = event, let loss = report.stepLoss { losses.append(loss) }
    }
    let last = losses.suffix(5).reduce(0, +) / 5
    // Half of that of chance.
    #expect(last < log(2) / 2)
    guard case .classification(let metrics)? = outcome.evaluation else {
      Issue.record("expected metrics of a classifier")
      return
    }
    // Four standard deviations of a fair coin.
    let deviation = (0.25 / heldOut).squareRoot()
    #expect(abs(metrics.accuracy - 0.5) < 4 * deviation)
  }
}
