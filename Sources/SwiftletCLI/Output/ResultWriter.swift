/// What is known about the output before the first row.
struct ResultPlan: Sendable {
  let labels: [String]
  let labelsPerRow: Int
  let listsScores: Bool
  let showsDecision: Bool
  let showsAccepted: Bool
  let showsFile: Bool
  /// Whether a column of ids was asked for; one that was found shows in the first rows.
  let wantsID: Bool
  let recordCount: Int?
  /// False where scores are raw outputs by request.
  let mayBeProbabilities: Bool
}

/// Writes rows in one format and flushes after each chunk; the first chunk settles the layout.
final class ResultWriter {
  private let sink: OutputSink
  private let format: ClassifyFormat
  private let terminal: Terminal
  private let plan: ResultPlan
  private var formatter: (any ResultFormatter)?

  init(sink: OutputSink, format: ClassifyFormat, terminal: Terminal, plan: ResultPlan) {
    self.sink = sink
    self.format = format
    self.terminal = terminal
    self.plan = plan
  }

  /// Writes a chunk's rows; `progress` may have a line on the same terminal, which makes room first.
  func write(_ rows: [ResultRow], clearing progress: Progress) throws {
    guard !rows.isEmpty else { return }
    var bytes: [UInt8] = []
    let formatter = begin(with: rows, bytes: &bytes)
    for row in rows { formatter.append(row, to: &bytes) }
    if terminal.isTerminal { progress.clear() }
    try sink.write(bytes)
    try sink.flush()
  }

  /// Completes the output; without any row a file of columns has its header, the others are empty.
  func finish() throws {
    if formatter == nil, format == .csv || format == .tsv {
      var bytes: [UInt8] = []
      _ = begin(with: [], bytes: &bytes)
      try sink.write(bytes)
    }
    try sink.finish()
  }

  private func begin(with sample: [ResultRow], bytes: inout [UInt8]) -> any ResultFormatter {
    if let formatter { return formatter }
    let new = makeFormatter(sample: sample)
    formatter = new
    bytes += new.header()
    return new
  }

  private func makeFormatter(sample: [ResultRow]) -> any ResultFormatter {
    let layout = ResultLayout(
      labels: plan.labels,
      labelsPerRow: plan.labelsPerRow,
      listsScores: plan.listsScores,
      showsDecision: plan.showsDecision,
      showsAccepted: plan.showsAccepted,
      showsFile: plan.showsFile,
      showsID: plan.wantsID || sample.contains { $0.id != nil },
      scoresAreProbabilities: plan.mayBeProbabilities
        && sample.allSatisfy { row in row.scores.first.map { (0...1).contains($0.score) } ?? true },
      recordCount: plan.recordCount
    )
    switch format {
    case .table: return TableFormatter(layout: layout, terminal: terminal, sample: sample)
    case .jsonl: return JSONLinesFormatter(layout: layout)
    case .csv: return CSVFormatter(layout: layout)
    case .tsv: return CSVFormatter(layout: layout, separator: UInt8(ascii: "\t"))
    }
  }
}
