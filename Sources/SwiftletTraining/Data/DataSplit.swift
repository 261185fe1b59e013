/// Splits rows into a training and a validation part.
package struct DataSplit: Sendable, Equatable {
  /// The share of rows for validation.
  package let share: Double
  package let seed: UInt64

  package init(share: Double, seed: UInt64) {
    self.share = share
    self.seed = seed
  }

  /// The examples of both parts in rising order, and the labels whose examples are all in training
  /// because they have one text only.
  struct Parts: Equatable {
    var training: [Int] = []
    var validation: [Int] = []
    var unsplitLabels: [Int32] = []
  }

  /// Splits the examples of a dataset.
  ///
  /// Examples with the same text, or with the same context for questions, stay together. A text's
  /// side depends on the text and the seed, not on its place in the file. In a classification every
  /// label has its share in both parts, but a label with one text stays in training.
  ///
  /// - Throws: ``TrainingError/invalidOption(name:reason:)`` for a share that is not between 0 and 1,
  ///   or that leaves one part empty.
  func parts(of data: EncodedDataset) throws(TrainingError) -> Parts {
    guard share > 0, share < 1 else {
      throw .invalidOption(
        name: "--validation", reason: "is \(share), but must be a share between 0 and 1")
    }
    var strata = Strata(data, seed: seed)
    let validation = strata.takeValidation(share: share, rowCount: data.count)
    guard validation.contains(true), validation.contains(false) else {
      throw .invalidOption(
        name: "--validation",
        reason:
          "is \(share), which leaves one part of \(data.count) row\(data.count == 1 ? "" : "s")"
          + " empty; give more rows, a file, or none")
    }
    var parts = Parts()
    for row in 0..<data.count {
      if validation[row] { parts.validation.append(row) } else { parts.training.append(row) }
    }
    parts.unsplitLabels = strata.unsplitLabels
    return parts
  }

  /// Divides the examples of a dataset into folds for cross-validation, by the rules of
  /// ``parts(of:)``: in a classification every label has its share in each fold.
  ///
  /// - Parameters:
  ///   - data: The examples.
  ///   - count: The number of folds, at least 2.
  ///   - seed: Selects the examples.
  /// - Returns: The examples of each fold in rising order; each example is in one fold.
  /// - Throws: ``TrainingError/invalidOption(name:reason:)`` for fewer than 2 folds, or more than
  ///   there are different texts.
  package static func folds(
    of data: EncodedDataset, count: Int, seed: UInt64
  ) throws(TrainingError) -> [[Int]] {
    let strata = Strata(data, seed: seed)
    guard count >= 2, count <= strata.textCount else {
      throw .invalidOption(
        name: "--cross-validate",
        reason:
          "is \(count), but must be from 2 to \(strata.textCount), the number of different texts")
    }
    let fold = strata.folds(count, rowCount: data.count)
    return (0..<count).map { number in fold.indices.filter { fold[$0] == number } }
  }
}
