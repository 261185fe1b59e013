import Glibc
import Swiftlet

/// The comparison of the precisions that the machine has.
extension EvaluateCommand {
  /// Compares the classifier of the run, which computes in float32, with the same model in the other
  /// precisions.
  func compare(_ run: inout EvaluationRun, from folder: String) throws {
    let others = Precision.allCases.filter { $0 != .float32 && $0.isSupported }
    let answers =
      [answering(run.classifier)]
      + (try others.map { answering(try model.loadClassifier(from: folder, $0)) })
    var comparison = ModelComparison(
      labels: run.classifier.labels, precisions: [.float32] + others)
    let timed = { (side: Int, texts: [SourcedText]) throws(SwiftletError) -> [Classification] in
      let start = ContinuousClock.now
      let found = try answers[side](texts)
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      comparison.add(seconds: seconds, texts: texts.count, toSide: side)
      return found
    }
    // The first side computes every text, the others only those whose label is known.
    let interruption = try run.run(
      classify: { (texts) throws(SwiftletError) in try timed(0, texts) }
    ) { rows in
      let texts = rows.map(\.text)
      let sides =
        [rows.map(\.answer)] + (try answers.indices.dropFirst().map { try timed($0, texts) })
      for (index, row) in rows.enumerated() {
        comparison.add(expected: row.expected.first ?? 0, sides.map { $0[index] })
      }
    }
    let source = source(run, isPartial: interruption != nil)
    try write(
      json: ComparisonText.json(comparison, of: source),
      text: ComparisonText.text(comparison, terminal: Terminal(descriptor: STDOUT_FILENO)))
    if let interruption { throw partial(interruption) }
  }
}
