import ArgumentParser
import SwiftletRecords
import Testing

@testable import SwiftletCLI

@Suite struct KeptColumnArgumentsTests {
  private static let file = ["--file", "a.csv", "--output", "b.csv"]

  @Test(
    arguments: [
      ([], .none), (["--keep-columns", "all"], .all), (["--keep-columns", "a"], .named(["a"])),
      (["--keep-columns", "a, b c ,2"], .named(["a", "b c", "2"])),
      (["--keep-columns=all,b"], .named(["all", "b"])),
    ] as [([String], KeptColumns)])
  func `Columns are all, or names with commas between them`(
    words: [String], expected: KeptColumns
  ) throws {
    #expect(try ClassifyCommand.parse(Self.file + words).output.kept.choice == expected)
  }

  @Test(arguments: [
    ("", "needs all, or names"), (",", "needs all, or names"), ("a,", "needs all, or names"),
    (" ", "needs all, or names"), ("a,b,a", "\"a\" twice"), ("a, a", "\"a\" twice"),
  ])
  func `An empty name and a repeated one are refused`(value: String, words: String) {
    let error = #expect(throws: (any Error).self) {
      _ = try ClassifyCommand.parse(Self.file + ["--keep-columns", value])
    }
    #expect(error.map { ClassifyCommand.message(for: $0) }?.contains(words) == true)
  }

  @Test(arguments: [
    (["--output", "a.txt"], "not table"), (["--format", "table"], "not table"),
  ])
  func `A format without columns is refused`(words: [String], found: String) {
    let error = #expect(throws: (any Error).self) {
      _ = try ClassifyCommand.parse(["--file", "a.csv", "--keep-columns", "a"] + words)
    }
    #expect(error.map { ClassifyCommand.message(for: $0) }?.contains(found) == true)
  }

  @Test func `Texts of the command line have no columns`() throws {
    let output = try ClassifyCommand.parse(["x", "--keep-columns", "a"]).output
    let kept = output.kept
    #expect(kept.problem(texts: ["x"], format: ClassifyFormat.csv)?.contains("--file") == true)
    #expect(kept.problem(texts: [], format: EmbedFormat.npy)?.contains("not npy") == true)
    for format in [TaskFormat.csv, .tsv, .jsonl] {
      #expect(kept.problem(texts: [], format: format) == nil)
    }
  }
}
