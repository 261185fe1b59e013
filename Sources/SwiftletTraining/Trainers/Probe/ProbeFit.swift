import SwiftletRuntime

/// The linear model of a task over the features of labelled rows.
struct ProbeFit: Sendable {
  /// [outputs, features]
  let weights: [Double]
  /// [outputs]
  let biases: [Double]

  /// Fits a logistic regression for labels, or a ridge regression for numbers.
  ///
  /// - Parameters:
  ///   - features: The rows of `examples`.
  ///   - examples: Labelled examples of `data`.
  ///   - data: The training examples.
  ///   - classWeights: The weight of each label, or of its positive rows; nil for equal ones.
  ///   - isBalanced: Whether each label of several counts its rows with and without it equally.
  ///   - pool: The threads.
  /// - Throws: ``TrainingError/noExamples(file:reason:)`` for a label that no row or every row has; what
  ///   ``LogisticRegression`` and ``RidgeRegression`` throw.
  init(
    _ features: FeatureMatrix, _ examples: [Int], of data: EncodedDataset, classWeights: [Float]?,
    isBalanced: Bool, pool: WorkerPool
  ) throws(TrainingError) {
    var options = ProbeOptions()
    options.classWeights = classWeights?.map(Double.init)
    switch data.task {
    case .regression:
      let targets = examples.map { example in
        if case .value(let value) = data.target(of: example) { value } else { Float.nan }
      }
      let model = try RidgeRegression(features, targets: targets, options: options, pool: pool)
        .model
      (weights, biases) = (model.weights, model.intercepts)
    case .multiLabel:
      let flags = examples.map { data.labelFlags(of: $0) }
      try Self.check(flags, data)
      (options.balancesClasses, options.classWeights) = (
        isBalanced, isBalanced ? nil : options.classWeights
      )
      let regression = try LogisticRegression(
        features, labels: flags.flatMap(\.self), labelCount: data.labels.count, options: options,
        pool: pool)
      (weights, biases) = (regression.model.weights, regression.model.intercepts)
    default:
      let classes = examples.map { data.classNumber(of: $0) ?? 0 }
      try Self.check(classes, data)
      let regression = try LogisticRegression(
        features, classes: classes, classCount: data.labels.count, options: options, pool: pool)
      (weights, biases) = regression.classifierParameters
    }
  }

  private static func check(_ classes: [Int], _ data: EncodedDataset) throws(TrainingError) {
    let used = Set(classes)
    guard let missing = data.labels.indices.first(where: { !used.contains($0) }) else { return }
    throw .noExamples(
      file: data.rows.file,
      reason: "no training row has the label \(data.labels[missing]), which a probe needs; add "
        + "rows, or use --method head")
  }

  private static func check(_ flags: [[Bool]], _ data: EncodedDataset) throws(TrainingError) {
    for (label, name) in data.labels.enumerated() {
      let count = flags.count { $0[label] }
      guard count == 0 || count == flags.count else { continue }
      throw .noExamples(
        file: data.rows.file,
        reason: "\(count == 0 ? "no" : "every") training row has the label \(name); a probe needs "
          + "rows with and without it; add rows, or use --method head")
    }
  }
}
