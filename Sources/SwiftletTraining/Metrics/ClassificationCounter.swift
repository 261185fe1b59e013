import Glibc

/// Collects rows for ``ClassificationMetrics``, in memory that doesn't depend on their number.
package struct ClassificationCounter: Sendable {
  private static let binCount = 15

  private let labels: [String]
  private var confusion: [[Int]]
  private var logLoss = 0.0
  private var squaredError = 0.0
  private var bins = [Bin](repeating: Bin(), count: binCount)
  private var probabilities: [Double]

  private struct Bin {
    var correct = Proportion()
    var confidence = 0.0
  }

  package init(labels: [String]) {
    self.labels = labels
    confusion = Array(repeating: Array(repeating: 0, count: labels.count), count: labels.count)
    probabilities = Array(repeating: 0, count: labels.count)
  }

  /// Adds one row; the first of the largest logits is the prediction.
  ///
  /// - Parameters:
  ///   - logits: one for each label.
  ///   - label: the index of the true label.
  package mutating func add(logits: UnsafePointer<Float>, label: Int) {
    precondition(labels.indices.contains(label), "a label of the model")
    var predicted = 0
    for index in labels.indices where logits[index] > logits[predicted] { predicted = index }
    let largest = Double(logits[predicted])
    for index in labels.indices { probabilities[index] = exp(Double(logits[index]) - largest) }
    let sum = probabilities.reduce(0, +)
    for index in labels.indices {
      probabilities[index] /= sum
      let difference = probabilities[index] - (index == label ? 1 : 0)
      squaredError += difference * difference
    }
    logLoss += largest + log(sum) - Double(logits[label])
    confusion[label][predicted] += 1
    addToBin(confidence: probabilities[predicted], isCorrect: predicted == label)
  }

  /// Bin i has the confidences in (i / 15, (i + 1) / 15].
  private mutating func addToBin(confidence: Double, isCorrect: Bool) {
    guard !confidence.isNaN else { return }
    let bin = max(0, min(Self.binCount, Int((confidence * Double(Self.binCount)).rounded(.up))) - 1)
    bins[bin].correct.add(isCorrect)
    bins[bin].confidence += confidence
  }

  /// The metrics of the rows so far; all 0 without rows.
  package func metrics() -> ClassificationMetrics {
    let perClass = labels.indices.map { label in
      ClassScore(
        label: labels[label], hits: confusion[label][label],
        predicted: confusion.reduce(0) { $0 + $1[label] }, support: confusion[label].reduce(0, +))
    }
    let total = ClassScore.sum(perClass)
    let rows = Double(max(1, total.support))
    let gaps = bins.reduce(0) { $0 + abs($1.confidence - Double($1.correct.count)) }
    return ClassificationMetrics(
      correct: Proportion(count: total.hits, total: total.support), perClass: perClass,
      confusion: confusion, logLoss: logLoss / rows, calibrationError: gaps / rows,
      brierScore: squaredError / rows)
  }
}
