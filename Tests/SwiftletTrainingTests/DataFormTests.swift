import SwiftletEncoder
import SwiftletTokenizer
import Testing

@testable import SwiftletTraining

struct DataFormTests {
  private let folder: DataFolder
  init() throws { folder = try DataFolder() }

  /// Name, contents, task, a part of the reason.
  private static let files: [(String, String, TrainingTask, String)] = [
    ("a.csv", "text,label\nGood.,pos\nBad.,neg\n", .classification, "2 names"),
    ("b.csv", "text,label\nA,0\nB,1\nC,1\n", .classification, "--task regression"),
    ("c.csv", "text,label\nA,0.5\nB,1\nC,4.25\n", .regression, "--task classify"),
    ("d.csv", "text,label\nA,\"x,y\"\nB,x\nC,y\n", .multiLabel, "joined by \",\""),
    ("e.csv", "text,label\nA,\"Food, Drink\"\nB,\"Toys, Games\"\n", .classification, "2 names"),
    (
      "f.jsonl", "{\"text\":\"A\",\"labels\":[\"x\",\"y\"]}\n{\"text\":\"B\",\"labels\":[]}\n",
      .multiLabel, "lists"
    ),
    (
      "g.jsonl", "{\"tokens\":[\"A\",\"b\"],\"ner_tags\":[\"B-X\",\"O\"]}\n", .tokens,
      "tagged words"
    ),
    ("h.jsonl", "{\"text\":\"Ada ran\",\"entities\":[[0,3,\"PER\"]]}\n", .tokens, "tagged words"),
    ("i.jsonl", "{\"prompt\":\"A\",\"choices\":[\"b\",\"c\"],\"label\":1}\n", .choices, "choices"),
    ("j.csv", "anchor,positive,negative\nA,B,C\n", .embeddings, "an anchor"),
    ("k.csv", "sentence1,sentence2,score\nA,B,0.5\n", .embeddings, "--task regression"),
    ("l.conll", "Ada B-PER\nran O\n\nOK O\n", .tokens, "CoNLL"),
    ("m.txt", "Ada\tx\tB-PER\nran\ty\tO\n\nOK\tz\tO\n", .tokens, "CoNLL"),
    ("n.json", squad, .questions, "SQuAD"),
    (
      "o.json", "{\"text\":\"A\",\"label\":\"x\"}\n{\"text\":\"B\",\"label\":\"y\"}\n",
      .classification, "names"
    ),
  ]

  private static let squad = """
    {"version": "v2.0", "data": [{"title": "t", "paragraphs": [{"context": "Ada ran.", "qas": [
    {"id": "1", "question": "Who ran?", "answers": [{"text": "Ada", "answer_start": 0}]}]}]}]}
    """

  @Test(arguments: files)
  func `the contents of a file decide the task, and the reason is told`(
    name: String, text: String, task: TrainingTask, reason: String
  ) throws {
    let data = try DataSample.prepare(.file(try folder.file(name, text)))
    #expect(data.task == task)
    #expect(data.summary.task.reason.contains(reason))
    #expect(data.summary.lines.contains { $0.hasPrefix("task: ") && $0.contains(reason) })
  }

  @Test func `many whole numbers are values unless they count up`() throws {
    func task(_ labels: [Int]) throws -> TrainingTask {
      let rows = labels.map { "row \($0),\($0)\n" }.joined()
      return try DataSample.prepare(.csv(try folder.file("n.csv", "text,label\n" + rows))).task
    }
    #expect(try task((0..<60).map { $0 * 3 }) == .regression)
    #expect(try task((0..<120).map { $0 / 2 }) == .classification)
    #expect(try task((0..<10).map { $0 * 3 }) == .classification)
  }

  @Test func `a task that the user names overrides the contents`() throws {
    let file = try folder.file("a.csv", "text,label\nA,0.5\nB,1.5\nC,0.5\n")
    #expect(try DataSample.prepare(.csv(file), task: .classification).labels == ["0.5", "1.5"])
    let whole = try folder.file("b.csv", "text,label\nA,1\nB,4\n")
    let values = try DataSample.prepare(.csv(whole), task: .regression)
    #expect(values.targets == [.value(1), .value(4)])
    let options = TrainingFileOptions(task: .embeddings)
    let pairs = try folder.file("c.csv", "sentence1,sentence2,label\nA,B,x\n")
    #expect(try DataSample.prepare(.file(pairs, options)).task == .embeddings)
  }

  @Test func `text files train masks only when asked`() throws {
    let file = try folder.file("a.txt", "One line.\n\nAnother.\n")
    #expect(try DataSample.failure(folder, .file(file)).contains("--task mask"))
    let data = try DataSample.prepare(.file(file), task: .masks)
    #expect(data.training.lines == [1, 3] && data.labels.isEmpty)
    #expect(data.summary.skipped.map(\.count) == [1])
  }

  @Test func `a pair is found by the names of its columns`() throws {
    let file = try folder.file("a.csv", "premise,hypothesis,label\nA b,C,x\nD,E f,y\n")
    let pairs = try DataSample.prepare(.csv(file))
    #expect(pairs.task == .classification)
    #expect(pairs.training.sequence(of: 0).ids.filter { $0 == 102 }.count == 2)
    let first = try DataSample.prepare(.csv(file, textColumn: "premise"))
    #expect(first.training.sequence(of: 0).ids.filter { $0 == 102 }.count == 1)
    let columns = "columns: text \"premise\", pair \"hypothesis\", label \"label\""
    #expect(pairs.summary.lines.contains(columns))
  }

  @Test func `commas and line breaks in quotes are text`() throws {
    let file = try folder.file(
      "a.csv", "text,label\n\"Good, really \"\"good\"\".\nYes!\",p\nBad.,n\n")
    let data = try DataSample.prepare(.csv(file))
    let tokenizer = try DataSample.encoding().tokenizer
    #expect(
      data.training.sequence(of: 0).ids
        == tokenizer.encode("Good, really \"good\".\nYes!").ids)
    #expect(data.training.lines == [2, 4])
  }

  @Test func `an unknown column lists those of the file`() throws {
    let file = try folder.file("a.csv", "review,stars\nGood.,5\nBad.,1\n")
    #expect(
      try DataSample.failure(folder, .csv(file, labelColumn: "rating"))
        == "DIR/a.csv: no column \"rating\"; the file has \"review\", \"stars\"; give a name or a"
        + " number from 1")
    #expect(try DataSample.prepare(.csv(file, labelColumn: "2")).labels == ["1", "5"])
  }

  @Test(arguments: [
    ("a.csv", "text,a,b\nA,1,2\n", "cannot tell which column is the label"),
    ("a.parquet", "PAR1", "a Parquet file"),
    ("a.unknown", "A\nB\n", "unknown file format"),
    ("a.csv", "", "empty"),
    ("a.jsonl", "", "no objects"),
    ("a.csv", "text,label\n", "no row can be used"),
    ("a.csv", "text,label\nA,\u{0}\n\"open,x\n", "never closed"),
  ])
  func `a file that can't be used is an error with advice`(
    name: String, text: String, message: String
  ) throws {
    let failure = try DataSample.failure(folder, .file(try folder.file(name, text)))
    #expect(failure.contains(message) && failure.hasPrefix("DIR/\(name)"))
  }

  @Test func `a missing file and a folder are errors`() throws {
    let missing = try DataSample.failure(folder, .csv("\(folder.path)/none.csv"))
    #expect(missing == "DIR/none.csv: No such file or directory")
    let other = try DataSample.failure(folder, .csv(folder.path))
    #expect(other.contains("not a regular file"))
  }

  @Test func `a format with one task refuses another`() throws {
    let file = try folder.file("a.conll", "Ada B-PER\nran O\n")
    #expect(
      try DataSample.failure(folder, .file(file), task: .classification).contains("--task tag"))
  }
}
