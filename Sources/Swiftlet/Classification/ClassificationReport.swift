import SwiftletSystem

/// Accuracy, confusion matrix, and precision, recall and F1 of each class.
///
/// Outcomes are added one at a time, so memory depends only on the number of labels. A quotient
/// with divisor zero counts as 0, as in scikit-learn's `classification_report`.
///
///     var report = ClassificationReport(labels: classifier.labels)
///     report.add(expected: 1, predicted: 1)
///     print(report.accuracy)
public struct ClassificationReport: Sendable, Equatable {
  /// The names of the classes, in index order.
  public let labels: [String]

  /// The number of outcomes of each pair: `confusion[expected][predicted]`, by class index.
  public private(set) var confusion: [[Int]]

  /// The number of outcomes added so far.
  public private(set) var count = 0

  /// The number of correct predictions: the trace of the confusion matrix.
  public private(set) var correct = 0

  /// Creates an empty report over the classes `labels`.
  public init(labels: [String]) {
    self.labels = labels
    confusion = Array(repeating: Array(repeating: 0, count: labels.count), count: labels.count)
  }

  /// Adds one outcome; both must be indices of `labels`.
  public mutating func add(expected: Int, predicted: Int) {
    requirePrecondition(
      labels.indices.contains(expected), "expected class \(expected) has no label")
    requirePrecondition(
      labels.indices.contains(predicted), "predicted class \(predicted) has no label")
    confusion[expected][predicted] += 1
    count += 1
    if expected == predicted { correct += 1 }
  }

  /// `correct / count`; 0 for an empty report.
  public var accuracy: Double { Self.quotient(correct, count) }

  /// The scores of every class, in index order.
  public var classes: [ClassScores] { labels.indices.map(scores(ofClass:)) }

  /// The unweighted mean of the classes' scores.
  ///
  /// `macro = sum_c score[c] / classes`, over all labels, even if they never occurred.
  public var macroAverage: AverageScores {
    average { _ in 1 }
  }

  /// The mean of the classes' scores, weighted by support.
  ///
  /// `weighted = sum_c score[c] support[c] / count`; its recall is the accuracy.
  public var weightedAverage: AverageScores {
    average { Double($0.support) }
  }

  private func scores(ofClass index: Int) -> ClassScores {
    let hits = confusion[index][index]
    let support = confusion[index].reduce(0, +)
    let predicted = confusion.reduce(0) { $0 + $1[index] }
    return ClassScores(
      label: labels[index],
      precision: Self.quotient(hits, predicted),
      recall: Self.quotient(hits, support),
      f1: Self.quotient(2 * hits, support + predicted),
      support: support
    )
  }

  private func average(weight: (ClassScores) -> Double) -> AverageScores {
    var sums = AverageScores(precision: 0, recall: 0, f1: 0)
    var total = 0.0
    for scores in classes {
      let share = weight(scores)
      sums.precision += share * scores.precision
      sums.recall += share * scores.recall
      sums.f1 += share * scores.f1
      total += share
    }
    guard total > 0 else { return sums }
    return AverageScores(
      precision: sums.precision / total, recall: sums.recall / total, f1: sums.f1 / total)
  }

  private static func quotient(_ dividend: Int, _ divisor: Int) -> Double {
    divisor == 0 ? 0 : Double(dividend) / Double(divisor)
  }
}

/// The scores of one class in a ``ClassificationReport``, from its TP, FP and FN.
public struct ClassScores: Sendable, Equatable {
  /// The class's name.
  public let label: String
  /// The share of its predictions that are correct: `TP / (TP + FP)`.
  public let precision: Double
  /// The share of its texts that were predicted: `TP / (TP + FN)`.
  public let recall: Double
  /// The harmonic mean of precision and recall: `2 TP / (2 TP + FP + FN)`.
  public let f1: Double
  /// The number of texts of the class: `TP + FN`.
  public let support: Int

  /// Creates a result from its parts, for tests of code that uses it.
  public init(label: String, precision: Double, recall: Double, f1: Double, support: Int) {
    self.label = label
    self.precision = precision
    self.recall = recall
    self.f1 = f1
    self.support = support
  }
}

/// Precision, recall and F1 over all classes of a ``ClassificationReport``.
public struct AverageScores: Sendable, Equatable {
  /// The mean of the classes' precisions.
  public internal(set) var precision: Double
  /// The mean of the classes' recalls.
  public internal(set) var recall: Double
  /// The mean of the classes' F1 scores (not the harmonic mean of the two means).
  public internal(set) var f1: Double

  /// Creates a result from its parts, for tests of code that uses it.
  public init(precision: Double, recall: Double, f1: Double) {
    self.precision = precision
    self.recall = recall
    self.f1 = f1
  }
}
