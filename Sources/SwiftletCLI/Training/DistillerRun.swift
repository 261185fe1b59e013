import ArgumentParser
import SwiftletEncoder
import SwiftletJSON
import SwiftletTraining

/// One run of `swiftlet distill`: a plan, or a training with a comparison at its end.
struct DistillerRun {
  let request: DistillationRequest
  let reporter: TrainingReporter
  let data: TrainingDataArguments
  let hidesProgress: Bool
  /// The command that continues the training.
  let resuming: String
  let cancellation: Cancellation

  /// Shows the plan and writes nothing.
  func plan() throws {
    try finishing("nothing was written") {
      let session = try preparedSession()
      reporter.report(.planned(try session.plan(unless: cancellation)))
    }
  }

  func train() throws {
    let session = try finishing("nothing was written") { try preparedSession() }
    let outcome = try finishing("to continue, run: \(resuming)") {
      try session.run(unless: cancellation, report: reporter.report)
    }
    let summary = outcome.summary
    guard summary.reason != .cancelled else {
      throw Self.interruption(
        "step \(summary.step) of \(summary.totalSteps) is saved; to continue, run: \(resuming)")
    }
    reporter.show(
      TrainingResultText(
        outcome: outcome, task: session.data.task, metric: reporter.metric,
        hasPairs: data.pairColumn != nil))
    try finishing("the student is complete, and was not compared with its teacher") {
      guard let comparison = try session.compare(outcome, unless: cancellation) else { return }
      for line in ComparisonTable(comparison).lines { reporter.say(line) }
      reporter.write(ComparisonTable(comparison).json)
    }
  }

  /// Reads teacher and data, shows what was found and decided, and lets the teacher answer.
  private func preparedSession() throws -> DistillationSession {
    let session = try DistillationSession(request)
    if let format = session.data.summary.format {
      do throws(ValidationError) { try data.requireUse(of: format.format) } catch {
        throw CommandFailure(error.message, .usage)
      }
    }
    reporter.show(session.data.summary)
    for line in session.facts.lines { reporter.say(line) }
    reporter.write(Self.event(session.facts))
    let total = session.data.training.count + (session.data.validation?.count ?? 0)
    let progress = Progress(total: .texts(total), isEnabled: !hidesProgress)
    defer { progress.clear() }
    try session.prepare(unless: cancellation) { done, _ in progress.update(texts: done, bytes: 0) }
    return session
  }

  /// Runs a part of the work; clears the live line after it, and explains an interruption.
  private func finishing<Result>(_ state: String, _ work: () throws -> Result) throws -> Result {
    do {
      let result = try work()
      try reporter.finish()
      return result
    } catch TrainingError.cancelled {
      try reporter.finish()
      throw Self.interruption(state)
    } catch {
      try reporter.finish()
      throw error
    }
  }

  private static func interruption(_ text: String) -> CommandFailure {
    CommandFailure("interrupted; \(text)", SignalWatch.status)
  }

  /// The event that describes teacher, student and loss, after the data.
  private static func event(_ facts: DistillationFacts) -> JSONValue {
    .object([
      ("event", .string("distillation")), ("teacher", .string(facts.teacher)),
      ("teacher_layers", .int(facts.teacherLayerCount)),
      ("layers", facts.layers.map { .array($0.map(JSONValue.int)) } ?? .null),
      ("width", facts.width.map(JSONValue.int) ?? .null),
      ("student", facts.student.map(JSONValue.string) ?? .null),
      ("model_type", .string(facts.architecture)),
      ("temperature", facts.temperature.map(JSONValue.double) ?? .null),
      ("alpha", .double(facts.alpha)), ("hidden_weight", .double(facts.hiddenWeight)),
      ("answer_bytes", .int(facts.answerBytes)),
      ("measures_agreement", .bool(facts.measuresAgreement)),
    ])
  }
}
