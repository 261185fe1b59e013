import ArgumentParser
import SwiftletRecords
import Testing

@testable import SwiftletCLI

@Suite struct CommandLineTests {
  @Test(
    "The format is what was asked for, then the output's name, then the terminal",
    arguments: [
      (["x"], true, .table), (["x"], false, .jsonl), (["x", "--json"], true, .jsonl),
      (["x", "--format", "csv"], true, .csv), (["x", "-o", "a.CSV"], true, .csv),
      (["x", "-o", "a.out"], true, .jsonl), (["x", "-o", "a.csv", "--json"], true, .jsonl),
      (["x", "--format", "table"], false, .table),
    ] as [([String], Bool, OutputFormat)]
  )
  func format(arguments: [String], isTerminal: Bool, expected: OutputFormat) throws {
    let command = try ClassifyCommand.parse(arguments)
    #expect(command.output.chosenFormat(isTerminal: isTerminal) == expected)
  }

  @Test(
    "Contradictions and numbers out of range are refused",
    arguments: [
      ["x", "--top-k", "0"], ["x", "--top-k", "2", "--all-scores"], ["x", "--threads", "0"],
      ["x", "--batch-size", "0"], ["x", "--file", "a.txt"], ["x", "--json", "--format", "csv"],
      ["--file", "-", "-"],
    ]
  )
  func refused(arguments: [String]) {
    #expect(throws: (any Error).self) { _ = try ClassifyCommand.parse(arguments) }
  }

  @Test("Labels in a row: one, k, or all there are")
  func labelsPerRow() throws {
    #expect(try ClassifyCommand.parse(["x"]).output.labelsPerRow(labelCount: 5) == 1)
    let three = try ClassifyCommand.parse(["x", "--top-k", "3"]).output
    #expect(three.labelsPerRow(labelCount: 5) == 3)
    #expect(three.labelsPerRow(labelCount: 2) == 2)
    let all = try ClassifyCommand.parse(["x", "--all-scores"]).output
    #expect(all.labelsPerRow(labelCount: 5) == 5)
  }

  @Test("Several files follow one --file")
  func files() throws {
    let command = try ClassifyCommand.parse(["--file", "a.csv", "b.csv", "--json"])
    #expect(command.files.file == ["a.csv", "b.csv"])
  }

  @Test("A text that begins with a dash goes after two dashes")
  func dashes() throws {
    #expect(try ClassifyCommand.parse(["--json", "--", "-5 stars"]).texts == ["-5 stars"])
  }

  @Test(
    "The format of an input comes from its name unless it is given",
    arguments: [
      ("a.csv", nil, .csv), ("-", nil, .lines), ("a.bin", "tsv", .tsv), ("-", "jsonl", .jsonLines),
      ("a.bin", nil, nil),
    ] as [(String, String?, RecordFormat?)]
  )
  func inputFormat(path: String, given: String?, expected: RecordFormat?) throws {
    let options = given.map { ["--input-format", $0] } ?? []
    let columns = try EvaluateCommand.parse([path] + options).columns
    let format = try? columns.input(at: path).format
    #expect(format == expected)
  }

  @Test("Columns and the missing header reach the reader")
  func columns() throws {
    let command = try EvaluateCommand.parse([
      "a.csv", "--text-column", "2", "--id-column", "k", "--label-column", "1", "--no-header",
    ])
    let input = try command.columns.input(
      at: "a.csv", labelColumn: command.labels.labelColumn, wantsLabel: true)
    #expect(
      input.columns == ColumnChoice(text: "2", pair: nil, label: "1", id: "k", hasHeader: false))
    #expect(input.wantsLabel)
  }
}
