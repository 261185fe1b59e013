import Glibc
import SwiftletEncoder
import SwiftletJSON
import SwiftletTraining

/// Shows a training to people on standard error, and to programs on standard output and in a log.
final class TrainingReporter {
  private let line: LiveLine
  private let streams: [EventStream]
  private let cancellation: Cancellation
  /// Whether the table of evaluations is printed.
  private let showsTable: Bool
  private var table: EvaluationTable?
  private var epochs = 0.0
  private var totalSteps = 0
  /// The metric that selects the best weights, known once the training is planned.
  private(set) var metric: Metric?
  /// The first event that could not be written.
  private var failure: (any Error)?

  /// - Parameters:
  ///   - streams: Where events are written as JSON.
  ///   - hidesProgress: Whether the live line is left out.
  ///   - cancellation: Cancelled if an event can't be written, so that the training is saved.
  init(streams: [EventStream], hidesProgress: Bool, cancellation: Cancellation) {
    self.streams = streams
    self.cancellation = cancellation
    line = LiveLine(isEnabled: !hidesProgress)
    showsTable = isatty(STDERR_FILENO) == 1
  }

  /// Shows what was found in the data, then its warnings.
  func show(_ data: DataSummary) {
    for text in data.lines { say(text) }
    for note in data.notes { say("swiftlet: note: \(note)") }
    for warning in data.warnings { say("swiftlet: warning: \(warning)") }
    write(data.json)
  }

  /// Announces one training of several.
  func begin(_ number: Int, of count: Int, _ text: String) {
    table = nil
    say("training \(number) of \(count): \(text)")
    write(
      .object([
        ("event", .string("training")), ("number", .int(number)), ("count", .int(count)),
        ("text", .string(text)),
      ]))
  }

  func report(_ event: TrainingEvent) {
    switch event {
    case .planned(let plan): begin(plan)
    case .warning(let warning): say("swiftlet: warning: \(warning)")
    case .step(let report):
      line.draw { TrainingLine.text(report, epochs: epochs, width: $0) }
      guard report.isLogged || report.step == report.totalSteps else { return }
    case .evaluated(let record): add(record)
    case .saved, .finished: break
    }
    write(event.json)
  }

  func show(_ result: TrainingResultText) {
    for text in result.lines { say(text) }
    write(result.json)
  }

  /// Prints a line for people.
  func say(_ text: String) {
    line.clear()
    printMessage(DisplayText.oneLine(text))
  }

  func write(_ event: JSONValue) {
    guard failure == nil else { return }
    do {
      for stream in streams { try stream.write(event) }
    } catch {
      failure = error
      cancellation.cancel()
    }
  }

  /// Clears the live line.
  ///
  /// - Throws: Why an event could not be written.
  func finish() throws {
    line.clear()
    if let failure { throw failure }
  }

  // MARK: Parts

  private func begin(_ plan: TrainingPlan) {
    metric = plan.metric
    (epochs, totalSteps) = (PlanText.epochs(plan), plan.totalSteps)
    for text in PlanText.lines(plan) { say(text) }
  }

  private func add(_ record: EvaluationRecord) {
    guard showsTable, let metric else { return }
    if table == nil {
      let width = Terminal(descriptor: STDERR_FILENO).width
      table = EvaluationTable(metric: metric, totalSteps: totalSteps, width: width)
      if let table { say(table.header) }
    }
    if let table { say(table.row(record)) }
  }
}
