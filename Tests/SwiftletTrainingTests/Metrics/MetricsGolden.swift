/// `metrics.json`: what scikit-learn, scipy and seqeval compute.
struct MetricsGolden: Decodable, Sendable {
  struct Classification: Decodable, Sendable {
    let classes: Int
    let logits: [Float]
    let truth: [Int]
    let accuracy: Double
    let interval: [Double]
    let macroF1: Double
    let microF1: Double
    let weightedF1: Double
    let precision: [Double]
    let recall: [Double]
    let f1: [Double]
    let support: [Int]
    let confusion: [[Int]]
    let logLoss: Double
    let calibrationError: Double
    let brierScore: Double
  }

  struct MultiLabel: Decodable, Sendable {
    let labels: Int
    let logits: [Float]
    let truth: [Float]
    let microF1: Double
    let macroF1: Double
    let subsetAccuracy: Double
    let averagePrecisions: [Double?]
    let logLoss: Double
  }

  struct Regression: Decodable, Sendable {
    let predicted: [Double]
    let target: [Double]
    let mse: Double
    let mae: Double
    let pearson: Double
    let spearman: Double
  }

  struct Tokens: Decodable, Sendable {
    let labels: [String]
    let mode: String
    let truth: [[Int]]
    let predicted: [[Int]]
    let precision: Double
    let recall: Double
    let f1: Double
    let macroF1: Double
    let accuracy: Double
    let support: [Int]?
  }

  struct Answers: Decodable, Sendable {
    let version: Int
    let predictions: [String]
    let answers: [[String]]
    let exact: [Int]
    let overlaps: [Double]
  }

  let classification: [Classification]
  let multiLabel: MultiLabel
  let regression: Regression
  let tokens: [Tokens]
  let answers: [Answers]

  static func load() throws -> MetricsGolden {
    try TrainingGolden.load("metrics", as: MetricsGolden.self)
  }
}

/// Whether two metrics are equal, except for the rounding of sums in another order.
func isClose(_ value: Double?, _ expected: Double?) -> Bool {
  guard let value, let expected else { return value == nil && expected == nil }
  return abs(value - expected) <= 1e-9
}
