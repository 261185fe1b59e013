import Swiftlet
import SwiftletJSON
import Testing

@testable import SwiftletCLI

@Suite struct ReportTextTests {
  private static func report() -> ClassificationReport {
    var report = ClassificationReport(labels: ["NEGATIVE", "POSITIVE"])
    for (expected, predicted, count) in [(0, 0, 2), (0, 1, 1), (1, 1, 5)] {
      for _ in 0..<count { report.add(expected: expected, predicted: predicted) }
    }
    return report
  }

  @Test func `the text has accuracy, a row for each class and the matrix`() {
    let terminal = Terminal(isTerminal: false, width: 80, usesColor: false)
    #expect(
      ReportText.text(Self.report(), terminal: terminal) == """
        accuracy  87.50%  (7 of 8)

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
    var report = ClassificationReport(labels: (0..<40).map { "intent-\($0)" })
    for _ in 0..<3 { report.add(expected: 7, predicted: 9) }
    report.add(expected: 1, predicted: 2)
    report.add(expected: 5, predicted: 5)
    let terminal = Terminal(isTerminal: true, width: 80, usesColor: false)
    let text = ReportText.text(report, terminal: terminal)
    #expect(!text.contains("expected \\ predicted"))
    #expect(text.contains("intent-7  intent-9       3\nintent-1  intent-2       1\n"))
  }

  @Test func `the JSON object has every count and score`() {
    let line = String(
      decoding: ReportText.json(
        Self.report(), of: ReportSource(model: "m", file: "f.tsv", emptyCount: 3)
      ).line, as: UTF8.self)
    let start = #"{"model":"m","file":"f.tsv","empty":3,"count":8,"correct":7,"accuracy":0.875,"#
    #expect(line.hasPrefix(start))
    #expect(line.contains(#""classes":[{"label":"NEGATIVE","precision":1.0,"recall":0.66666"#))
    #expect(line.hasSuffix("\"confusion\":[[2,1],[0,5]]}\n"))
  }
}
