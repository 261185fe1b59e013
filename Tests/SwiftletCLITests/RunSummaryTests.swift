@testable import Swiftlet
import SwiftletJSON
import Testing

@testable import SwiftletCLI

@Suite struct RunSummaryTests {
  private static let labels = ["BAD", "GOOD"]
  private static let terminal = Terminal(isTerminal: false, width: 100, usesColor: false)

  private static func row(
    _ label: String?, _ score: Float = 0.9, minimum: Float? = nil, problem: String? = nil
  ) -> AnsweredText<Classification> {
    var text = SourcedText(
      text: "x", record: 1, line: nil, file: nil, id: nil, label: nil, bytesThrough: 0)
    text.problem = problem
    guard let label else { return AnsweredText(text: text, answer: nil) }
    let best = LabelScore(label: label, score: score)
    let answer = Classification(
      label: label, score: score, scores: [best],
      abstains: minimum.map { score < $0 } ?? false,
      accepted: score >= 0.5 ? [best] : [], logits: [], tokenCount: 1, isTruncated: score == 0.625)
    return AnsweredText(text: text, answer: answer)
  }

  @Test func `rows, labels, means and histograms are counted`() {
    let summary = RunSummary(labels: Self.labels, minimumScore: 0.7)
    for score: Float in [0.75, 1, 0.625] { summary.add(Self.row("GOOD", score, minimum: 0.7)) }
    summary.add(Self.row(nil))
    summary.add(Self.row(nil, problem: "not JSON"))
    let text = summary.text(on: Self.terminal)
    #expect(text.hasPrefix("5 rows, 1 empty, 1 cut, 1 with errors\n"))
    #expect(text.contains("GOOD      3  100.0%      0.7917  ······██·█\n"))
    #expect(text.contains("BAD       0    0.0%           -  ··········\n"))
    #expect(text.hasSuffix("1 row (33.3%) below --minimum-score 0.7\n"))
    #expect(summary.json["labels"]?.elements[1]["rows"]?.int == 3)
    #expect(summary.json["undecided"]?.int == 1 && summary.json["errors"]?.int == 1)
  }

  @Test func `accepted labels count instead of the best one`() {
    let summary = RunSummary(labels: Self.labels, countsAccepted: true)
    summary.add(Self.row("GOOD", 0.75))
    summary.add(Self.row("BAD", 0.25))
    #expect(summary.total.labels.map(\.count) == [0, 1])
    #expect(summary.text(on: Self.terminal).contains("1 row (50.0%) without an accepted label"))
  }

  @Test func `groups are sorted by their rows, and further ones are counted together`() {
    let summary = RunSummary(labels: Self.labels, groupColumn: "product")
    for number in 0..<1200 {
      for _ in 0..<(number == 7 ? 3 : 1) { summary.add(Self.row("GOOD", 1), group: "p\(number)") }
    }
    summary.add(Self.row("BAD", 1), group: "")
    #expect(summary.groups.count == 1000 && summary.others?.rows == 201)
    let (groups, others) = summary.largestGroups(2)
    #expect(groups.map(\.value) == ["p7", "p0"] && groups.map(\.tally.rows) == [3, 1])
    #expect(others?.rows == 1203 - 4 && others?.labels.map(\.count) == [1, 1198])
    let text = summary.text(on: Self.terminal)
    #expect(text.contains("p7            3  0.0%  100.0%"))
    #expect(text.contains("(others)"))
    #expect(summary.json["groups"]?.elements.count == 1000)
    #expect(summary.json["other_groups"]?["rows"]?.int == 201)
  }

  @Test func `a model with many labels names the most frequent one of each group`() {
    let labels = (0..<6).map { "L\($0)" }
    let summary = RunSummary(labels: labels, groupColumn: "g")
    for label in ["L3", "L3", "L1"] { summary.add(Self.row(label, 0.5), group: "a") }
    #expect(summary.text(on: Self.terminal).contains("a     3  L3             66.7%      0.5000"))
  }

  @Test(arguments: [Float.nan, .infinity, -3, 7])
  func `scores that are not probabilities have no histogram`(score: Float) {
    let summary = RunSummary(labels: Self.labels, hasProbabilities: false)
    summary.add(Self.row("GOOD", score))
    #expect(summary.histograms == nil && summary.total.labels[1].count == 1)
    #expect(!summary.text(on: Self.terminal).contains("0…1"))
    let clamped = RunSummary(labels: Self.labels)
    clamped.add(Self.row("GOOD", score))
    #expect(clamped.histograms?[1].reduce(0, +) == 1)
  }

  @Test func `a summary of no rows divides by nothing`() {
    let summary = RunSummary(labels: Self.labels, minimumScore: 0.5, groupColumn: "g")
    #expect(summary.text(on: Self.terminal).hasPrefix("0 rows\n"))
    #expect(summary.json["rows"]?.int == 0)
  }

  @Test func `bars show every count and the largest in full`() {
    #expect(RunSummary.bars([0, 1, 1000, 500]) == "·▁█▄")
    #expect(RunSummary.bars([0, 0]) == "··")
  }
}
