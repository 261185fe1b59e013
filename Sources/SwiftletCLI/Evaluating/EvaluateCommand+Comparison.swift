import Glibc
import Swiftlet

/// The comparison of the precisions that the machine has.
extension EvaluateCommand {
  /// Compares the classifier of the run, which computes in float32, with the same model in the other
  /// precisions.
  func compare(_ run: inout EvaluationRun, from folder: String) throws {
    let others = Precision.allCases.filter { $0 != .float32 && $0.isSupported }
    let answers = try others.map { answering(try model.loadClassifier(from: folder, $0)) }
    var comparison = ModelComparison(
      labels: run.classifier.labels, precisions: [.float32] + others)
    let interruption = try run.run(classify: answering(run.classifier)) { rows in
      var sides: [[Classification]] = [rows.map(\.answer)]
      for (index, answer) in answers.enumerated() {
        let start = ContinuousClock.now
        sides.append(try answer(rows.map(\.text)))
        comparison.add(seconds: (ContinuousClock.now - start) / .seconds(1), toSide: index + 1)
      }
      for (index, row) in rows.enumerated() {
        comparison.add(expected: row.expected.first ?? 0, sides.map { $0[index] })
      }
    }
    comparison.add(seconds: run.computedSeconds, toSide: 0)
    let source = source(run, isPartial: interruption != nil)
    try write(
      json: ComparisonText.json(comparison, of: source),
      text: ComparisonText.text(comparison, terminal: Terminal(descriptor: STDOUT_FILENO)))
    if let interruption { throw partial(interruption) }
  }
}
