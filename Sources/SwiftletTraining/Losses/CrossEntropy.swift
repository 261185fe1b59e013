package import SwiftletKernelCore

/// Cross-entropy of logits against one class for each row: torch's `nn.CrossEntropyLoss` with
/// `weight`, `ignore_index` -100, `label_smoothing` and the mean as reduction.
///
/// Rows are independent, so a caller may compute parts of a matrix on several threads. The result
/// for a group of rows is the sum over its parts, each computed with the group's normaliser.
package struct CrossEntropy: Sendable {
  /// The target of a row without a label.
  package static let ignored: Int32 = -100

  /// One weight for each class; nil weighs all classes alike.
  package let classWeights: [Float]?
  /// ε: the share of each row's target that is spread over all classes.
  package let labelSmoothing: Double
  private let softmax: RowSoftmax
  private let sumOfWeights: Double?

  /// - Parameters:
  ///   - classWeights: one for each class; nil weighs all classes alike.
  ///   - labelSmoothing: ε, from 0 to 1.
  ///   - softmaxRows: the vectorised kernel for wide rows; without it, they are slow.
  package init(
    classWeights: [Float]? = nil, labelSmoothing: Double = 0, softmaxRows: SoftmaxRows? = nil
  ) {
    precondition(labelSmoothing >= 0 && labelSmoothing <= 1, "smoothing is a share")
    self.classWeights = classWeights
    self.labelSmoothing = labelSmoothing
    softmax = RowSoftmax(kernel: softmaxRows)
    sumOfWeights = classWeights.map { $0.reduce(0) { $0 + Double($1) } }
  }

  /// The sum of the class weights over all labelled rows of the whole group that one step averages
  /// over; without weights, their number.
  package func normalizer(for targets: some Sequence<Int32>) -> Double {
    targets.reduce(0) { $1 == Self.ignored ? $0 : $0 + weight(of: Int($1)) }
  }

  /// Returns Σ loss / normalizer over the rows and writes its gradient.
  ///
  /// If the normaliser is 0, because no row has a label, loss and gradient are 0.
  /// - Parameters:
  ///   - logits: [rows, classes]
  ///   - targets: one class for each row, or `ignored`.
  ///   - normalizer: of the whole group.
  ///   - gradient: [rows, classes]; it may be the memory of `logits`.
  /// - Returns: the loss of these rows as a part of the group's.
  package func callAsFunction(
    _ logits: Matrix<Float>, targets: some Collection<Int32>, normalizer: Double,
    gradient: Matrix<Float>
  ) -> Double {
    logits.requireShape(of: gradient)
    precondition(targets.count == logits.rows, "one target for each row")
    precondition(classWeights.map { $0.count == logits.columns } ?? true, "a weight for each class")
    var sum = 0.0
    for (row, target) in targets.enumerated() {
      if target == Self.ignored || normalizer <= 0 {
        gradient.clearRow(row)
      } else {
        sum += loss(
          of: logits.row(row), classes: logits.columns, target: Int(target),
          normalizer: normalizer, gradient: gradient.row(row))
      }
    }
    return normalizer > 0 ? sum / normalizer : 0
  }

  private func weight(of target: Int) -> Double { classWeights.map { Double($0[target]) } ?? 1 }

  /// w_t (1 - ε) (-log p_t) + ε / C Σ_c w_c (-log p_c), where -log p_c = log Σ e^x - x_c
  private func loss(
    of logits: UnsafePointer<Float>, classes: Int, target: Int, normalizer: Double,
    gradient: UnsafeMutablePointer<Float>
  ) -> Double {
    precondition(target >= 0 && target < classes, "a target is a class")
    let targetWeight = (1 - labelSmoothing) * weight(of: target)
    let share = labelSmoothing / Double(classes)
    let weights = sumOfWeights ?? Double(classes)
    let targetLogit = Double(logits[target])
    let weightedLogits = share > 0 ? sumOfWeightedLogits(logits, classes) : 0
    let logSum = softmax(logits, count: classes, into: gradient)

    // p (w_t (1 - ε) + ε / C Σ w) - ε / C w - w_t (1 - ε) e_t
    let scale = (targetWeight + share * weights) / normalizer
    let targetGradient =
      Double(gradient[target]) * scale
      - (share * weight(of: target) + targetWeight) / normalizer
    scaleProbabilities(gradient, classes, by: scale, minus: share / normalizer)
    gradient[target] = Float(targetGradient)
    return targetWeight * (logSum - targetLogit) + share * (weights * logSum - weightedLogits)
  }

  private func sumOfWeightedLogits(_ logits: UnsafePointer<Float>, _ classes: Int) -> Double {
    guard let classWeights else {
      return (0..<classes).reduce(0) { $0 + Double(logits[$1]) }
    }
    return RowProducts.dot(classWeights, logits, count: classes)
  }

  private func scaleProbabilities(
    _ row: UnsafeMutablePointer<Float>, _ classes: Int, by scale: Double, minus share: Double
  ) {
    let (scale, share) = (Float(scale), Float(share))
    if let classWeights, share > 0 {
      for index in 0..<classes { row[index] = row[index] * scale - share * classWeights[index] }
    } else {
      for index in 0..<classes { row[index] = row[index] * scale - share }
    }
  }
}
