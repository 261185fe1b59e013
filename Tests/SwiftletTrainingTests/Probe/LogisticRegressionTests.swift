import SwiftletRuntime
import Testing

@testable import SwiftletTraining

@Suite struct LogisticRegressionTests {
  private let pool = WorkerPool(threadCount: 2)

  private var precise: ProbeOptions {
    var options = ProbeOptions()
    options.tolerance = 1e-8
    return options
  }

  private func check(
    _ model: LinearModel, _ predictions: [Double], _ golden: ProbeGolden.Model
  ) {
    #expect(model.isConverged)
    #expect(largestDifference(model.weights, golden.weights) < 1e-3)
    #expect(largestDifference(model.intercepts, golden.intercepts) < 1e-3)
    let first = Array(predictions.prefix(golden.probabilities.count))
    #expect(largestDifference(first, golden.probabilities) < 1e-4)
  }

  @Test func `Two classes have scikit-learn's coefficients and probabilities`() throws {
    let data = try ProbeData(seed: 11, rows: 200, columns: 10, outputs: 1)
    let fitted = try LogisticRegression(
      data.features, classes: data.scores.map { $0 > 0 ? 1 : 0 }, classCount: 2, options: precise,
      pool: pool)
    #expect(fitted.kind == .binary)
    let golden = try #require(try ProbeGolden.read().models["binary"])
    check(fitted.model, fitted.probabilities(data.features, pool: pool), golden)
  }

  @Test(arguments: [("balanced", 12, 300, 33, 5), ("wide", 13, 500, 384, 3)])
  func `More classes have scikit-learn's coefficients and probabilities`(
    name: String, seed: Int, rows: Int, columns: Int, classes: Int
  ) throws {
    let data = try ProbeData(seed: seed, rows: rows, columns: columns, outputs: classes)
    var options = precise
    options.balancesClasses = name == "balanced"
    let fitted = try LogisticRegression(
      data.features, classes: data.classes, classCount: classes, options: options, pool: pool)
    let golden = try #require(try ProbeGolden.read().models[name])
    check(fitted.model, fitted.probabilities(data.features, pool: pool), golden)
  }

  @Test func `Several labels are scikit-learn's models, one against the rest`() throws {
    let data = try ProbeData(seed: 14, rows: 150, columns: 12, outputs: 4)
    var options = precise
    options.inverseRegularization = 2
    let fitted = try LogisticRegression(
      data.features, labels: data.scores.map { $0 > 0.4 }, labelCount: 4, options: options,
      pool: pool)
    let golden = try #require(try ProbeGolden.read().models["multiLabel"])
    check(fitted.model, fitted.probabilities(data.features, pool: pool), golden)
  }

  @Test func `Numbers are predicted by scikit-learn's ridge regression`() throws {
    let data = try ProbeData(seed: 15, rows: 201, columns: 16, outputs: 2)
    var options = precise
    options.inverseRegularization = 2
    let fitted = try RidgeRegression(
      data.features, targets: data.scores.map(Float.init), outputCount: 2, options: options,
      pool: pool)
    let golden = try #require(try ProbeGolden.read().models["ridge"])
    check(fitted.model, fitted.model.scores(data.features, pool: pool), golden)
  }

  @Test(arguments: [1, 3, 4])
  func `A model has the same bits on any number of threads`(threads: Int) throws {
    let data = try ProbeData(seed: 12, rows: 130, columns: 70, outputs: 5)
    func fit(_ pool: WorkerPool) throws -> LogisticRegression {
      try LogisticRegression(data.features, classes: data.classes, classCount: 5, pool: pool)
    }
    #expect(try fit(WorkerPool(threadCount: threads)) == fit(pool))
  }

  @Test func `The two logits of a binary model have the probabilities of its score`() throws {
    let data = try ProbeData(seed: 11, rows: 80, columns: 9, outputs: 1)
    let fitted = try LogisticRegression(
      data.features, classes: data.scores.map { $0 > 0 ? 1 : 0 }, classCount: 2, pool: pool)
    let layer = fitted.classifierLayer
    #expect(layer.weights.count == 18 && layer.biases.count == 2)
    let score = fitted.model.scores(data.features, pool: pool)[5]
    let logits = (0..<2).map { label in
      zip(layer.weights[label * 9..<(label + 1) * 9], data.features[5])
        .reduce(layer.biases[label]) { $0 + $1.0 * $1.1 }
    }
    #expect(abs(Double(logits[1] - logits[0]) - score) < 1e-5)
  }

  @Test func `Rows that one label has alone are an error, as are labels without rows`() throws {
    let features = try FeatureMatrix(columnCount: 1, values: [1, 2, 3])
    for (classes, count) in [([0, 0, 0], 1), ([0, 0, 0], 2), ([0, 2, 2], 3)] {
      #expect(throws: TrainingError.self) {
        try LogisticRegression(features, classes: classes, classCount: count, pool: pool)
      }
    }
    let error = #expect(throws: TrainingError.self) {
      try LogisticRegression(
        features, labels: [true, false, true, false, true, true], labelCount: 2, pool: pool)
    }
    #expect(error?.description.contains("every training row has the label with number 0") == true)
  }

  @Test func `Features that are not finite name their row`() throws {
    let features = try FeatureMatrix(columnCount: 1, values: [1, .nan, 3])
    let error = #expect(throws: TrainingError.self) {
      try LogisticRegression(features, classes: [0, 1, 1], classCount: 2, pool: pool)
    }
    #expect(error?.description.contains("row 2") == true)
  }

  @Test func `Classes that a feature separates end at finite weights`() throws {
    let features = try FeatureMatrix(columnCount: 1, values: [-2, -1, 1, 2])
    let fitted = try LogisticRegression(
      features, classes: [0, 0, 1, 1], classCount: 2, options: precise, pool: pool)
    #expect(fitted.model.isConverged && abs(fitted.model.weights[0]) < 10)
  }
}

@Suite struct LBFGSTests {
  @Test func `Rosenbrock's function is minimised from its usual start`() {
    var point = [-1.2, 1.0]
    let outcome = LBFGS(tolerance: 1e-10).minimize(&point) { x, gradient in
      let (a, b) = (1 - x[0], x[1] - x[0] * x[0])
      gradient = [-2 * a - 400 * x[0] * b, 200 * b]
      return a * a + 100 * b * b
    }
    #expect(outcome.isConverged && outcome.iterationCount < 60)
    #expect(largestDifference(point, [1, 1]) < 1e-9)
  }

  @Test func `A function without a minimum ends at the limit of iterations`() {
    var point = [0.0]
    let outcome = LBFGS(iterationLimit: 3).minimize(&point) { x, gradient in
      gradient = [-1]
      return -x[0]
    }
    #expect(!outcome.isConverged && outcome.value < 0)
  }

  @Test func `A start with a gradient of zero stays`() {
    var point = [3.0]
    let outcome = LBFGS().minimize(&point) { _, gradient in
      gradient = [0]
      return 1
    }
    #expect(point == [3] && outcome.isConverged && outcome.iterationCount == 0)
  }
}
