import Glibc
package import SwiftletRuntime
import SwiftletSystem

/// A linear model over frozen features: scores = W x + b, in float64.
package struct LinearModel: Sendable, Equatable {
  package let featureCount: Int
  package let outputCount: Int
  /// [outputs, features]
  package let weights: [Double]
  /// [outputs]
  package let intercepts: [Double]
  /// Whether the gradient reached the tolerance within the limit of iterations.
  package let isConverged: Bool
  package let iterationCount: Int

  /// Minimises an objective from zero.
  init(_ objective: LinearObjective, _ options: ProbeOptions) throws(TrainingError) {
    try Self.check(options, objective.features)
    var parameters = [Double](repeating: 0, count: objective.parameterCount)
    let solver = LBFGS(tolerance: options.tolerance, iterationLimit: options.iterationLimit)
    let outcome = solver.minimize(&parameters, objective.evaluate)
    let (count, width) = (objective.features.columnCount, objective.features.stride)
    featureCount = count
    outputCount = objective.outputCount
    weights = (0..<outputCount).flatMap { parameters[$0 * width..<$0 * width + count] }
    intercepts = Array(parameters[(outputCount * width)...])
    isConverged = outcome.isConverged
    iterationCount = outcome.iterationCount
  }

  private static func check(
    _ options: ProbeOptions, _ features: FeatureMatrix
  ) throws(TrainingError) {
    guard options.inverseRegularization > 0, options.inverseRegularization.isFinite else {
      throw .invalidOption(
        name: "--regularization",
        reason: "is C = \(options.inverseRegularization), but must be a positive number")
    }
    guard features.rowCount > 0 else {
      throw .unreadable(reason: "a probe needs at least one labelled row")
    }
    if let row = features.firstNonFiniteRow {
      throw .unreadable(
        reason: "the features of row \(row + 1) are not finite; the base model computes NaN")
    }
  }

  /// Returns the scores of all rows, [rows, outputs].
  package func scores(_ features: FeatureMatrix, pool: WorkerPool) -> [Double] {
    requirePrecondition(
      features.columnCount == featureCount,
      "\(features.columnCount) features for a model of \(featureCount)")
    let padded = features.paddedRowCount
    let parameters = paddedParameters(stride: features.stride)
    let block = 64
    var scores = [Double](unsafeUninitializedCapacity: padded * outputCount) { buffer, count in
      count = padded * outputCount
      guard let target = buffer.baseAddress else { return }
      let shared = Target(pointer: target)
      pool.run(count: (padded + block - 1) / block) { index in
        let rows = index * block..<min((index + 1) * block, padded)
        parameters.withUnsafeBufferPointer { parameters in
          guard let parameters = parameters.baseAddress else { return }
          LinearScores.write(
            features, rows: rows, parameters, outputCount: outputCount,
            to: shared.pointer + rows.lowerBound * outputCount)
        }
      }
    }
    scores.removeLast((padded - features.rowCount) * outputCount)
    return scores
  }

  private func paddedParameters(stride: Int) -> [Double] {
    var parameters: [Double] = []
    for output in 0..<outputCount {
      parameters += weights[output * featureCount..<(output + 1) * featureCount]
      parameters += [Double](repeating: 0, count: stride - featureCount)
    }
    return parameters + intercepts
  }

  private struct Target: @unchecked Sendable {
    let pointer: UnsafeMutablePointer<Double>
  }
}

/// The options of a probe, with scikit-learn's names in the comments.
package struct ProbeOptions: Sendable, Equatable {
  /// `C`: the weight of the loss beside ½ ‖W‖².
  package var inverseRegularization = 1.0
  /// `class_weight="balanced"`: every class counts as much as any other.
  package var balancesClasses = false
  /// `class_weight` as numbers: of each class, or of the rows that have a label. Nil for equal ones.
  package var classWeights: [Double]?
  /// `tol`: the largest element of the gradient of the mean loss at the end.
  package var tolerance = 1e-6
  /// `max_iter`
  package var iterationLimit = 1000

  package init() {}
}
