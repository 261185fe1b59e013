/// Probabilities [rows, labels] with the given label of each row, checked.
struct ProbabilityTable {
  let labels: [Int]
  let labelCount: Int
  private let probabilities: [Float]

  /// Ties and rounding below this count as equal, as in cleanlab.
  static let tolerance = 1e-6

  init(probabilities: [Float], labels: [Int], labelCount: Int) throws(TrainingError) {
    guard labelCount > 1 else {
      throw .invalidOption(
        name: "labelCount", reason: "must be at least 2, found \(labelCount)")
    }
    let (expected, overflows) = labels.count.multipliedReportingOverflow(by: labelCount)
    guard !overflows, probabilities.count == expected else {
      throw .invalidOption(
        name: "probabilities",
        reason: "must have \(labelCount) numbers for each of \(labels.count) rows, found"
          + " \(probabilities.count)")
    }
    if let row = labels.firstIndex(where: { !(0..<labelCount).contains($0) }) {
      throw .invalidOption(
        name: "labels",
        reason: "must be from 0 to \(labelCount - 1), found \(labels[row]) in row \(row)")
    }
    // NaN is in no range.
    if let place = probabilities.firstIndex(where: { !(0...1).contains($0) }) {
      throw .invalidOption(
        name: "probabilities",
        reason: "must be from 0 to 1, found \(probabilities[place]) in row \(place / labelCount)")
    }
    self.labels = labels
    self.labelCount = labelCount
    self.probabilities = probabilities
  }

  subscript(row: Int, label: Int) -> Double { Double(probabilities[row * labelCount + label]) }

  /// The first label with the highest probability.
  func predicted(in row: Int) -> Int {
    var best = 0
    for label in 1..<labelCount where self[row, label] > self[row, best] { best = label }
    return best
  }

  /// Whether the given label has the highest probability, within the tolerance.
  func predictsGiven(_ row: Int) -> Bool {
    let given = self[row, labels[row]] + Self.tolerance
    // Of equal ones the first counts.
    return (0..<labelCount).allSatisfy { label in
      label == labels[row]
        || (label < labels[row] ? self[row, label] < given : self[row, label] <= given)
    }
  }

  func issue(in row: Int) -> LabelIssue {
    let given = labels[row]
    var other = given == 0 ? 1 : 0
    for label in 0..<labelCount where label != given && self[row, label] > self[row, other] {
      other = label
    }
    return LabelIssue(
      row: row, given: given, suggested: predicted(in: row), selfConfidence: self[row, given],
      normalizedMargin: (self[row, given] - self[row, other] + 1) / 2)
  }
}
