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

  /// Checks the inputs, whose `pairColumn` has the second text of each row, and opens the output, which
  /// may not be a file of the folder `model`.
  init(
    _ input: TaskInputArguments, _ output: OutputArguments<Format>, model: String,
    pairColumn: String? = nil
  ) throws {
    self.input = input
    hidesProgress = output.file.hidesProgress
    terminal = output.terminal
    format = try output.chosenFormat(isTerminal: terminal.isTerminal)
    kept = output.kept.choice
    if let problem = output.kept.problem(texts: input.texts, format: format) {
      throw CommandFailure(problem, .usage)
    }
    inputs = try input.openableInputs(pairColumn: pairColumn, keeping: kept)
    sink = try output.file.openSink(reading: inputs, model: model)
  }

  /// Whether a column has the ids.
  var showsID: Bool { input.idColumn != nil }

  /// Writes the answer to each text.
  ///
  /// Warns at the end about texts that were empty or cut: `cut` names what is longer than `maxLength`
  /// tokens, `hint` the option that avoids the cut.
  func run<Answer: TaskAnswer>(
    _ renderer: any AnswerRenderer<Answer>, cut: String = "text", maxLength: Int,
    hint: String? = nil, answer: @escaping ([SourcedText]) throws(SwiftletError) -> [Answer]
  ) throws {
    let progress = Progress(total: input.total(of: inputs), isEnabled: !hidesProgress)
    let runner = ChunkRunner(limit: input.batch.limit, progress: progress, answer: answer)
    var renderer = renderer
    var hasBegun = false
    try runner.run(try input.chunks(inputs)) { chunk, answers in
      let rows = zip(chunk, answers).map(AnsweredText.init)
      guard !rows.isEmpty else { return }
      if terminal.isTerminal { progress.clear() }
      if !hasBegun { try sink.write(renderer.begin(with: rows)) }
      hasBegun = true
      for row in rows { try sink.write(renderer.bytes(of: row)) }
      try sink.flush()
    }
    if !hasBegun { try sink.write(renderer.begin(with: [])) }
    if let start = renderer.finish() { try sink.overwriteStart(with: start) }
    try sink.finish()
    if let note = renderer.note { printMessage("swiftlet: note: \(note)") }
    runner.warn(of: cut, maxLength: maxLength, hint: hint)
  }
}
