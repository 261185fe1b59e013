import ArgumentParser
import Swiftlet
import SwiftletRecords
import Testing

@testable import SwiftletCLI

@Suite struct CommandLineTests {
  @Test(arguments: [
    ["x", "--top-k", "0"], ["x", "--top-k", "2", "--all-scores"], ["x", "--threads", "0"],
    ["x", "--batch-size", "0"], ["x", "--file", "a.txt"], ["x", "--json", "--format", "csv"],
    ["--file", "-", "-"], ["--file", ""], ["x", "--pair", " "], ["x", "--minimum-score", "nan"],
    ["x", "--minimum-score", "high"],
    ["x", "--threshold", "inf"], ["x", "--label-threshold", "POSITIVE"],
    ["x", "--label-threshold", "=0.5"], ["x", "--label-threshold", "POSITIVE="],
    ["x", "--temperature", "0"], ["x", "--temperature", "-1"], ["x", "--temperature", "nan"],
  ]
  )
  func `contradictions and numbers out of range are refused`(arguments: [String]) {
    #expect(throws: (any Error).self) { _ = try ClassifyCommand.parse(arguments) }
  }

  @Test func `a row has one label, k labels or all`() throws {
    #expect(try ClassifyCommand.parse(["x"]).list.labelsPerRow(labelCount: 5) == 1)
    let three = try ClassifyCommand.parse(["x", "--top-k", "3"]).list
    #expect(three.labelsPerRow(labelCount: 5) == 3)
    #expect(three.labelsPerRow(labelCount: 2) == 2)
    let all = try ClassifyCommand.parse(["x", "--all-scores"]).list
    #expect(all.labelsPerRow(labelCount: 5) == 5)
  }

  @Test func `a label's threshold follows its last equals sign`() throws {
    let command = try ClassifyCommand.parse([
      "x", "--label-threshold", "a=0.7", "--label-threshold", "b=c=-1e-1",
    ])
    #expect(command.decision.labelThreshold.map(\.label) == ["a", "b=c"])
    #expect(command.decision.labelThreshold.map(\.score) == [0.7, -0.1])
    #expect(command.decision.accepts && !command.decision.decides)
  }

  @Test func `thresholds apply to the model's labels`() throws {
    let model = try ClassifyCommand.parse(["x"]).model
    let classifier = try model.loadClassifier(from: ModelArguments.directory(nil))
    func options(_ arguments: String...) throws -> ClassificationOptions {
      var options = ClassificationOptions()
      let command = try ClassifyCommand.parse(["x"] + arguments)
      options.function = command.running.function
      try command.decision.apply(to: &options, for: classifier)
      return options
    }
    let own = try options("--label-threshold", "positive=0.9", "--label-threshold", "0=0.2")
    #expect(own.labelThresholds == ["POSITIVE": 0.9, "NEGATIVE": 0.2] && own.threshold == 0.5)
    #expect(try options("--minimum-score", "0.8").minimumScore == 0.8)
    #expect(try options("--function", "none", "--threshold", "-3").threshold == -3)
    for wrong in [
      ["--minimum-score", "80"], ["--threshold", "-0.1"], ["--label-threshold", "maybe=0.5"],
      ["--label-threshold", "0=0.5", "--label-threshold", "negative=0.6"],
    ] {
      #expect(throws: CommandFailure.self, "\(wrong)") {
        var options = ClassificationOptions()
        try ClassifyCommand.parse(["x"] + wrong).decision.apply(to: &options, for: classifier)
      }
    }
  }

  @Test func `several files follow one --file`() throws {
    let command = try ClassifyCommand.parse(["--file", "a.csv", "b.csv", "--json"])
    #expect(command.input.files.file == ["a.csv", "b.csv"])
  }

  @Test func `a text that begins with a dash goes after two dashes`() throws {
    #expect(try ClassifyCommand.parse(["--json", "--", "-5 stars"]).input.texts == ["-5 stars"])
  }

  @Test(
    arguments: [
      ("a.csv", nil, .csv), ("-", nil, .lines), ("a.bin", "tsv", .tsv), ("-", "jsonl", .jsonLines),
      ("a.bin", nil, nil), ("a.csv.gz", nil, .csv), ("a.gz", nil, nil), ("a.json.ZST", nil, .json),
      ("/", nil, .folder), ("/", "csv", nil),
    ] as [(String, String?, RecordFormat?)]
  )
  func `the format of an input comes from its name unless it is given`(
    path: String, given: String?, expected: RecordFormat?
  ) throws {
    let options = given.map { ["--input-format", $0] } ?? []
    let columns = try EvaluateCommand.parse([path] + options).columns
    let format = try? columns.input(at: path).format
    #expect(format == expected)
  }

  @Test func `column names and --no-header reach the reader`() throws {
    let command = try EvaluateCommand.parse([
      "a.csv", "--text-column", "2", "--label-column", "1", "--no-header",
    ])
    let input = try command.columns.input(
      at: "a.csv", labelColumn: command.labels.labelColumn, wantsLabel: true)
    #expect(
      input.columns == ColumnChoice(text: "2", pair: nil, label: "1", id: nil, hasHeader: false))
    #expect(input.wantsLabel)
  }

  @Test func `ids are for commands that write rows`() throws {
    let command = try ClassifyCommand.parse(["--file", "-", "--id-column", "k"])
    #expect(try command.input.openableInputs().map(\.columns.id) == ["k"])
    #expect(throws: (any Error).self) {
      _ = try EvaluateCommand.parse(["a.csv", "--id-column", "k"])
    }
  }
}
