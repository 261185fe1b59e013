import Glibc

/// Collects rows for ``MultiLabelMetrics``. It keeps one score for each row and label, which the
/// average precision needs.
package struct MultiLabelCounter: Sendable {
  private let labels: [String]
  private let thresholds: [Float]
  private var exact = Proportion()
  private var hits: [Int]
  private var predicted: [Int]
  private var scores: [[Score]]
  private var logLoss = 0.0
  private var squaredError = 0.0
  private var bins = CalibrationCounter()

  private struct Score {
    let logit: Float
    let isTrue: Bool
  }

  /// - Parameters:
  ///   - labels: of the model.
  ///   - thresholds: a probability for each label, above which it is predicted; nil means 0.5.
  package init(labels: [String], thresholds: [Double]? = nil) {
    precondition(thresholds.map { $0.count == labels.count } ?? true, "a threshold for each label")
    self.labels = labels
    // As logits: p > t where x > log(t / (1 - t)).
    self.thresholds = labels.indices.map { index in
      thresholds.map { Float(log($0[index] / (1 - $0[index]))) } ?? 0
    }
    hits = Array(repeating: 0, count: labels.count)
    predicted = hits
    scores = Array(repeating: [], count: labels.count)
  }

  /// Adds one row. A label is predicted if its probability is above its threshold.
  ///
  /// - Parameters:
  ///   - logits: one for each label.
  ///   - targets: 1 for each label that the row has, otherwise 0.
  package mutating func add(logits: UnsafePointer<Float>, targets: UnsafePointer<Float>) {
    var isExact = true
    for label in labels.indices {
      let isTrue = targets[label] > 0.5
      let isPredicted = logits[label] > thresholds[label]
      hits[label] += isTrue && isPredicted ? 1 : 0
      predicted[label] += isPredicted ? 1 : 0
      scores[label].append(Score(logit: logits[label], isTrue: isTrue))
      logLoss +=
        BinaryCrossEntropy.element(
          Double(logits[label]), target: Double(targets[label]), weight: 1
        ).loss
      let probability = 1 / (1 + exp(-Double(logits[label])))
      squaredError += (probability - (isTrue ? 1 : 0)) * (probability - (isTrue ? 1 : 0))
      bins.add(confidence: probability, isCorrect: isTrue)
      isExact = isExact && isTrue == isPredicted
    }
    exact.add(isExact)
  }

  /// The metrics of the rows so far.
  package func metrics() -> MultiLabelMetrics {
    let perLabel = labels.indices.map { label in
      ClassScore(
        label: labels[label], hits: hits[label], predicted: predicted[label],
        support: scores[label].reduce(0) { $0 + ($1.isTrue ? 1 : 0) })
    }
    let decisions = Double(max(1, exact.total * labels.count))
    return MultiLabelMetrics(
      exact: exact, perLabel: perLabel, averagePrecisions: scores.map(Self.averagePrecision),
      logLoss: logLoss / decisions, calibrationError: bins.error(ofRows: decisions),
      calibrationBins: bins.bins, brierScore: squaredError / decisions)
  }

  /// Σ (recall_n - recall_n-1) precision_n over the distinct scores from the largest to the smallest.
  private static func averagePrecision(_ scores: [Score]) -> Double? {
    let positives = scores.reduce(0) { $0 + ($1.isTrue ? 1 : 0) }
    guard positives > 0 else { return nil }
    let sorted = scores.sorted { $0.logit > $1.logit }
    var (hits, counted, sum) = (0, 0, 0.0)
    for (index, score) in sorted.enumerated() {
      hits += score.isTrue ? 1 : 0
      let endsTie = index + 1 == sorted.count || sorted[index + 1].logit != score.logit
      guard endsTie else { continue }
      sum += Double(hits - counted) * Double(hits) / Double(index + 1)
      counted = hits
    }
    return sum / Double(positives)
  }
}
