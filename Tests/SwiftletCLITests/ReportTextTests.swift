import Swiftlet
import SwiftletJSON
import SwiftletTraining
import Testing

@testable import SwiftletCLI

@Suite struct ReportTextTests {
  private static func evaluation(errorLimit: Int? = nil) -> Evaluation {
    var evaluation = Evaluation(
      labels: ["NEGATIVE", "POSITIVE"], scope: EvaluationScope(errorLimit: errorLimit))
    var line = 1
    for (expected, positive, count) in [(0, -2, 2), (0, 1, 1), (1, 3, 5)] as [(Int, Float, Int)] {
      for _ in 0..<count {
        line += 1
        evaluation.add([0, positive], of: Self.text(line: line), expected: expected)
      }
    }
    return evaluation
  }

  private static func summary(_ evaluation: Evaluation, listsMistakes: Bool = false)
    -> EvaluationSummary
  {
    var summary = EvaluationSummary(
      source: ReportSource(model: "m", file: "f.tsv", emptyCount: 3), evaluation: evaluation)
    summary.listsMistakes = listsMistakes
    return summary
  }

  private static func text(line: Int) -> SourcedText {
    SourcedText(
      text: "text \(line)", record: line - 1, line: line, file: "f.tsv", id: nil, label: nil,
      bytesThrough: 0)
  }

  @Test func `the text has accuracy, a row for each class and the matrix`() {
    let terminal = Terminal(isTerminal: false, width: 80, usesColor: false)
    #expect(
      ReportText.text(Self.summary(Self.evaluation()), terminal: terminal) == """
        accuracy  87.50%  (7 of 8)
        95 % interval 52.91% to 97.76%; calibration error 0.1508
        Brier score 0.1435; log loss 0.2263

                          precision  recall      f1  support
        NEGATIVE             1.0000  0.6667  0.8000        3
        POSITIVE             0.8333  1.0000  0.9091        5
        macro average        0.9167  0.8333  0.8545        8
        weighted average     0.8958  0.8750  0.8682        8

        expected \\ predicted  NEGATIVE  POSITIVE
        NEGATIVE                     2         1
        POSITIVE                     0         5

        """
    )
  }

  @Test func `a matrix wider than the terminal is replaced by the worst pairs`() {
    var evaluation = Evaluation(labels: (0..<40).map { "intent-\($0)" })
    for (expected, predicted) in [(7, 9), (7, 9), (7, 9), (1, 2), (5, 5)] {
      let logits = (0..<40).map { $0 == predicted ? Float(1) : 0 }
      evaluation.add(logits, of: Self.text(line: 2), expected: expected)
    }
    let terminal = Terminal(isTerminal: true, width: 80, usesColor: false)
    let text = ReportText.text(Self.summary(evaluation), terminal: terminal)
    #expect(!text.contains("expected \\ predicted"))
    #expect(text.contains("intent-7  intent-9       3\nintent-1  intent-2       1\n"))
  }

  @Test func `the JSON object has every count and score`() {
    let line = String(
      decoding: SummaryJSON.value(Self.summary(Self.evaluation())).line, as: UTF8.self)
    let start =
      #"{"model":"m","file":"f.tsv","empty":3,"count":8,"correct":7,"accuracy":0.875,"#
      + #""accuracy_interval":[0.52911"#
    #expect(line.hasPrefix(start))
    #expect(line.contains(#""classes":[{"label":"NEGATIVE","precision":1.0,"recall":0.66666"#))
    #expect(line.contains("\"confusion\":[[2,1],[0,5]],\"calibration_bins\":[{\"from\":0.0,"))
    let bins = SummaryJSON.value(Self.summary(Self.evaluation()))["calibration_bins"]?.elements
    #expect(bins?.count == 15 && bins?.last?["count"]?.int == 5)
  }

  @Test func `the surest mistakes come first, equal ones in their order`() {
    var evaluation = Evaluation(labels: ["a", "b"], scope: EvaluationScope(errorLimit: 3))
    for (line, logit) in [(2, 1), (3, 2), (4, 2), (5, 0.5), (6, 9)] as [(Int, Float)] {
      evaluation.add([logit, 0], of: Self.text(line: line), expected: line == 6 ? 0 : 1)
    }
    #expect(evaluation.mistakes.list.map(\.text.line) == [3, 4, 2])
    let first = evaluation.mistakes.list.first
    #expect(first?.predicted == [0] && first?.expected == [1])
    #expect(((first?.score ?? 0) - 0.880797).magnitude < 1e-6)
    #expect(((first?.expectedScore ?? 0) - 0.119203).magnitude < 1e-6)
  }

  @Test func `the temperature divides the logits of scores and calibration`() {
    var sure = Evaluation(labels: ["a", "b"], scope: EvaluationScope(errorLimit: 1))
    var unsure = Evaluation(
      labels: ["a", "b"], temperature: 4, scope: EvaluationScope(errorLimit: 1))
    sure.add([4, 0], of: Self.text(line: 2), expected: 1)
    unsure.add([4, 0], of: Self.text(line: 2), expected: 1)
    #expect(sure.metrics.calibrationError > unsure.metrics.calibrationError)
    #expect(((unsure.mistakes.list.first?.score ?? 0) - 0.731059).magnitude < 1e-6)
  }

  @Test func `mistakes are in the text and the JSON object on request`() {
    let terminal = Terminal(isTerminal: false, width: 80, usesColor: false)
    let summary = Self.summary(Self.evaluation(errorLimit: 5), listsMistakes: true)
    #expect(
      ReportText.text(summary, terminal: terminal).hasSuffix(
        """
        surest mistakes:
        line  expected  predicted   score  text
           4  NEGATIVE  POSITIVE   73.11%  text 4

        """))
    let errors = SummaryJSON.value(summary)["errors"]?.elements ?? []
    #expect(errors.count == 1 && errors.first?["text"]?.string == "text 4")
    #expect(SummaryJSON.value(Self.summary(Self.evaluation()))["errors"] == nil)
  }

  @Test func `without a mistake the list says so`() {
    var evaluation = Evaluation(labels: ["a", "b"], scope: EvaluationScope(errorLimit: 1))
    evaluation.add([1, 0], of: Self.text(line: 2), expected: 0)
    let terminal = Terminal(isTerminal: false, width: 80, usesColor: false)
    let text = ReportText.text(
      Self.summary(evaluation, listsMistakes: true), terminal: terminal)
    #expect(text.hasSuffix("\nAll answers are the expected labels.\n"))
  }
}
