import Swiftlet
import SwiftletRecords

/// One run of a task: reads the input chunk by chunk and writes the answers in the order of the texts.
struct TaskRun<Format: OutputFormat> {
  let inputs: [TextInput]
  let terminal: Terminal
  let format: Format
  let sink: OutputSink
  /// The columns of the input that the output repeats.
  let kept: KeptColumns
  private let input: TaskInputArguments
  private let hidesProgress: Bool
  private let arguments: RunArguments
  private let group: GroupColumn?
  /// Keeps the rows until the output is complete, if it can be continued.
  private let partial: PartialOutput?

  /// Bad input keeps the rows of runs that took longer than this; shorter ones are repeated.
  private static var worthKeeping: Duration { .seconds(2) }

  /// Checks the inputs and opens the output, which may not be a file of the folder `model`.
  ///
  /// `pairColumn` has the second text of each row, `groupColumn` the value for ``group(of:)``. The rows
  /// of a run that is not continuable are not kept when it is interrupted.
  init(
    _ input: TaskInputArguments, _ output: OutputArguments<Format>, model: String,
    pairColumn: String? = nil, groupColumn: String? = nil, isContinuable: Bool = true
  ) throws {
    self.input = input
    hidesProgress = output.file.hidesProgress
    arguments = output.run
    terminal = output.terminal
    format = try output.chosenFormat(isTerminal: terminal.isTerminal)
    let kept = output.kept.choice
    self.kept = kept
    if let problem = output.kept.problem(texts: input.texts, format: format) {
      throw CommandFailure(problem, .usage)
    }
    let group = groupColumn.map { GroupColumn($0, beside: kept) }
    self.group = group
    if let problem = group?.problem { throw CommandFailure(problem, .usage) }
    inputs = try GroupColumn.naming(groupColumn) {
      try input.openableInputs(pairColumn: pairColumn, keeping: group?.kept ?? kept)
    }
    try output.file.refuseReadFiles(inputs, model: model)
    try arguments.refuseErrorFile(inputs, output: output.file.path)
    partial = try arguments.partial(
      of: isContinuable ? output.file.path : nil, texts: input.texts, isText: format == .forPeople
    ) { [inputs, format, arguments] in
      try RunIdentity(
        words: SwiftletCommand.words(), inputs: inputs.map(\.name), model: model,
        format: format.rawValue + (arguments.onError == .null ? " with errors" : ""))
    }
    sink = try partial.map(OutputSink.init) ?? output.file.openSink(reading: inputs, model: model)
  }

  /// Whether a column has the ids.
  var showsID: Bool { input.idColumn != nil }

  /// Whether rows with errors are written.
  var showsErrors: Bool { arguments.onError == .null }

  /// Writes the answer to each text.
  ///
  /// Warns at the end about texts that were empty or cut: `cut` names what is longer than `maxLength`
  /// tokens, `hint` the option that avoids the cut. Calls `observe` with each row that is written.
  func run<Answer: TaskAnswer>(
    _ renderer: any AnswerRenderer<Answer>, cut: String = "text", maxLength: Int,
    hint: String? = nil, observe: @escaping (AnsweredText<Answer>) -> Void = { _ in },
    answer: @escaping ([SourcedText]) throws(SwiftletError) -> [Answer]
  ) throws {
    let progress = Progress(total: input.total(of: inputs), isEnabled: !hidesProgress)
    let problems = try arguments.problems(keeping: partial?.progress.errorBytes ?? 0)
    let runner = ChunkRunner(
      limit: input.batch.limit, progress: progress, problems: problems, answer: answer)
    let start = ContinuousClock.now
    do {
      let all = try input.chunks(inputs, keepsBadRows: problems.policy != .stop)
      let resumed = resumedChunks(of: all)
      let writer = RowWriter(
        renderer, to: sink, problems: problems, partial: partial, resumed: resumed, observe: observe
      )
      try runner.run(resumed ?? all) { chunk, answers in
        if terminal.isTerminal { progress.clear() }
        try writer.write(chunk, answers)
      }
      try writer.finish()
      if let note = writer.note { printMessage("swiftlet: note: \(note)") }
    } catch {
      throw try stopped(by: error, after: ContinuousClock.now - start)
    }
    runner.warn(of: cut, maxLength: maxLength, hint: hint)
    problems.warn()
  }

  /// The value of a row's group column; nil without one.
  func group(of text: SourcedText) -> String? { group?.value(in: text.columns) }

  // MARK: Interrupted runs

  /// The texts after those that an interrupted run has done; nil for a new run.
  private func resumedChunks(of all: any TextChunks) -> ResumedChunks? {
    guard let partial, partial.resumedRecords > 0 else { return nil }
    return ResumedChunks(all, after: partial.progress, of: partial.name)
  }

  /// Adds to an error how the run is continued. Deletes the rows of a run that is soon repeated.
  private func stopped(by error: any Error, after duration: Duration) throws -> any Error {
    guard let partial, partial.progress.records > 0,
      let failure = CommandFailure(explaining: error), failure.status != .usage
    else { return error }
    let isAccident = SignalWatch.pending != nil || failure.status == .inputOutput
    guard isAccident || partial.resumedRecords > 0 || duration > Self.worthKeeping else {
      partial.discard()
      return error
    }
    let way =
      failure.status == .badData
      ? "correct the input, or add --on-error skip, and run: " : "to continue, run: "
    let command = ShellText.resuming(try SwiftletCommand.words().filter { $0 != "--" })
    return CommandFailure(
      "\(failure.description); \(partial.summary); \(way)\(command)", failure.status)
  }
}
