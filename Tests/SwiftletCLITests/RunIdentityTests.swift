import Foundation
import Testing

@testable import SwiftletCLI

@Suite final class RunIdentityTests {
  private let model: URL

  init() throws {
    model = FileManager.default.temporaryDirectory.appending(path: "model-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: model, withIntermediateDirectories: true)
    try Data("{}".utf8).write(to: model.appending(path: "config.json"))
  }

  deinit {
    try? FileManager.default.removeItem(at: model)
  }

  private func identity(
    _ line: String, inputs: [String] = ["a.csv"], format: String = "csv"
  ) throws -> RunIdentity {
    let words = ["swiftlet"] + line.split(separator: " ").map(String.init)
    return try RunIdentity(words: words, inputs: inputs, model: model.path, format: format)
  }

  @Test(arguments: [
    "classify --file a.csv --top-k 3 --text-column t",
    "classify --text-column=t -f a.csv --top-k=3 --resume",
    "classify --no-progress --threads 2 --batch-size 7 --top-k 3 --text-column t --summary",
    "classify --on-error skip --error-file e --output b.csv --top-k 3 --text-column t --unique",
  ])
  func `order, spelling and options without effect make no difference`(line: String) throws {
    let first = try identity("classify --file a.csv --top-k 3 --text-column t")
    #expect(try identity(line).difference(from: first) == nil)
    #expect(RunIdentity(first.json) == first)
  }

  @Test(arguments: [
    ("classify --top-k 4 --text-column t", "--top-k was 3, and is 4 now"),
    ("classify --text-column t", "--top-k was 3, and is not given now"),
    ("classify --top-k 3 --text-column t --all-scores", "--all-scores was not given, and is  now"),
    ("embed --top-k 3 --text-column t", "command was classify, and is embed now"),
  ])
  func `a difference is named`(line: String, text: String) throws {
    let first = try identity("classify --top-k 3 --text-column t")
    #expect(try identity(line).difference(from: first) == text)
  }

  @Test func `inputs, format and the model's files count`() throws {
    let first = try identity("classify")
    #expect(
      try identity("classify", inputs: ["b.csv"]).difference(from: first)
        == "input was a.csv, and is b.csv now")
    #expect(
      try identity("classify", format: "jsonl").difference(from: first)
        == "format was csv, and is jsonl now")
    try Data("{\"a\":1}".utf8).write(to: model.appending(path: "config.json"))
    #expect(try identity("classify").difference(from: first)?.hasPrefix("model was ") == true)
  }

  @Test func `several values of an option belong together`() throws {
    let options = GivenOptions(
      [
        "--file", "a", "b", "-m", "x", "--label-threshold", "A=1", "--label-threshold=B=2", "--",
        "--c",
      ],
      of: try CommandOptions(of: ClassifyCommand.self)
    ).options
    #expect(options.map(\.name) == ["--file", "--label-threshold", "--model"])
    #expect(options.map(\.values) == [["a", "b"], ["A=1", "B=2"], ["x"]])
  }
}
