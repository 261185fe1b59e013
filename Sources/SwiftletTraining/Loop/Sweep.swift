/// Trainings with several values of some options, of which the best is kept.
package struct Sweep: Sendable, Equatable {
  /// An option and the values to try.
  package struct Axis: Sendable, Equatable {
    package let flag: String
    package let values: [String]
  }

  package let axes: [Axis]
  /// The options of each training: every combination, the last axis changing first.
  package let candidates: [TrainingOptions]

  /// Options that do not change the model, and those that models are compared by.
  private static let fixed = [
    "threads", "max-memory", "log-every", "save-every", "evaluation-batch-size", "metric",
  ]
  /// The most trainings of a sweep.
  private static let limit = 1000

  /// Reads axes such as `learning-rate=1e-5,3e-5`.
  ///
  /// - Throws: ``TrainingError/invalidOption(name:reason:)`` for text that is not an axis, and for every
  ///   combination that is not valid.
  package init(_ texts: [String], base: TrainingOptions) throws(TrainingError) {
    var axes: [Axis] = []
    var candidates = [base]
    for text in texts {
      let axis = try Self.axis(text)
      guard !axes.contains(where: { $0.flag == axis.flag }) else {
        throw Self.error("names '\(axis.flag)' twice; write its values in one list")
      }
      axes.append(axis)
      guard candidates.count * axis.values.count <= Self.limit else {
        throw Self.error("has more than \(Self.limit) combinations; try fewer values")
      }
      candidates = try Self.product(candidates, axis)
    }
    guard !axes.isEmpty else { throw Self.error("has no option; write learning-rate=1e-5,3e-5") }
    for candidate in candidates { try candidate.validate() }
    self.axes = axes
    self.candidates = candidates
  }

  private static func axis(_ text: String) throws(TrainingError) -> Axis {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
      throw error(
        "is '\(text)', but must be an option with values, such as learning-rate=1e-5,3e-5")
    }
    let flag = String(parts[0].drop { $0 == "-" })
    guard !fixed.contains(flag) else {
      throw error(
        "can't vary '\(flag)', which does not change the model or is what models are "
          + "compared by")
    }
    // A value of class weights has commas itself.
    guard flag != "class-weights" || !parts[1].contains(where: \.isNumber) else {
      throw error("can vary class-weights between none and balanced only")
    }
    let values = parts[1].split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    for (index, value) in values.enumerated() where values[..<index].contains(value) {
      throw error("has the value '\(value)' twice in '\(text)'")
    }
    return Axis(flag: flag, values: values)
  }

  private static func product(
    _ candidates: [TrainingOptions], _ axis: Axis
  ) throws(TrainingError) -> [TrainingOptions] {
    var product: [TrainingOptions] = []
    for candidate in candidates {
      for value in axis.values {
        var options = candidate
        try options.set(axis.flag, to: value)
        product.append(options)
      }
    }
    return product
  }

  private static func error(_ reason: String) -> TrainingError {
    .invalidOption(name: "--sweep", reason: reason)
  }
}

/// The trainings of a sweep.
package struct SweepResult: Sendable, Equatable {
  /// The options of each training.
  package let candidates: [TrainingOptions]
  /// What ``values`` are.
  package let metric: Metric
  /// The best value of each training; NaN where none is defined, and for a training that failed.
  package let values: [Double]

  package init(candidates: [TrainingOptions], metric: Metric, values: [Double]) {
    (self.candidates, self.metric, self.values) = (candidates, metric, values)
  }

  /// The index of the best training, the first one of equals; nil if no value is defined.
  package var best: Int? {
    values.indices.reduce(nil) { best, index in
      guard let best else { return values[index].isNaN ? nil : index }
      return metric.isBetter(values[index], than: values[best]) ? index : best
    }
  }
}
