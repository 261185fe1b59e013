import SwiftletJSON
import SwiftletTraining

// Several trainings in one run.
extension TrainerRun {
  /// Tries every combination, then trains with the best and writes its model.
  func train(by sweep: Sweep) throws {
    try TrainingSession.checkOutput(of: request)
    var values: [Double] = []
    for (index, options) in sweep.candidates.enumerated() {
      let text = Self.text(of: options, in: sweep).joined(separator: " ")
      var request = request
      request.options = options
      (request.output, request.calibrates) = (nil, false)
      let outcome = try run(request, index, of: sweep.candidates.count, text)
      values.append(outcome.summary.best?.value ?? .nan)
    }
    guard let metric = reporter.metric, let best = Self.best(of: values, by: metric) else {
      throw CommandFailure("no training of the sweep has a metric that is defined", .badData)
    }
    let chosen = show(values, of: sweep, by: metric, best: best)
    var request = request
    request.options = sweep.candidates[best]
    reporter.say("the last training writes the model: \(chosen.joined(separator: " "))")
    try train(request, resuming: ShellText.resuming(words, chosen: chosen), showsData: false)
  }

  /// Shows the value of each combination, and returns the options of the best.
  private func show(
    _ values: [Double], of sweep: Sweep, by metric: Metric, best: Int
  ) -> [String] {
    let texts = sweep.candidates.map { Self.text(of: $0, in: sweep) }
    for (index, text) in texts.enumerated() {
      reporter.say(
        "\(metric.rawValue) \(metric.text(values[index]))\(index == best ? " ★" : "  ")"
          + "  \(text.joined(separator: " "))")
    }
    reporter.write(
      .object([
        ("event", .string("sweep")), ("metric", .string(metric.rawValue)),
        (
          "trainings",
          .array(
            zip(texts, values).map { text, value in
              .object([
                ("options", .array(text.map(JSONValue.string))),
                ("value", value.isNaN ? .null : .double(value)),
              ])
            })
        ),
        ("best", .int(best + 1)),
      ]))
    return texts[best]
  }

  /// `--learning-rate=3e-5` for each option that the sweep varies.
  private static func text(of options: TrainingOptions, in sweep: Sweep) -> [String] {
    let arguments = options.arguments
    return sweep.axes.map { axis in
      "--\(axis.flag)=\(arguments.first { $0.name == axis.flag }?.value ?? "")"
    }
  }

  /// The index of the best value, the first one of equals; nil if no value is defined.
  private static func best(of values: [Double], by metric: Metric) -> Int? {
    var best: Int?
    for (index, value) in values.enumerated() where !value.isNaN {
      if let found = best, !metric.isBetter(value, than: values[found]) { continue }
      best = index
    }
    return best
  }

  /// Trains without each part of the data in turn, evaluates on it, and shows mean and deviation.
  func crossValidate(_ count: Int) throws {
    var folds: [[MetricValue]] = []
    for index in 0..<count {
      var request = request
      request.validation = .part(index, of: count, seed: request.options.seed)
      let outcome = try run(request, index, of: count, "without part \(index + 1)")
      let metrics = outcome.evaluation?.metrics
      folds.append(
        Metric.allCases.compactMap { metric in
          metrics?.value(of: metric).map { MetricValue(metric, $0) }
        })
    }
    // A metric that is undefined in one part has no mean.
    let common = folds[0].map(\.metric).filter { metric in
      folds.allSatisfy { $0.contains { $0.metric == metric } }
    }
    show(
      CrossValidationResult(folds: folds.map { $0.filter { common.contains($0.metric) } }))
    try reporter.finish()
  }

  private func show(_ result: CrossValidationResult) {
    for summary in result.summaries {
      let (mean, deviation) = (summary.metric.text(summary.mean), summary.deviation)
      reporter.say(
        "\(summary.metric.rawValue): \(mean), deviation \(summary.metric.text(deviation))"
          + " over \(result.folds.count) parts")
    }
    reporter.write(
      .object([
        ("event", .string("cross_validation")), ("parts", .int(result.folds.count)),
        (
          "metrics",
          .object(
            result.summaries.map { summary in
              (
                summary.metric.rawValue,
                .object([
                  ("mean", .double(summary.mean)), ("deviation", .double(summary.deviation)),
                ])
              )
            })
        ),
      ]))
  }

  /// Trains in memory; the first training shows the data.
  private func run(
    _ request: TrainingRequest, _ index: Int, of count: Int, _ text: String
  ) throws -> TrainingOutcome {
    do {
      let session = try session(request, showsData: index == 0)
      reporter.begin(index + 1, of: count, text)
      try stopIfInterrupted()
      let outcome = try session.run(unless: cancellation, report: reporter.report)
      guard outcome.summary.reason != .cancelled else {
        throw TrainingError.cancelled(step: 0, total: outcome.summary.totalSteps)
      }
      return outcome
    } catch TrainingError.cancelled {
      try reporter.finish()
      throw Self.interruption("nothing was written")
    } catch {
      try reporter.finish()
      throw error
    }
  }
}
