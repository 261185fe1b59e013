import Swiftlet

/// The logits and labels of all rows: 4 bytes for each label and 9 for each row, and the texts of
/// mistakes where they are wanted.
struct ScoredRows {
  let labelCount: Int
  /// [rows, labels], before any temperature.
  private(set) var logits: [Float] = []
  /// The labels of all rows, one after the other.
  private var expected: [Int32] = []
  /// Where each row's labels end.
  private var ends: [Int] = []
  /// Texts of rows with a wrong answer, by row.
  private(set) var mistakes: [Int: SourcedText] = [:]
  private let keepsMistakes: Bool

  init(labelCount: Int, keepsMistakes: Bool) {
    self.labelCount = labelCount
    self.keepsMistakes = keepsMistakes
  }

  mutating func add(_ logits: [Float], _ outcome: RowOutcome, of text: SourcedText) {
    if keepsMistakes, !outcome.isCorrect { mistakes[ends.count] = text }
    self.logits += logits
    expected += outcome.expected.map(Int32.init)
    ends.append(expected.count)
  }

  var count: Int { ends.count }

  /// The only label of each row.
  var labels: [Int] { expected.map(Int.init) }

  /// Whether each row has `label`.
  func targets(of label: Int) -> [Bool] {
    var start = 0
    return ends.map { end in
      defer { start = end }
      return expected[start..<end].contains(Int32(label))
    }
  }

  /// Whether each row has each label, [rows, labels].
  var targets: [Bool] {
    var targets = [Bool](repeating: false, count: logits.count)
    var start = 0
    for (row, end) in ends.enumerated() {
      for label in expected[start..<end] { targets[row * labelCount + Int(label)] = true }
      start = end
    }
    return targets
  }

  /// Calls `body` with the logits and labels of each row.
  func forEach(_ body: (_ logits: [Float], _ expected: [Int]) -> Void) {
    var start = 0
    for (row, end) in ends.enumerated() {
      body(
        Array(logits[row * labelCount..<(row + 1) * labelCount]),
        expected[start..<end].map(Int.init))
      start = end
    }
  }

  /// The scores of all rows, [rows, labels], as `classify` computes them.
  func scores(_ function: ScoreFunction, temperature: Float) -> [Float] {
    var scores: [Float] = []
    scores.reserveCapacity(logits.count)
    forEach { logits, _ in scores += function.scores(of: logits.map { $0 / temperature }) }
    return scores
  }
}
