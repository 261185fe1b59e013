import Swiftlet
import SwiftletTraining
import Testing

@testable import SwiftletCLI

@Suite struct ReportPageTests {
  private static let hostile = "</td><script>alert('1')</script>\"&\u{0}\u{1B}[31m"

  /// A summary with every section, whose names and texts are hostile.
  private static func page(labelCount: Int, function: ScoreFunction = .softmax) throws -> String {
    let labels = (0..<labelCount).map { "\(hostile) \($0)" }
    var evaluation = Evaluation(
      labels: labels, function: function,
      scope: EvaluationScope(
        errorLimit: 10, hasGroups: true, hasHistograms: true, keepsRows: true, keepsMistakes: true))
    for row in 0..<40 {
      var logits = [Float](repeating: -1, count: labelCount)
      logits[row % 7 == 0 ? 1 : row % labelCount] = Float(row % 5)
      var text = SourcedText(
        text: "\(hostile) \(row)", record: row, line: row + 1, file: hostile, id: hostile,
        label: nil,
        bytesThrough: 0)
      text.pair = hostile
      evaluation.add(
        logits, of: text, expected: [row % labelCount], group: "\(hostile) \(row % 3)")
    }
    var summary = EvaluationSummary(
      source: ReportSource(model: hostile, file: hostile, emptyCount: 2, skippedCount: 3),
      evaluation: evaluation)
    summary.groupColumn = hostile
    let rows = try #require(evaluation.rows)
    let scores = rows.scores(function, temperature: 1)
    summary.temperature = TemperatureFit(evaluation, rows: rows)
    summary.thresholds = [
      ThresholdTable(.recall(0.9), labels: labels, rows: rows, scores: scores, temperature: 1)
    ]
    if function == .softmax {
      summary.issues = try IssueList(
        rows: rows, scores: scores, filter: .predictedNotGiven, ranking: .selfConfidence)
    }
    var tally = DuplicateTally(otherFile: hostile)
    for line in 1...3 { tally.add(hostile, pair: hostile, line: line, label: hostile) }
    summary.duplicates = DuplicateReport(tally, file: hostile)
    return ReportPage.html(summary)
  }

  @Test(arguments: [(2, ScoreFunction.softmax), (40, .softmax), (3, .sigmoid)])
  func `No text can leave its element`(labelCount: Int, function: ScoreFunction) throws {
    let page = try Self.page(labelCount: labelCount, function: function)
    #expect(!page.contains("<script") && !page.contains("alert('"))
    #expect(
      page.unicodeScalars.allSatisfy { $0 == "\n" || $0.properties.generalCategory != .control })
    #expect(page.contains("&lt;script&gt;alert(&#39;1&#39;)"))
  }

  @Test(arguments: [(2, ScoreFunction.softmax), (40, .softmax), (3, .sigmoid)])
  func `Every element is closed`(labelCount: Int, function: ScoreFunction) throws {
    let page = try Self.page(labelCount: labelCount, function: function)
    var open: [Substring] = []
    for tag in page.split(separator: "<").dropFirst() {
      let name = tag.drop { $0 == "/" }.prefix { $0.isLetter || $0.isNumber }
      if tag.hasPrefix("/") {
        #expect(open.popLast() == name)
      } else if !["meta", "br"].contains(name), !tag.prefix(while: { $0 != ">" }).hasSuffix("/"),
        !tag.hasPrefix("!")
      {
        open.append(name)
      }
    }
    #expect(open.isEmpty)
  }

  @Test func `The page loads nothing from elsewhere`() throws {
    let page = try Self.page(labelCount: 2)
    #expect(page.contains("default-src 'none'"))
    for word in ["http:", "https:", "src=", "href=", "url(", "@import"] {
      #expect(!page.contains(word), "\(word)")
    }
  }

  @Test func `Charts have a bar for each range with answers`() {
    var counter = ClassificationCounter(labels: ["a", "b"])
    counter.add(logits: [0, 0], label: 0)
    counter.add(logits: [9, 0], label: 0)
    let svg = CalibrationChart(bins: counter.metrics().calibrationBins).svg.text
    #expect(svg.split(separator: "<rect").count == 1 + 4)
    #expect(svg.contains("0.47 to 0.53: 1 answers, mean score 50.00%, right 100.00%"))
  }
}
