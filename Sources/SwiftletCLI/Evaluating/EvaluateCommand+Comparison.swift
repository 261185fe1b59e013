import Glibc
import Swiftlet

/// The comparison of float32 with int8.
extension EvaluateCommand {
  func compare(_ run: inout EvaluationRun, with quantized: Classifier) throws {
    var comparison = ModelComparison(labels: run.classifier.labels)
    let (answer, other) = (answering(run.classifier), answering(quantized))
    let interruption = try run.run(classify: answer) { rows in
      let start = ContinuousClock.now
      let others = try other(rows.map(\.text))
      comparison.quantizedSeconds += (ContinuousClock.now - start) / .seconds(1)
      for (row, other) in zip(rows, others) {
        comparison.add(expected: row.expected.first ?? 0, exact: row.answer, quantized: other)
      }
    }
    comparison.exactSeconds = run.computedSeconds
    let source = source(run, isPartial: interruption != nil)
    try write(
      json: ComparisonText.json(comparison, of: source),
      text: ComparisonText.text(comparison, terminal: Terminal(descriptor: STDOUT_FILENO)))
    if let interruption { throw partial(interruption) }
  }
}
