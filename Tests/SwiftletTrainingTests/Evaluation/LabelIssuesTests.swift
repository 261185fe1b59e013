import Foundation
import SwiftletTraining
import Testing

@Suite struct LabelIssuesTests {
  /// `golden.json`: what cleanlab finds, by filter and ranking.
  private struct Golden: Decodable {
    struct Case: Decodable {
      let name: String
      let labelCount: Int
      let labels: [Int]
      let probabilities: [Float]
      let issues: [String: [String: [Int]]]
    }

    struct Sentiment: Decodable {
      /// A digit for each row.
      let labels: String
      let flipped: [Int]
      let issues: [String: [String: [Int]]]
    }

    let cases: [Case]
    let sst2: Sentiment
  }

  private struct SentimentGolden: Decodable {
    struct Row: Decodable { let logits: [Double] }
    let sst2: [Row]
  }

  private static let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Fixtures")

  private static func golden() throws -> Golden {
    let file = fixtures.appending(path: "training/label-issues/golden.json")
    return try JSONDecoder().decode(Golden.self, from: Data(contentsOf: file))
  }

  /// Softmax in double precision, as the script has it.
  private static func sentimentProbabilities() throws -> [Float] {
    let file = fixtures.appending(path: "sentiment/golden.json")
    let golden = try JSONDecoder().decode(SentimentGolden.self, from: Data(contentsOf: file))
    return golden.sst2.flatMap { row in
      let largest = row.logits.max() ?? 0
      let powers = row.logits.map { exp($0 - largest) }
      return powers.map { Float($0 / powers.reduce(0, +)) }
    }
  }

  @Test(arguments: LabelIssues.Filter.allCases, LabelIssues.Ranking.allCases)
  func `Issues and their order are cleanlab's`(
    filter: LabelIssues.Filter, ranking: LabelIssues.Ranking
  ) throws {
    for golden in try Self.golden().cases {
      let found = try LabelIssues.find(
        probabilities: golden.probabilities, labels: golden.labels, labelCount: golden.labelCount,
        filter: filter, ranking: ranking)
      #expect(
        found.map(\.row) == golden.issues[filter.rawValue]?[ranking.rawValue], "\(golden.name)")
    }
  }

  @Test(arguments: LabelIssues.Filter.allCases)
  func `Issues of sentiment with flipped labels are cleanlab's`(
    filter: LabelIssues.Filter
  ) throws {
    let golden = try Self.golden().sst2
    let labels = golden.labels.compactMap(\.wholeNumberValue)
    let probabilities = try Self.sentimentProbabilities()
    for ranking in LabelIssues.Ranking.allCases {
      let found = try LabelIssues.find(
        probabilities: probabilities, labels: labels, labelCount: 2, filter: filter,
        ranking: ranking)
      #expect(found.map(\.row) == golden.issues[filter.rawValue]?[ranking.rawValue])
    }
  }

  @Test func `Most flipped labels are among the issues`() throws {
    let golden = try Self.golden().sst2
    let found = try LabelIssues.find(
      probabilities: try Self.sentimentProbabilities(),
      labels: golden.labels.compactMap(\.wholeNumberValue), labelCount: 2)
    let hits = Set(found.map(\.row)).intersection(golden.flipped).count
    #expect(Double(hits) / Double(golden.flipped.count) > 0.6)
  }

  @Test func `An issue has both scores and the most probable label`() throws {
    let issues = try LabelIssues.find(
      probabilities: [0.75, 0.25, 0, 0.125, 0.25, 0.625], labels: [1, 2], labelCount: 3,
      filter: .predictedNotGiven)
    #expect(
      issues == [
        LabelIssue(row: 0, given: 1, suggested: 0, selfConfidence: 0.25, normalizedMargin: 0.25)
      ])
  }

  @Test(
    arguments: [
      ([0.5, 0.5], [0, 1], 2, "must have 2 numbers for each of 2 rows, found 2"),
      ([0.5, 0.5], [2], 2, "must be from 0 to 1, found 2 in row 0"),
      ([0.5, .nan], [1], 2, "must be from 0 to 1, found nan in row 0"),
      ([0.5, 1.5], [1], 2, "must be from 0 to 1, found 1.5 in row 0"),
      ([1], [0], 1, "must be at least 2, found 1"),
      ([], [0, 0, 0, 0], .max, "for each of 4 rows, found 0"),
    ] as [([Float], [Int], Int, String)])
  func `Arguments that contradict each other are refused`(
    probabilities: [Float], labels: [Int], labelCount: Int, reason: String
  ) {
    let error = #expect(throws: TrainingError.self) {
      try LabelIssues.find(probabilities: probabilities, labels: labels, labelCount: labelCount)
    }
    #expect(error?.description.contains(reason) == true)
  }

  @Test(arguments: LabelIssues.Filter.allCases)
  func `Without rows there are no issues`(filter: LabelIssues.Filter) throws {
    let found = try LabelIssues.find(
      probabilities: [], labels: [], labelCount: 3, filter: filter)
    #expect(found.isEmpty)
  }
}
