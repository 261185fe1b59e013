import Glibc
import Swiftlet
import Testing

/// Transformers' text-classification pipeline chooses by `problem_type` first, then by the number of
/// labels.
struct ScoreFunctionTests {
  @Test(
    arguments: [
      ("\"regression\"", 1, ScoreFunction.none), ("\"regression\"", 3, .none),
      ("\"multi_label_classification\"", 1, .sigmoid),
      ("\"multi_label_classification\"", 3, .sigmoid),
      ("\"single_label_classification\"", 1, .sigmoid),
      ("\"single_label_classification\"", 3, .softmax),
      ("null", 1, .sigmoid), ("null", 2, .softmax), ("null", 3, .softmax), (nil, 1, .sigmoid),
      (nil, 3, .softmax),
    ] as [(String?, Int, ScoreFunction)])
  func `the configuration chooses the function`(
    problemType: String?, labels: Int, function: ScoreFunction
  ) throws {
    let fixture = [1: "one-label", 2: "plain", 3: "single-label"][labels] ?? ""
    let model = try TemporaryModel(copying: fixture)
    try model.change("config.json", ["problem_type": problemType])
    let classifier = try model.classifier()
    for answer in try classifier.classify(Texts.mixed) {
      let scores = Self.scores(of: answer.logits, function)
      for (label, score) in zip(classifier.labels, scores) {
        let found = answer.scores.first { $0.label == label }?.score
        #expect(isClose(found ?? .nan, score))
      }
    }
  }

  @Test(arguments: ScoreFunction.allCases, ["regression", "multi-label", "plain", "one-label"])
  func `the options overrule the configuration`(function: ScoreFunction, fixture: String) throws {
    let classifier = try Fixture.classifier(fixture)
    let options = ClassificationOptions(function: function)
    for answer in try classifier.classify(Texts.mixed, options: options) {
      let scores = Self.scores(of: answer.logits, function)
      let best = scores.max() ?? .nan
      #expect(isClose(answer.score, best))
      #expect(answer.scores.count == classifier.labels.count)
      if function == .none { #expect(Double(answer.score) == best) }
      if function == .softmax {
        #expect(isClose(answer.scores.map(\.score).reduce(0, +), 1))
      }
    }
  }

  @Test(arguments: ScoreFunction.allCases)
  func `weights of any magnitude give an answer`(function: ScoreFunction) throws {
    for value in [0, 1e30, -1e30, .infinity, .nan] as [Float] {
      let model = try TemporaryModel(copying: "single-label")
      try model.changeTensors { tensors in
        for index in tensors.indices where tensors[index].name.hasPrefix("classifier") {
          tensors[index].values = tensors[index].values.indices.map { $0 % 2 == 0 ? value : -value }
        }
      }
      let options = ClassificationOptions(function: function)
      let answer = try model.classifier().classify("good", options: options)
      #expect(answer.scores.count == 3)
      #expect(Set(answer.scores.map(\.label)).count == 3)
    }
  }

  private static func scores(of logits: [Float], _ function: ScoreFunction) -> [Double] {
    let values = logits.map { Double($0) }
    switch function {
    case .none: return values
    case .sigmoid: return values.map { 1 / (1 + exp(-$0)) }
    case .softmax:
      let sum = values.reduce(0) { $0 + exp($1) }
      return values.map { exp($0) / sum }
    }
  }

  /// Equal within the roundings of a few float32 operations on numbers of that size.
  private func isClose(_ value: Float, _ expected: Double) -> Bool {
    abs(Double(value) - expected) <= 8 * Double(Float.ulpOfOne) * max(abs(expected), 1)
  }
}
