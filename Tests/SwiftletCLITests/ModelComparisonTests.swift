import ArgumentParser
import Swiftlet
import SwiftletJSON
import Testing

@testable import SwiftletCLI

@Suite struct ModelComparisonTests {
  /// Texts of which int8 gets one right that float32 gets wrong, and two the other way round.
  private static func comparison() throws -> ModelComparison {
    let classifier = try Classifier(directory: ModelArguments.directory(nil))
    let good = try classifier.classify("I loved it.")
    let bad = try classifier.classify("Dreadful.")
    var comparison = ModelComparison(labels: classifier.labels)
    for (expected, exact, quantized) in [
      (1, good, good), (0, bad, bad), (1, bad, good), (1, good, bad), (0, bad, good),
    ] {
      comparison.add(expected: expected, exact: exact, quantized: quantized)
    }
    comparison.exactSeconds = 2
    comparison.quantizedSeconds = 0.5
    return comparison
  }

  @Test func `accuracies, changed labels and differences are those of the answers`() throws {
    let comparison = try Self.comparison()
    #expect(comparison.exact.correct == 4 && comparison.quantized.correct == 3)
    #expect(comparison.changedLabels == 3)
    #expect((comparison.accuracyPoints + 20).magnitude < 1e-9)
    #expect(comparison.largestDifference > comparison.meanDifference)
    #expect(comparison.meanDifference > 0)
  }

  @Test func `an empty comparison counts no differences`() {
    let comparison = ModelComparison(labels: ["a", "b"])
    #expect(comparison.meanDifference == 0 && comparison.accuracyPoints == 0)
  }

  @Test func `the text has a row for each precision and the differences`() throws {
    let terminal = Terminal(isTerminal: false, width: 80, usesColor: false)
    let lines = ComparisonText.text(try Self.comparison(), terminal: terminal)
      .split(separator: "\n").map(String.init)
    #expect(lines[0] == "         accuracy  correct  macro f1  seconds  texts/s")
    #expect(lines[1].hasPrefix("float32    80.00%        4"))
    #expect(lines[1].hasSuffix("2.00     2.50"))
    #expect(lines[2].hasPrefix("int8       60.00%        3"))
    #expect(lines[4] == "accuracy              -20.00 points")
    #expect(lines[5] == "labels that changed   3 of 5 (60.00%)")
    #expect(lines[6].hasPrefix("logits differ by"))
  }

  @Test func `JSON has both sides`() throws {
    let comparison = try Self.comparison()
    let source = ReportSource(model: "m", file: "f", emptyCount: 0)
    let line = String(
      decoding: ComparisonText.json(comparison, of: source).line, as: UTF8.self)
    #expect(line.hasPrefix(#"{"model":"m","file":"f","empty":0,"count":5,"float32":{"correct":4,"#))
    #expect(line.contains(#""seconds":2.0},"int8":{"correct":3,"accuracy":0.6,"#))
    #expect(line.contains(#""changed_labels":3,"largest_logit_difference":"#))
  }

  @Test func `--compare excludes --precision`() {
    #expect(throws: (any Error).self) {
      _ = try EvaluateCommand.parse(["a.tsv", "--compare", "--precision", "int8"])
    }
    #expect(throws: Never.self) { _ = try EvaluateCommand.parse(["a.tsv", "--compare"]) }
  }

  @Test(arguments: [[], ["m"], ["m", "-o", ""], ["m", "-o", "x", "--threads", "0"]])
  func `quantize needs an output folder and a valid thread count`(arguments: [String]) {
    #expect(throws: (any Error).self) { _ = try QuantizeCommand.parse(arguments) }
  }
}
