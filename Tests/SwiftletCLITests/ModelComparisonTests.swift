import ArgumentParser
import Swiftlet
import SwiftletJSON
import Testing

@testable import SwiftletCLI

@Suite struct ModelComparisonTests {
  /// Texts of which int8 gets one right that float32 gets wrong, and two the other way round. bfloat16
  /// answers as float32.
  private static func comparison(
    _ precisions: [Precision] = Precision.allCases
  ) throws -> ModelComparison {
    let classifier = try Classifier(directory: ModelArguments.directory(nil))
    let good = try classifier.classify("I loved it.")
    let bad = try classifier.classify("Dreadful.")
    var comparison = ModelComparison(labels: classifier.labels, precisions: precisions)
    for (expected, exact, quantized) in [
      (1, good, good), (0, bad, bad), (1, bad, good), (1, good, bad), (0, bad, good),
    ] {
      comparison.add(expected: expected, precisions.map { $0 == .int8 ? quantized : exact })
    }
    for (index, precision) in precisions.enumerated() {
      // float32 computed a text more, whose label is unknown.
      let texts = precision == .float32 ? 6 : 5
      comparison.add(seconds: precision == .int8 ? 0.5 : 2, texts: texts, toSide: index)
    }
    return comparison
  }

  @Test func `accuracies, changed labels and differences are those of the answers`() throws {
    let comparison = try Self.comparison()
    let sides = comparison.sides
    #expect(sides.map(\.precision) == [.float32, .bfloat16, .int8])
    #expect(sides.map(\.report.correct) == [4, 4, 3])
    #expect(sides.map(\.difference.changedLabels) == [0, 0, 3])
    #expect((comparison.accuracyPoints(sides[2]) + 20).magnitude < 1e-9)
    #expect(sides[1].difference.largest == 0 && sides[1].difference.mean == 0)
    #expect(sides[2].difference.largest > sides[2].difference.mean)
    #expect(sides[2].difference.mean > 0)
    #expect(sides.map(\.textsPerSecond) == [3, 2.5, 10])
  }

  @Test func `an empty comparison counts no differences`() {
    let comparison = ModelComparison(labels: ["a", "b"], precisions: [.float32, .int8])
    let int8 = comparison.sides[1]
    #expect(comparison.count == 0 && int8.difference.mean == 0)
    #expect(comparison.accuracyPoints(int8) == 0 && int8.textsPerSecond == 0)
  }

  private static func lines(_ comparison: ModelComparison) -> [String] {
    ComparisonText.text(
      comparison, terminal: Terminal(isTerminal: false, width: 80, usesColor: false)
    ).split(separator: "\n").map(String.init)
  }

  @Test func `the text has a row for each precision`() throws {
    let lines = Self.lines(try Self.comparison())
    #expect(lines.count == 6 && lines.allSatisfy { $0.count <= 80 })
    #expect(
      lines[0]
        == "          accuracy     95 % interval  macro f1  changed  difference  texts/s")
    #expect(lines[1].hasPrefix("float32     80.00%  37.55% to 96.38%  "))
    #expect(lines[1].hasSuffix("      -           -     3.00"))
    #expect(lines[2].hasPrefix("bfloat16    80.00%  37.55% to 96.38%  "))
    #expect(lines[2].hasSuffix("      0      0.0000     2.50"))
    #expect(lines[3].hasPrefix("int8        60.00%  "))
    #expect(lines[3].hasSuffix("     10.0"))
    #expect(lines[4] == "changed: labels that differ from float32's, of 5")
  }

  @Test func `a precision that the machine lacks is named`() throws {
    let comparison = try Self.comparison([.float32, .int8])
    let lines = Self.lines(comparison)
    #expect(lines[2].hasPrefix("int8 "))
    #expect(lines.last == "bfloat16 is left out: the processor or SWIFTLET_ISA lacks AVX512_BF16")
    #expect(Self.json(comparison).contains(#""bfloat16":null,"int8":{"correct":3,"#))
  }

  private static func json(_ comparison: ModelComparison) -> String {
    let source = ReportSource(model: "m", file: "f", emptyCount: 0)
    return String(decoding: ComparisonText.json(comparison, of: source).line, as: UTF8.self)
  }

  @Test func `JSON has every precision, and int8's differences at the end too`() throws {
    let line = Self.json(try Self.comparison())
    #expect(line.hasPrefix(#"{"model":"m","file":"f","empty":0,"count":5,"float32":{"correct":4,"#))
    #expect(line.contains(#""seconds":2.0,"texts_per_second":3.0},"bfloat16":{"correct":4,"#))
    #expect(
      line.contains(#""accuracy_points":0.0,"changed_labels":0,"largest_logit_difference":0.0,"#))
    #expect(line.contains(#""int8":{"correct":3,"accuracy":0.6,"accuracy_interval":["#))
    let members = line.split(separator: #""changed_labels":3,"largest_logit_difference":"#)
    #expect(members.count == 3, "once in int8's member and once at the end")
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
