import Swiftlet
import SwiftletJSON
import SwiftletRecords
import SwiftletTraining
import Testing

@testable import SwiftletCLI

/// A text of a file without labels.
private func sourced(_ text: String = "a text", line: Int = 2) -> SourcedText {
  SourcedText(
    text: text, record: line - 1, line: line, file: "f.csv", id: nil, label: nil, bytesThrough: 0)
}

@Suite struct LabelMappingTests {
  private let model = LabelIndex(["NEGATIVE", "POSITIVE"])

  private func mapping(_ values: String..., separator: String? = nil) throws -> LabelMapping {
    try LabelMapping(values.compactMap(MappedLabel.init), to: model, separator: separator)
  }

  @Test(
    arguments: [
      ("5", 1), (" 5 ", 1), ("5.0", 1), ("bad", 0), ("Bad", 0), ("positive", 1), ("0", 1),
      ("1", 1), ("six", nil),
    ] as [(String, Int?)])
  func `A mapped label comes before the model's names and numbers`(label: String, index: Int?)
    throws
  {
    var mapping = try mapping("5=POSITIVE", "bad=negative", "0=1")
    #expect(mapping(label) == index)
  }

  @Test func `A label of the file may contain an equals sign`() throws {
    var mapping = try mapping("a=b=POSITIVE")
    #expect(mapping("a=b") == 1)
  }

  @Test func `Mappings that no row used are listed`() throws {
    var mapping = try mapping("5=POSITIVE", "4=POSITIVE", "1=NEGATIVE")
    _ = mapping("5")
    #expect(mapping.unused == ["4=POSITIVE", "1=NEGATIVE"])
  }

  @Test(arguments: [
    (["5=GOOD"], "no label \"GOOD\"; the model has 0 NEGATIVE, 1 POSITIVE"),
    (["POSITIVE=5"], "the file's label comes first: --map-label 5=POSITIVE"),
    (["5=POSITIVE", "5=NEGATIVE"], "\"5\" is mapped twice"),
  ])
  func `A mapping that cannot be meant is refused`(values: [String], reason: String) {
    let error = #expect(throws: CommandFailure.self) {
      try LabelMapping(values.compactMap(MappedLabel.init), to: model)
    }
    #expect(error?.description.contains(reason) == true && error?.status == .usage)
  }

  @Test(arguments: ["", "=", "5=", "=POSITIVE", "5"])
  func `A value without two sides is not a mapping`(value: String) {
    #expect(MappedLabel(argument: value) == nil)
  }

  @Test(
    arguments: [
      ("", []), ("positive", [1]), ("POSITIVE, negative", [0, 1]), ("1|0|1", [0, 1]),
      ("1;0", [0, 1]),
      ("positive,other", nil),
    ] as [(String, [Int]?)])
  func `Several labels are separated by usual characters`(field: String, indices: [Int]?) throws {
    var mapping = try mapping()
    #expect(mapping.several(field) == indices)
  }

  @Test func `A given separator is the only one`() throws {
    var mapping = try mapping(separator: " and ")
    #expect(mapping.several("1 and 0") == [0, 1])
    #expect(mapping.several("1,0") == nil)
  }
}

@Suite struct RowLabelsTests {
  private func labels(
    _ policy: UnknownLabelPolicy, isSeveral: Bool = false, areKept: Bool = true
  ) throws -> RowLabels {
    RowLabels(
      try LabelMapping([], to: LabelIndex(["a", "b"])), policy: policy, isSeveral: isSeveral,
      areKept: areKept)
  }

  private func row(_ value: RecordColumn.Value) -> SourcedText {
    var text = sourced()
    text.columns = [RecordColumn(name: "labels", value: value)]
    return text
  }

  @Test(
    arguments: [
      (.text("a,b"), [0, 1]), (.json(#"["b","a"]"#), [0, 1]), (.json("[]"), []), (.json("1"), [1]),
      (.json("[1, 0]"), [0, 1]),
    ] as [(RecordColumn.Value, [Int])])
  func `Several labels are a field or a list`(value: RecordColumn.Value, indices: [Int]) throws {
    var labels = try labels(.stop, isSeveral: true)
    #expect(try labels.indices(of: row(value)) == indices)
  }

  @Test(
    arguments: [.text("c"), .json("null"), .json(#"["a"]"#), .text("")]
      as [RecordColumn.Value])
  func `A row without a known label is skipped and counted, or an error`(value: RecordColumn.Value)
    throws
  {
    var skipping = try labels(.skip)
    #expect(try skipping.indices(of: row(value)) == nil && skipping.skippedCount == 1)
    var stopping = try labels(.stop)
    let error = #expect(throws: CommandFailure.self) { try stopping.indices(of: row(value)) }
    #expect(error?.description.hasPrefix("f.csv:2: ") == true)
    #expect(error?.description.contains("--unknown-labels skip") == true)
  }
}

@Suite struct EvaluationTests {
  @Test func `Groups have their own figures, the largest first`() {
    var evaluation = Evaluation(labels: ["a", "b"], scope: EvaluationScope(hasGroups: true))
    for (logit, label, group) in [(1, 0, "x"), (1, 1, "y"), (-1, 1, "y"), (2, 0, "z")]
      as [(Float, Int, String)]
    {
      evaluation.add([logit, 0], of: sourced(), expected: [label], group: group)
    }
    let groups = evaluation.groups?.sorted ?? []
    #expect(groups.map(\.name) == ["y", "x", "z"])
    #expect(groups[0].exact == Proportion(count: 1, total: 2))
    #expect(groups[0].microF1 == 0.5 && (groups[0].macroF1 - 1.0 / 3).magnitude < 1e-12)
    let right = 1 / (1 + 1 / Evaluation.exponential(1))
    #expect((groups[0].calibrationError - (right - 0.5)).magnitude < 1e-6)
  }

  @Test func `A model with several labels is right if all labels are`() throws {
    var evaluation = Evaluation(
      labels: ["a", "b", "c"], function: .sigmoid, scope: EvaluationScope(errorLimit: 5))
    evaluation.add([2, 1, -1], of: sourced(), expected: [0, 1])
    evaluation.add([2, -3, -1], of: sourced(line: 3), expected: [0, 1])
    evaluation.add([-1, -1, -1], of: sourced(line: 4), expected: [])
    let metrics = try #require(evaluation.multiLabelMetrics)
    #expect(metrics.exact == Proportion(count: 2, total: 3) && evaluation.count == 3)
    #expect(metrics.microF1 == 6.0 / 7)
    let mistake = try #require(evaluation.mistakes.list.first)
    #expect(mistake.expected == [0, 1] && mistake.predicted == [0] && mistake.text.line == 3)
    // The surest mistake is that b is missing.
    #expect((mistake.score - 0.952574).magnitude < 1e-6 && mistake.expectedScore == nil)
  }

  @Test func `Thresholds are options of classify, which miss labels that reach nothing`() {
    var evaluation = Evaluation(
      labels: ["good one", "bad", "never"], scope: EvaluationScope(keepsRows: true))
    for (logits, label) in [([3, 0, 0], 0), ([1, 0, 0], 0), ([0, 2, 0], 1), ([2, 0, 0], 1)]
      as [([Float], Int)]
    {
      evaluation.add(logits, of: sourced(), expected: [label])
    }
    let rows = evaluation.rows ?? ScoredRows(labelCount: 3, keepsMistakes: false)
    let table = ThresholdTable(
      .precision(0.9), labels: evaluation.labels, rows: rows,
      scores: rows.scores(.softmax, temperature: 2), temperature: 2)
    #expect(table.missing == ["never"])
    #expect(table.options.prefix(3) == ["--temperature", "2.0", "--label-threshold"])
    #expect(table.options.count == 6)
    #expect(table.choices[0]?.precision == 1 && table.choices[0]?.recall == 0.5)
  }

  @Test func `The fitted temperature lowers the log loss`() {
    var evaluation = Evaluation(labels: ["a", "b"], scope: EvaluationScope(keepsRows: true))
    for row in 0..<10 { evaluation.add([4, 0], of: sourced(), expected: [row < 7 ? 0 : 1]) }
    let rows = evaluation.rows ?? ScoredRows(labelCount: 2, keepsMistakes: false)
    let fit = TemperatureFit(evaluation, rows: rows)
    #expect(fit.after.logLoss < fit.before.logLoss && fit.after.calibrationError < 1e-3)
    // softmax(4 / T) = 0.7.
    #expect((fit.temperature - 4.721).magnitude < 1e-3)
  }

  @Test func `Label issues have the text, both labels and both scores`() throws {
    var evaluation = Evaluation(
      labels: ["a", "b"], scope: EvaluationScope(keepsRows: true, keepsMistakes: true))
    for row in 0..<20 {
      let isWrong = row == 7
      evaluation.add(
        row.isMultiple(of: 2) != isWrong ? [3, 0] : [0, 3],
        of: sourced("\"text\", \(row)", line: row + 2),
        expected: [row % 2])
    }
    let rows = try #require(evaluation.rows)
    let list = try IssueList(
      rows: rows, scores: rows.scores(.softmax, temperature: 1), filter: .pruneByNoiseRate,
      ranking: .selfConfidence)
    #expect(list.rows.map(\.text.line) == [9])
    let csv = IssueFile.bytes(list, labels: ["a", "b"], hasPairs: false, format: .csv)
    #expect(
      String(decoding: csv, as: UTF8.self).hasPrefix(
        "line,id,text,label,suggested,self_confidence,normalized_margin\n9,,\"\"\"text\"\", 7\",b,a,0.047425"
      ))
    let json = IssueFile.bytes(list, labels: ["a", "b"], hasPairs: true, format: .jsonLines)
    #expect(
      String(decoding: json, as: UTF8.self).hasPrefix(
        #"{"line":9,"id":null,"text":"\"text\", 7","pair":"","label":"b","suggested":"a","#))
  }

  @Test func `Histograms separate rows with a label from others`() {
    var evaluation = Evaluation(labels: ["a", "b"], scope: EvaluationScope(hasHistograms: true))
    evaluation.add([10, 0], of: sourced(), expected: [0])
    evaluation.add([0, 10], of: sourced(), expected: [0])
    #expect(evaluation.histograms?.with[0][19] == 1 && evaluation.histograms?.with[0][0] == 1)
    #expect(evaluation.histograms?.without[1].reduce(0, +) == 2)
    #expect(evaluation.histograms?.with[1].reduce(0, +) == 0)
  }

  @Test func `Duplicates name both files and differing labels`() {
    var tally = DuplicateTally(otherFile: "train.csv")
    tally.addOther("Only there", pair: nil, line: 2, label: "a")
    tally.addOther("only there", pair: nil, line: 3, label: "a")
    tally.addOther("Shared", pair: nil, line: 4, label: "a")
    tally.add("twice", pair: nil, line: 2, label: "b")
    tally.add("Twice ", pair: nil, line: 3, label: "b")
    tally.add("SHARED", pair: nil, line: 4, label: "b")
    let report = DuplicateReport(tally, file: "dev.csv")
    #expect(report.groups.map(\.text) == ["shared", "twice"])
    #expect(report.groups[0].labels == ["a", "b"] && report.shared.count == 1)
    #expect(report.groups[0].places.map(report.name) == ["train.csv:4", "dev.csv:4"])
    #expect(
      report.sentences == [
        "1 text occurs more than once in dev.csv",
        "1 text of dev.csv is also in train.csv; 1 with another label there",
        "0 texts nearly equal an earlier one (at least 80 % of all runs of five words)",
      ])
  }
}

extension Evaluation {
  /// e to the power of `value`, by the softmax of two logits.
  fileprivate static func exponential(_ value: Float) -> Double {
    let scores = ScoreFunction.softmax.scores(of: [value, 0])
    return Double(scores[0] / scores[1])
  }
}
