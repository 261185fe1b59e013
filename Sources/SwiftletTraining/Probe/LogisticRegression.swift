import Glibc
package import SwiftletRuntime
import SwiftletSystem

/// Logistic regression over frozen features.
///
/// Has the minimum of scikit-learn's `LogisticRegression` with its default solver: the sum of the losses
/// plus ½ ‖W‖² / C, intercepts not penalised, in float64; one sigmoid for two classes, softmax for more.
/// Several labels are one problem for each label, as in `OneVsRestClassifier`. The result has the same
/// bits on any number of threads.
package struct LogisticRegression: Sendable, Equatable {
  package enum Kind: Sendable, Equatable {
    /// One score, whose sigmoid is the probability of class 1.
    case binary
    /// A score for each class, for softmax.
    case multinomial
    /// A score for each label, each for a sigmoid.
    case multiLabel
  }

  package let kind: Kind
  package let model: LinearModel

  /// Fits one class for each row, from 0 to `classCount` - 1.
  ///
  /// - Throws: ``TrainingError/unreadable(reason:)`` for fewer than two classes, and for a class without
  ///   rows, whose intercept has no minimum; what ``FeatureMatrix`` throws.
  package init(
    _ features: FeatureMatrix, classes: [Int], classCount: Int,
    options: ProbeOptions = ProbeOptions(), pool: WorkerPool
  ) throws(TrainingError) {
    let counts = try Self.counts(of: classes, classCount: classCount)
    kind = classCount == 2 ? .binary : .multinomial
    let outputs = classCount == 2 ? 1 : classCount
    var targets = [Double](repeating: 0, count: classes.count * outputs)
    for (row, label) in classes.enumerated() {
      if outputs > 1 { targets[row * outputs + label] = 1 } else { targets[row] = Double(label) }
    }
    let balanced = counts.map { Double(classes.count) / Double(classCount * $0) }
    let weights = (options.balancesClasses ? balanced : options.classWeights).map { weights in
      classes.flatMap { [Double](repeating: weights[$0], count: outputs) }
    }
    let objective = try LinearObjective(
      outputs == 1 ? .logistic : .multinomial, features, targets: targets, outputCount: outputs,
      weights: weights, penalty: 1 / options.inverseRegularization, pool: pool)
    model = try LinearModel(objective, options)
  }

  /// Fits any number of labels for each row; `labels` are [rows, labels].
  ///
  /// - Throws: ``TrainingError/unreadable(reason:)`` for a label that every row has or no row has.
  package init(
    _ features: FeatureMatrix, labels: [Bool], labelCount: Int,
    options: ProbeOptions = ProbeOptions(), pool: WorkerPool
  ) throws(TrainingError) {
    let rowCount = labelCount > 0 ? labels.count / labelCount : 0
    var positives = [Int](repeating: 0, count: labelCount)
    for (index, isPositive) in labels.enumerated() where isPositive {
      positives[index % labelCount] += 1
    }
    for (label, count) in positives.enumerated() where count == 0 || count == rowCount {
      throw .unreadable(
        reason:
          "\(count == 0 ? "no" : "every") training row has the label with number \(label); a probe "
          + "needs rows with and without it")
    }
    kind = .multiLabel
    let balanced = labels.enumerated().map { index, isPositive in
      let count = positives[index % labelCount]
      return Double(rowCount) / Double(2 * (isPositive ? count : rowCount - count))
    }
    let weights = options.classWeights.map { weights in
      labels.enumerated().map { $1 ? weights[$0 % labelCount] : 1 }
    }
    let objective = try LinearObjective(
      .logistic, features, targets: labels.map { $0 ? 1 : 0 }, outputCount: labelCount,
      weights: options.balancesClasses ? balanced : weights,
      penalty: 1 / options.inverseRegularization, pool: pool)
    model = try LinearModel(objective, options)
  }

  private static func counts(
    of classes: [Int], classCount: Int
  ) throws(TrainingError) -> [Int] {
    guard classCount >= 2 else {
      throw .unreadable(
        reason: "a classifier needs two labels; the training rows have \(classCount)")
    }
    var counts = [Int](repeating: 0, count: classCount)
    for (row, label) in classes.enumerated() {
      requirePrecondition(
        counts.indices.contains(label), "class \(label) of \(classCount) in row \(row)")
      counts[label] += 1
    }
    if let empty = counts.firstIndex(of: 0) {
      throw .unreadable(reason: "no training row has the label with number \(empty)")
    }
    return counts
  }

  /// Returns the probabilities of all rows, [rows, classes].
  package func probabilities(_ features: FeatureMatrix, pool: WorkerPool) -> [Double] {
    let scores = model.scores(features, pool: pool)
    switch kind {
    case .multiLabel: return scores.map(Self.sigmoid)
    case .binary: return scores.flatMap { [Self.sigmoid(-$0), Self.sigmoid($0)] }
    case .multinomial:
      var result: [Double] = []
      result.reserveCapacity(scores.count)
      for start in stride(from: 0, to: scores.count, by: model.outputCount) {
        let row = scores[start..<start + model.outputCount]
        let largest = row.max() ?? 0
        let powers = row.map { exp($0 - largest) }
        let total = powers.reduce(0, +)
        result += powers.map { $0 / total }
      }
      return result
    }
  }

  private static func sigmoid(_ score: Double) -> Double { 1 / (1 + exp(-score)) }

  /// The layer `classifier` of a checkpoint: weights [labels, features] and biases [labels].
  ///
  /// The one score of two classes becomes two logits, whose softmax has the same probabilities.
  package var classifierLayer: (weights: [Float], biases: [Float]) {
    let (weights, biases) = classifierParameters
    return (weights.map(Float.init), biases.map(Float.init))
  }

  /// ``classifierLayer`` in float64.
  var classifierParameters: (weights: [Double], biases: [Double]) {
    guard kind == .binary else { return (model.weights, model.intercepts) }
    let weights = [-0.5, 0.5].flatMap { side in model.weights.map { side * $0 } }
    return (weights, [-0.5, 0.5].map { $0 * model.intercepts[0] })
  }
}
