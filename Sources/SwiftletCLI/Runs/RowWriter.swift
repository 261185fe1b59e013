/// Writes the answers of a run, and records after each chunk how far the output has come.
final class RowWriter<Answer: TaskAnswer> {
  private var renderer: any AnswerRenderer<Answer>
  private let sink: OutputSink
  private let problems: RowProblems
  private let partial: PartialOutput?
  /// The texts that an interrupted run has done.
  private let resumed: ResumedChunks?
  private var progress: RunProgress
  private var digest = RowDigest()
  private var hasBegun = false
  private let observe: (AnsweredText<Answer>) -> Void

  /// - Parameters:
  ///   - renderer: makes the bytes
  ///   - sink: where they are written; if they are kept, the file of `partial`
  ///   - problems: the rows that are passed over
  ///   - partial: records how far the output has come; nil if it is not kept
  ///   - resumed: skips the texts that an interrupted run has done; nil for a new run
  ///   - observe: is called with each row that is written
  init(
    _ renderer: any AnswerRenderer<Answer>, to sink: OutputSink, problems: RowProblems,
    partial: PartialOutput?, resumed: ResumedChunks?,
    observe: @escaping (AnsweredText<Answer>) -> Void
  ) {
    self.renderer = renderer
    self.sink = sink
    self.problems = problems
    self.partial = partial
    self.resumed = resumed
    self.observe = observe
    progress = partial?.progress ?? RunProgress()
  }

  /// Writes the answers to the first texts of a chunk.
  func write(_ chunk: [SourcedText], _ answers: [Answer?]) throws {
    let done = zip(chunk, answers).map(AnsweredText.init)
    guard !done.isEmpty else { return }
    let rows = done.filter { $0.text.problem == nil || problems.policy != .skip }
    if !rows.isEmpty { try begin(with: rows) }
    for row in rows {
      observe(row)
      try sink.write(renderer.bytes(of: row))
    }
    try sink.flush()
    try record(done, rowCount: rows.count)
  }

  /// Writes what precedes the first row, once; in a resumed run it is there already.
  private func begin(with rows: [AnsweredText<Answer>]) throws {
    guard !hasBegun else { return }
    hasBegun = true
    guard let resumed else {
      let readable = rows.filter { $0.text.problem == nil }
      return try sink.write(renderer.begin(with: readable.isEmpty ? rows : readable))
    }
    digest = resumed.digest
    _ = renderer.begin(with: resumed.firstRows.map { AnsweredText(text: $0, answer: nil) })
    renderer.skip(progress.rows)
  }

  private func record(_ done: [AnsweredText<Answer>], rowCount: Int) throws {
    progress.errorBytes = try problems.flush()
    guard let partial else { return }
    for row in done { digest.add(row.text) }
    progress.records += done.count
    progress.rows += rowCount
    progress.digest = digest.hex
    try partial.record(progress)
  }

  /// What the output lacks, for the user to know after the last row.
  var note: String? { renderer.note }

  /// Writes the rest and completes the output.
  func finish() throws {
    try begin(with: [])
    if let start = renderer.finish() { try sink.overwriteStart(with: start) }
    try sink.finish()
    _ = try problems.flush()
  }
}
