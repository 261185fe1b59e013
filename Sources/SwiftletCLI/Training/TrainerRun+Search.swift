import SwiftletJSON
import SwiftletTraining

// Several trainings in one run.
extension TrainerRun {
  /// Tries every combination, then trains with the best and writes its model.
  ///
  /// A combination whose loss is not finite fails alone.
  func train(by sweep: Sweep) throws {
    try TrainingSession.checkOutput(of: request)
    var values: [Double] = []
    var failures: [TrainingFailure?] = []
    for (index, options) in sweep.candidates.enumerated() {
      let text = Self.text(of: options, in: sweep).joined(separator: " ")
      var request = request
      request.options = options
      (request.output, request.calibrates) = (nil, false)
      do {
        let outcome = try run(request, index, of: sweep.candidates.count, text)
        values.append(outcome.summary.best?.value ?? .nan)
        failures.append(nil)
      } catch TrainingError.stopped(let failure) where failure.isNotFinite {
        reporter.say("swiftlet: warning: training \(index + 1) failed: \(failure)")
        values.append(.nan)
        failures.append(failure)
      }
    }
    let result = reporter.metric.map {
      SweepResult(candidates: sweep.candidates, metric: $0, values: values)
    }
    if let result { show(result, failures, of: sweep) }
    guard let result, let best = result.best else {
      let last = failures.compactMap(\.self).last.map { "; the last one failed: \($0)" }
      throw CommandFailure(
        "no training of the sweep has a metric that is defined\(last ?? "")", .badData)
    }
    var request = request
    request.options = result.candidates[best]
    let chosen = Self.text(of: request.options, in: sweep)
    reporter.say("the last training writes the model: \(chosen.joined(separator: " "))")
    try train(request, resuming: ShellText.resuming(words, chosen: chosen), showsData: false)
  }

  /// Shows the value of each combination.
  private func show(_ result: SweepResult, _ failures: [TrainingFailure?], of sweep: Sweep) {
    let (metric, best) = (result.metric, result.best)
    var trainings: [JSONValue] = []
    for (index, value) in result.values.enumerated() {
      let text = Self.text(of: result.candidates[index], in: sweep)
      let shown = failures[index] == nil ? metric.text(value) : "failed"
      reporter.say(
        "\(metric.rawValue) \(shown)\(index == best ? " ★" : "  ")  \(text.joined(separator: " "))")
      trainings.append(
        .object([
          ("options", .array(text.map(JSONValue.string))),
          ("value", value.isNaN ? .null : .double(value)),
          ("failure", failures[index].map { .string($0.description) } ?? .null),
        ]))
    }
    reporter.write(
      .object([
        ("event", .string("sweep")), ("metric", .string(metric.rawValue)),
        ("trainings", .array(trainings)), ("best", best.map { .int($0 + 1) } ?? .null),
      ]))
  }

  /// `--learning-rate=3e-5` for each option that the sweep varies.
  private static func text(of options: TrainingOptions, in sweep: Sweep) -> [String] {
    let arguments = options.arguments
    return sweep.axes.map { axis in
      "--\(axis.flag)=\(arguments.first { $0.name == axis.flag }?.value ?? "")"
    }
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
