package import SwiftletRuntime

/// Linear regression over frozen features with a penalty on the weights.
///
/// Has the minimum of scikit-learn's `Ridge` with `alpha` = 1 / C: ‖y - X Wᵀ - b‖² + alpha ‖W‖², with
/// intercepts that are not penalised.
package struct RidgeRegression: Sendable, Equatable {
  package let model: LinearModel

  /// Fits one or several numbers for each row; `targets` are [rows, outputs].
  ///
  /// - Throws: ``TrainingError/unreadable(reason:)`` for a target that is not finite; what
  ///   ``FeatureMatrix`` throws.
  package init(
    _ features: FeatureMatrix, targets: [Float], outputCount: Int = 1,
    options: ProbeOptions = ProbeOptions(), pool: WorkerPool
  ) throws(TrainingError) {
    if let index = targets.firstIndex(where: { !$0.isFinite }) {
      throw .unreadable(
        reason: "the target of row \(index / outputCount + 1) is \(targets[index]), not a number")
    }
    let objective = try LinearObjective(
      .squared, features, targets: targets.map(Double.init), outputCount: outputCount,
      penalty: 1 / options.inverseRegularization, pool: pool)
    model = try LinearModel(objective, options)
  }

  /// The layer `classifier` of a checkpoint: weights [outputs, features] and biases [outputs].
  package var classifierLayer: (weights: [Float], biases: [Float]) {
    (model.weights.map(Float.init), model.intercepts.map(Float.init))
  }
}
