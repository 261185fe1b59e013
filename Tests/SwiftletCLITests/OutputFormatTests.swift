import ArgumentParser
import Foundation
import Testing

@testable import SwiftletCLI

@Suite struct OutputFormatTests {
  @Test(
    "The output's name decides the format; where it does not, what was asked for, then the terminal",
    arguments: [
      (nil, nil, true, .table), (nil, nil, false, .jsonl), (nil, .csv, true, .csv),
      (nil, .table, false, .table), ("a.CSV", nil, true, .csv), ("a.tsv", nil, true, .tsv),
      ("a.jsonl", nil, true, .jsonl), ("a.ndjson", nil, true, .jsonl), ("a.txt", nil, true, .table),
      ("a.csv", .csv, true, .csv), ("a", nil, true, .jsonl), ("a", .tsv, true, .tsv),
      ("a.out", .csv, true, .csv), ("a.2026-11-29", .jsonl, true, .jsonl),
      ("a.json", .jsonl, true, .jsonl), ("dir.csv/a", nil, true, .jsonl),
      (".csv", nil, true, .jsonl), ("a.csv.gz", nil, true, .csv), ("a.TSV.ZST", nil, true, .tsv),
      ("a.jsonl.bz2", .jsonl, true, .jsonl), ("a.xz", nil, true, .jsonl),
      ("a.xz", .csv, true, .csv),
      ("a.out.gz", .tsv, true, .tsv), ("a.txt.gz", nil, true, .table),
      ("/dev/stdout", nil, true, .jsonl), ("a.", .csv, true, .csv),
    ] as [(String?, ClassifyFormat?, Bool, ClassifyFormat)]
  )
  func classify(
    path: String?, asked: ClassifyFormat?, isTerminal: Bool, expected: ClassifyFormat
  ) throws {
    #expect(
      try ClassifyFormat.chosen(for: path, asked: asked, isTerminal: isTerminal) == expected)
  }

  @Test(
    arguments: [
      ("a.csv", .jsonl), ("a.tsv", .csv), ("a.jsonl", .table), ("a.txt", .csv), ("a.parquet", nil),
      ("a.parquet", .csv), ("a.xlsx", .jsonl), ("a.json", nil), ("a.json", .csv), ("a.npy", nil),
      ("a.csv.gz", .jsonl), ("a.csv.gz.gz", nil), ("a.csv.zip", .csv), ("a.gz.zip", nil),
      ("a.parquet.gz", nil), ("a.out", nil),
    ] as [(String, ClassifyFormat?)])
  func `a suffix of another format is refused with the formats that can be written`(
    path: String, asked: ClassifyFormat?
  ) {
    let error = #expect(throws: ValidationError.self) {
      _ = try ClassifyFormat.chosen(for: path, asked: asked, isTerminal: false)
    }
    #expect(error?.message.contains("--output \(path)") == true)
    #expect(
      error?.message.contains(" .csv") == true || error?.message.contains("asked for") == true)
  }

  @Test(arguments: ["a.csv", "a.tsv", "a.parquet", "a.json", "a.npy", "a.jsonl", "a.txt"])
  func `every task writes CSV and TSV, and embed writes arrays`(path: String) throws {
    let text = try? TaskFormat.chosen(for: path, asked: nil, isTerminal: false)
    let vectors = try? EmbedFormat.chosen(for: path, asked: nil, isTerminal: false)
    switch path {
    case "a.jsonl": #expect(text == .jsonl && vectors == .jsonl)
    case "a.txt": #expect(text == .text && vectors == .text)
    case "a.csv": #expect(text == .csv && vectors == .csv)
    case "a.tsv": #expect(text == .tsv && vectors == .tsv)
    case "a.npy": #expect(text == nil && vectors == .npy)
    default: #expect(text == nil && vectors == nil)
    }
  }

  @Test func `every command with --output checks its suffix`() throws {
    let tasks: [[String]] = [
      ["classify"], ["tag", "-m", "m"], ["answer", "-m", "m", "-q", "q"], ["embed", "-m", "m"],
      ["fill-mask", "-m", "m"], ["zero-shot", "-m", "m", "-l", "a"],
      ["choose", "-m", "m", "-c", "a"], ["tokenize"],
    ]
    for task in tasks {
      for output in ["a.parquet", "a.xlsx", "a.json", "a.csv.zip"] {
        #expect(throws: (any Error).self, "\(task)") {
          _ = try SwiftletCommand.parseAsRoot(task + ["x", "--output", output])
        }
      }
      for output in ["a.jsonl", "a", "-", "a.txt", "a.csv", "a.tsv", "a.csv.gz"] {
        #expect(throws: Never.self, "\(task)") {
          _ = try SwiftletCommand.parseAsRoot(task + ["x", "--output", output])
        }
      }
    }
  }

  @Test func `- is standard output`() throws {
    let output = try ClassifyCommand.parse(["x", "--output", "-"]).output
    #expect(output.file.path == nil)
    #expect(try output.chosenFormat(isTerminal: true) == .table)
  }

  // MARK: What is read

  /// A folder with `in.txt`, further names for it, and a model's `vocab.txt`.
  private final class Folder {
    let path: String

    init() throws {
      path =
        FileManager.default.temporaryDirectory.appending(path: "same-\(UUID().uuidString)").path
      let files = FileManager.default
      try files.createDirectory(atPath: path + "/sub", withIntermediateDirectories: true)
      try Data("text\n".utf8).write(to: URL(filePath: path + "/in.txt"))
      try Data("text\n".utf8).write(to: URL(filePath: path + "/other.txt"))
      try Data("[CLS]\n".utf8).write(to: URL(filePath: path + "/sub/vocab.txt"))
      try files.linkItem(atPath: path + "/in.txt", toPath: path + "/hard")
      try files.createSymbolicLink(atPath: path + "/soft", withDestinationPath: "in.txt")
      try files.createSymbolicLink(atPath: path + "/chain", withDestinationPath: path + "/soft")
      try files.createSymbolicLink(atPath: path + "/folder", withDestinationPath: path)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func open(_ output: String) throws -> OutputSink {
      let command = try ClassifyCommand.parse([
        "--file", path + "/other.txt", path + "/in.txt", "--output", path + output,
        "--format", output.hasSuffix(".txt") ? "table" : "jsonl",
      ])
      let inputs = try command.input.openableInputs()
      return try command.output.file.openSink(reading: inputs, model: path + "/sub")
    }
  }

  @Test(arguments: [
    "/in.txt", "/./in.txt", "//in.txt", "/sub/../in.txt", "/hard", "/soft", "/chain",
    "/folder/in.txt", "/folder/folder/hard", "/sub/vocab.txt",
  ])
  func `an input file is never an output, under any name`(output: String) throws {
    let folder = try Folder()
    let before = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    let error = #expect(throws: CommandFailure.self) { _ = try folder.open(output) }
    #expect(error?.status == .usage)
    #expect(error?.description.contains(folder.path + output) == true)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == before)
    #expect(try String(contentsOfFile: folder.path + "/in.txt", encoding: .utf8) == "text\n")
  }

  @Test(arguments: ["/new.txt", "/sub/in.txt", "/sub/new"])
  func `a file that is not an input is written`(output: String) throws {
    let folder = try Folder()
    try folder.open(output).finish()
    #expect(FileManager.default.fileExists(atPath: folder.path + output))
  }
}
