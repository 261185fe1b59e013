import Glibc
import Swiftlet

/// The evaluation of one model, with everything that is printed or written on request.
extension EvaluateCommand {
  func evaluate(
    _ run: inout EvaluationRun, _ function: ScoreFunction, _ mapped: LabelMapping
  ) throws {
    let labels = run.classifier.labels
    var evaluation = Evaluation(
      labels: labels, function: function, temperature: running.temperature, scope: scope)
    var tally = try copies.duplicates ? duplicates(mapped) : nil
    let input = run.input
    let answer = answering(run.classifier)
    let interruption = try run.run(classify: answer) { rows in
      for row in rows {
        evaluation.add(
          row.answer.logits, of: row.text, expected: row.expected, group: input.group(of: row.text))
        tally?.add(
          row.text.text, pair: row.text.pair, line: row.text.line ?? row.text.record,
          label: row.expected.map { labels[$0] }.joined(separator: ", "))
      }
      if (evaluation.groups?.count ?? 0) > GroupTally.limit { throw tooManyGroups }
    }
    var summary = EvaluationSummary(
      source: source(run, isPartial: interruption != nil), evaluation: evaluation)
    summary.listsMistakes = errors != nil
    summary.showsBins = page.calibrationBins
    summary.groupColumn = groupBy
    summary.duplicates = tally.map { DuplicateReport($0, file: run.input.input.name) }
    try fit(&summary)
    try write(
      json: SummaryJSON.value(summary),
      text: ReportText.text(
        summary, terminal: Terminal(descriptor: STDOUT_FILENO)))
    if let interruption { throw partial(interruption) }
    try writeFiles(summary)
  }

  private var scope: EvaluationScope {
    EvaluationScope(
      errorLimit: errors ?? (page.report == nil ? nil : 20), hasGroups: groupBy != nil,
      hasHistograms: page.report != nil,
      keepsRows: fitting.needsRows || issues.labelIssues != nil,
      keepsMistakes: issues.labelIssues != nil)
  }

  private var tooManyGroups: CommandFailure {
    CommandFailure(
      "--group-by \(groupBy ?? ""): more than \(NumberText.grouped(GroupTally.limit)) different"
        + " values; name a column with fewer", .badData)
  }

  func partial(_ interruption: CommandFailure) -> CommandFailure {
    let names = files.map(\.option).joined(separator: " and ")
    return CommandFailure(
      interruption.description + "; the figures are those of the rows before"
        + (names.isEmpty ? "" : ", and \(names) was not written"), interruption.status)
  }

  /// Computes what needs the scores of all rows.
  private func fit(_ summary: inout EvaluationSummary) throws {
    guard let rows = summary.evaluation.rows else { return }
    let function = summary.evaluation.function
    if fitting.fitTemperature {
      summary.temperature = TemperatureFit(summary.evaluation, rows: rows)
    }
    let goals =
      (fitting.precisionAt.map { [ThresholdTable.Goal.precision($0)] } ?? [])
      + (fitting.recallAt.map { [.recall($0)] } ?? [])
    if !goals.isEmpty {
      let temperature = summary.temperature?.temperature ?? running.temperature
      let scores = rows.scores(function, temperature: temperature)
      summary.thresholds = goals.map {
        ThresholdTable(
          $0, labels: summary.labels, rows: rows, scores: scores, temperature: temperature)
      }
    }
    guard issues.labelIssues != nil else { return }
    summary.issues = try IssueList(
      rows: rows, scores: rows.scores(function, temperature: running.temperature),
      filter: issues.filter, ranking: issues.ranking)
  }

  private func writeFiles(_ summary: EvaluationSummary) throws {
    for file in files {
      if let list = summary.issues, let format = IssueFormat(path: file.path) {
        try file.write(
          IssueFile.bytes(
            list, labels: summary.labels, hasPairs: pairColumn != nil, format: format))
      } else {
        try file.write(Array(ReportPage.html(summary).utf8))
      }
    }
  }

  /// Reads the file of --against.
  private func duplicates(_ mapped: LabelMapping) throws -> DuplicateTally {
    var tally = DuplicateTally(otherFile: copies.against)
    guard let path = copies.against else { return tally }
    let labelled = try columns.input(
      at: path, labelColumn: labels.labelColumn, pairColumn: pairColumn, wantsLabel: true)
    let unlabelled = try columns.input(at: path, pairColumn: pairColumn)
    var mapped = mapped
    try tally.read(labelled, else: unlabelled) { label in
      mapped.several(label)?.map { mapped.model.labels[$0] }.joined(separator: ", ")
    }
    return tally
  }
}
