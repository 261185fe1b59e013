import Foundation
import Testing

@testable import SwiftletTraining

@Suite struct TrainingReportTests {
  static func report(labels: [String] = ["negative", "po|si`tive"]) -> TrainingReport {
    var report = TrainingReport(
      name: "my model", task: .classification, architecture: "distilbert",
      baseModel: "distilbert/distilbert-base-uncased", output: "my model")
    report.command = ["swiftlet", "train", "--file", "it's reviews.csv", "--output", "my model"]
    report.arguments = [.init("epochs", "3"), .init("learning-rate", "5e-5")]
    report.data = [
      .init(
        role: "training", path: "data/reviews.csv", hash: String(repeating: "ab", count: 32),
        byteCount: 123_456, rowCount: 12_345),
      .init(role: "validation", path: "data/dev.csv", rowCount: 872),
    ]
    report.labels = labels.map {
      .init(
        $0, trainingRows: 1_234, validationRows: 436, precision: 0.91, recall: 0.9, f1: 0.905)
    }
    report.metrics = [
      .init("accuracy", 0.9128, interval: 0.8921...0.9306), .init("macro-f1", 0.9),
    ]
    report.metricName = "accuracy"
    report.bestStep = 1_200
    report.confusion = labels.indices.map { row in
      labels.indices.map { $0 == row ? 400 : row < $0 ? row * 7 % 5 : 1 }
    }
    report.calibration = .init(temperature: 1.4321, errorBefore: 0.083, errorAfter: 0.021)
    report.seconds = 3_723
    report.history = (1...60).map { point in
      let isEvaluation = point % 10 == 0
      let share = Double(point) / 60
      return .init(
        step: point * 30, epoch: share * 3, trainingLoss: 0.75 - 0.6 * share,
        validationLoss: isEvaluation ? 0.6 - 0.3 * share + 0.2 * share * share : nil,
        metric: isEvaluation ? 0.8 + 0.12 * share * (1.4 - 0.7 * share) : nil)
    }
    return report
  }

  /// Kept for a look at the picture and the card where the variable names a folder.
  private func files(_ report: TrainingReport, in name: String) throws -> [String: String] {
    let files = report.files(beside: ["config.json"])
    if let kept = ProcessInfo.processInfo.environment["SWIFTLET_REPORTS"] {
      let folder = try OutputFolder(keptIn: kept + "/" + name)
      for file in files {
        try Data(file.bytes).write(to: URL(filePath: folder.file(file.name)))
      }
    }
    return Dictionary(
      uniqueKeysWithValues: files.map { ($0.name, String(decoding: $0.bytes, as: UTF8.self)) })
  }

  @Test func `training.json has the whole report`() throws {
    let text = try #require(try files(Self.report(), in: "json")["training.json"])
    let json = try #require(
      try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    #expect(json["swiftlet_version"] is String && json["best_step"] as? Int == 1_200)
    #expect((json["history"] as? [[String: Any]])?.count == 60)
    #expect(json["confusion"] as? [[Int]] == [[400, 0], [1, 400]])
    #expect((json["arguments"] as? [String: String])?["learning-rate"] == "5e-5")
    #expect(json["temperature"] as? Double == 1.4321)
    #expect(
      json["files"] as? [String]
        == ["README.md", "config.json", "learning-curve.svg", "training.json"])
    let data = try #require(json["data"] as? [[String: Any]])
    #expect((data[0]["sha256"] as? String)?.count == 64 && data[1]["sha256"] is NSNull)
  }

  @Test func `The card has its front matter, tables and examples`() throws {
    let card = try #require(try files(Self.report(), in: "two")["README.md"])
    let lines = card.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines[0] == "---" && lines.dropFirst().contains("---"))
    for part in [
      "pipeline_tag: text-classification\n",
      "base_model: \"distilbert/distilbert-base-uncased\"\n",
      "| accuracy | 0.9128 | 0.8921 to 0.9306 |", "  - name: \"my model\"",
      #"| 1 | po\|si\`tive | 1,234 | 436 | 0.910 | 0.900 | 0.905 |"#,
      #"| **po\|si\`tive** | 1 | **400** |"#, "temperature 1.432",
      "8.3 % without it and 2.1 % with it", "1 h 2 min", "![Learning curve](learning-curve.svg)",
      "swiftlet train --file 'it'\\''s reviews.csv' --output 'my model'\n",
      "Classifier(directory: \"my model\")",
      "pipeline(\"text-classification\", model=\"my model\")",
      "swiftlet classify --model 'my model' ",
      "step 1,200, the best by accuracy",
      "`abababababababab…`",
    ] {
      #expect(card.contains(part), "\(part)")
    }
  }

  @Test func `Many labels show the most frequent errors`() throws {
    let labels = (0..<40).map { "intent_\($0)" }
    let card = try #require(
      try files(Self.report(labels: labels), in: "forty")["README.md"])
    #expect(card.contains("| true label | answer | rows | share of the label |"))
    let errors = card.split(separator: "\n").filter { $0.hasPrefix("| intent") }
    #expect(errors.count == 20)
    #expect(errors[0].contains("| 4 |"))
  }

  @Test func `Text of users can't add markup or end a block`() throws {
    var report = Self.report(labels: ["a\n| b", "<script>"])
    report.name = "x\n---\n# y"
    report.command = ["swiftlet", "```", "\n```"]
    report.baseModel = "/models/<base>"
    let files = try files(report, in: "hostile")
    let card = try #require(files["README.md"])
    #expect(!card.contains("<script>") && card.contains(#"\<script\>"#))
    #expect(card.contains(#"| a \| b |"#) && !card.contains("\n# y"))
    #expect(card.contains("````sh\n") && !card.contains("base_model:"))
    let curve = try #require(files["learning-curve.svg"])
    #expect(XMLCheck.isWellFormed(curve))
  }

  @Test(arguments: ReportedTask.allCases)
  func `Every task has a card without results too`(task: ReportedTask) throws {
    let report = TrainingReport(
      name: "m", task: task, architecture: "bert", baseModel: "base", output: "m")
    let files = try files(report, in: "task-\(task.rawValue)")
    #expect(files.keys.sorted() == ["README.md", "training.json"])
    let card = try #require(files["README.md"])
    #expect(card.contains("```swift\nimport Swiftlet\n") && card.contains("```python\n"))
  }

  @Test func `Thresholds of several labels are in the table and in the command`() throws {
    var report = Self.report(labels: ["joy", "sad news"])
    report.task = .multiLabel
    report.labels[1].threshold = 0.3125
    let card = try #require(try files(report, in: "thresholds")["README.md"])
    #expect(
      card.contains(
        "| id | label | training rows | validation rows | precision | recall | F1 | threshold |"))
    #expect(
      card.contains("--label-threshold 'sad news=0.313' 'A text") && card.contains(" 0.313 |"))
  }

  // MARK: The picture

  @Test func `The curve marks the best step and has both panels`() throws {
    let curve = try #require(LearningCurve(Self.report()))
    #expect(XMLCheck.isWellFormed(curve.svg))
    for part in [
      ">training loss<", ">validation loss<", ">accuracy<", ">step<",
      "best: step 1,200, accuracy 0.8",
      "prefers-color-scheme: dark",
    ] {
      #expect(curve.svg.contains(part), "\(part)")
    }
  }

  @Test func `Histories without values, with one point and with NaN have a curve or none`() {
    var report = Self.report()
    report.history = []
    #expect(LearningCurve(report) == nil)
    report.history = [.init(step: 3, epoch: 1, trainingLoss: .nan)]
    #expect(LearningCurve(report) == nil)
    report.history = [.init(step: 3, epoch: 1, trainingLoss: 0.5)]
    report.bestStep = nil
    let single = LearningCurve(report)
    #expect(single.map { XMLCheck.isWellFormed($0.svg) && !$0.svg.contains("nan") } == true)
    report.history = (0..<10_000).map {
      .init(step: $0, epoch: 0, trainingLoss: $0 == 5 ? .infinity : 1e-9 * Double($0))
    }
    let long = LearningCurve(report)?.svg ?? ""
    #expect(long.utf8.count > 1_000 && long.utf8.count < 12_000)
  }

  @Test(arguments: [
    (0.0...1.0, 5), (0.31...0.74, 5), (-3.0...1e6, 6), (2.0...2.0, 4), (0.0...0.0, 3),
    (1e-12...3e-12, 5), (0.9121...0.9129, 3),
  ])
  func `Ticks cover the data with few round numbers`(data: ClosedRange<Double>, count: Int) {
    let ticks = AxisTicks(covering: data, count: count)
    #expect(ticks.range.lowerBound <= data.lowerBound + 1e-15)
    #expect(ticks.range.upperBound >= data.upperBound - 1e-15)
    #expect((2...count + 3).contains(ticks.values.count), "\(ticks.values)")
    let texts = ticks.values.map { DecimalText.fixed($0, ticks.decimals) }
    #expect(Set(texts).count == texts.count, "\(texts)")
  }

  @Test func `Numbers are rounded half away from zero with fixed decimals`() {
    #expect(DecimalText.fixed(0.125, 2) == "0.13" && DecimalText.fixed(-0.125, 2) == "-0.13")
    #expect(DecimalText.fixed(-0.001, 2) == "0.00" && DecimalText.fixed(12, 0) == "12")
    #expect(DecimalText.fixed(1234.5, 3) == "1234.500" && DecimalText.fixed(.nan, 2) == "–")
    #expect(DecimalText.grouped(1_234_567) == "1,234,567" && DecimalText.grouped(-999) == "-999")
    #expect(DecimalText.duration(59.6) == "1 min 0 s" && DecimalText.duration(3_660) == "1 h 1 min")
  }
}

/// A check of XML by its tags alone: every element ends, in the right order, and `&` starts an entity.
enum XMLCheck {
  static func isWellFormed(_ text: String) -> Bool {
    var open: [Substring] = []
    for part in text.split(separator: "<", omittingEmptySubsequences: true) {
      guard let end = part.firstIndex(of: ">") else { return false }
      let tag = part[..<end]
      let name = tag.prefix { $0 != " " && $0 != "/" && !$0.isNewline }
      if tag.hasPrefix("/") {
        guard open.popLast() == tag.dropFirst() else { return false }
      } else if !tag.hasSuffix("/") {
        open.append(name)
      }
      for entity in part.split(separator: "&", omittingEmptySubsequences: false).dropFirst()
      where !["amp;", "lt;", "gt;", "quot;"].contains(where: entity.hasPrefix) {
        return false
      }
    }
    return open.isEmpty
  }
}
