import Glibc

/// Collects rows for ``ClassificationMetrics``, in memory that doesn't depend on their number.
package struct ClassificationCounter: Sendable {
  private let labels: [String]
  private var confusion: [[Int]]
  private var logLoss = 0.0
  private var squaredError = 0.0
  private var bins = CalibrationCounter()
  private var probabilities: [Double]

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
    bins.add(confidence: probabilities[predicted], isCorrect: predicted == label)
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
    return ClassificationMetrics(
      correct: Proportion(count: total.hits, total: total.support), perClass: perClass,
      confusion: confusion, logLoss: logLoss / rows, calibrationError: bins.error(ofRows: rows),
      calibrationBins: bins.bins, brierScore: squaredError / rows)
  }
}
