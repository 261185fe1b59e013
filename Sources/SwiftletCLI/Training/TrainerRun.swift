import ArgumentParser
import SwiftletEncoder
import SwiftletTraining

/// One run of `swiftlet train`: a plan, a training, or several of them.
struct TrainerRun {
  let request: TrainingRequest
  let reporter: TrainingReporter
  private let data: TrainingDataArguments
  /// The command line, program first.
  let words: [String]
  let cancellation: Cancellation

  init(
    request: TrainingRequest, reporter: TrainingReporter, data: TrainingDataArguments,
    words: [String], cancellation: Cancellation
  ) {
    self.request = request
    self.reporter = reporter
    self.data = data
    self.words = words
    self.cancellation = cancellation
  }

  // MARK: One training

  /// Shows the plan and writes nothing.
  func plan() throws {
    let session = try session(request)
    try stopIfInterrupted()
    do {
      reporter.report(.planned(try session.plan(unless: cancellation)))
    } catch TrainingError.cancelled {
      throw Self.interruption("nothing was written")
    }
    try reporter.finish()
  }

  func train() throws {
    try train(request, resuming: ShellText.resuming(words))
  }

  func train(
    _ request: TrainingRequest, resuming command: String, showsData: Bool = true
  ) throws {
    let session = try session(request, showsData: showsData)
    try stopIfInterrupted()
    let outcome: TrainingOutcome
    do {
      outcome = try session.run(unless: cancellation, report: reporter.report)
    } catch TrainingError.cancelled {
      try reporter.finish()
      throw Self.interruption("to continue, run: \(command)")
    } catch {
      try reporter.finish()
      throw error
    }
    try reporter.finish()
    guard outcome.summary.reason != .cancelled else {
      throw Self.interruption(Self.state(outcome.summary, resuming: command))
    }
    reporter.show(
      TrainingResultText(
        outcome: outcome, task: session.data.task, metric: reporter.metric,
        hasPairs: data.pairColumn != nil))
    try reporter.finish()
  }

  /// Reads model and data, and shows what was found.
  func session(
    _ request: TrainingRequest, showsData: Bool = true
  ) throws -> TrainingSession {
    var request = request
    request.arguments = arguments(of: request)
    let session = try TrainingSession(request)
    if let format = session.data.summary.format {
      do throws(ValidationError) { try data.requireUse(of: format.format) } catch {
        throw CommandFailure(error.message, .usage)
      }
    }
    if showsData { reporter.show(session.data.summary) }
    return session
  }

  /// What `training.json` records: model, data and options.
  private func arguments(of request: TrainingRequest) -> [TrainingReport.Argument] {
    var arguments = [("model", request.model)] + data.arguments
    arguments.append(("calibrate", "\(request.calibrates)"))
    arguments += request.options.arguments.map { ($0.name, $0.value) }
    return arguments.map { .init($0.0, $0.1) }
  }

  func stopIfInterrupted() throws {
    if cancellation.isCancelled {
      try reporter.finish()
      throw Self.interruption("nothing was written")
    }
  }

  /// What a cancelled training leaves: nothing if it has no steps, as a probe.
  private static func state(_ summary: TrainingSummary, resuming command: String) -> String {
    summary.totalSteps == 0
      ? "nothing was written, as a probe saves no checkpoint; run the same command again"
      : "step \(summary.step) of \(summary.totalSteps) is saved; to continue, run: \(command)"
  }

  static func interruption(_ text: String) -> CommandFailure {
    CommandFailure("interrupted; \(text)", SignalWatch.status)
  }
}
