import SwiftletSystem
import Testing

@testable import SwiftletTraining

struct DataSplitTests {
  private let folder: DataFolder
  init() throws { folder = try DataFolder() }

  /// 300 rows of `a`, 100 of `b` and 1 of `c`; the rows 0 to 19 twice.
  private func file() throws -> TrainingData {
    var text = "text,label\n"
    for row in 0..<300 { text += "first \(row),a\n" }
    for row in 0..<100 { text += "second \(row),b\n" }
    text += "third,c\n"
    for row in 0..<20 { text += "first \(row),a\n" }
    return .csv(try folder.file("a.csv", text))
  }

  @Test func `every label has its share, and a label of one row stays in training`() throws {
    let data = try DataSample.prepare(try file(), .share(0.1, seed: 42))
    #expect(data.summary.labelCounts?.counts == [288, 90, 1])
    #expect(data.summary.validationLabelCounts?.counts == [32, 10, 0])
    #expect(
      data.summary.warnings.contains { $0.contains("1 label has one text") && $0.contains("\"c\"") }
    )
    #expect(data.summary.overlap == 0 && data.summary.duplicates == 20)
  }

  @Test func `a split depends on its seed only`() throws {
    let data = try file()
    let first = try DataSample.prepare(data, .share(0.1, seed: 1)).validation
    let second = try DataSample.prepare(data, .share(0.1, seed: 1)).validation
    let other = try DataSample.prepare(data, .share(0.1, seed: 2)).validation
    #expect(first?.lines == second?.lines && first?.lines != other?.lines)
  }

  @Test func `the parts of a split train and validate together`() throws {
    let (training, validation) = try file().split(0.2, seed: 7)
    let both = try DataSample.prepare(training, .data(validation))
    let share = try DataSample.prepare(try file(), .share(0.2, seed: 7))
    #expect(both.training.lines == share.training.lines)
    #expect(both.validation?.lines == share.validation?.lines)
    let alone = try DataSample.prepare(training)
    #expect(alone.validation == nil && alone.training.lines == both.training.lines)
    // A second split is one of the first part.
    let nested = try DataSample.prepare(training, .share(0.1, seed: 1))
    let lines = Set(both.training.lines)
    #expect(nested.validation?.lines.allSatisfy { lines.contains($0) } == true)
    #expect(nested.training.count + (nested.validation?.count ?? 0) == both.training.count)
  }

  @Test func `parts of parts are disjoint, and a part with itself is refused`() throws {
    let (rest, test) = try file().split(0.2, seed: 1)
    let (training, validation) = rest.split(0.1, seed: 1)
    let data = try DataSample.prepare(training, .data(test))
    let other = try DataSample.prepare(training, .data(validation))
    #expect(data.training.lines == other.training.lines)
    let lines =
      data.training.lines + (data.validation?.lines ?? []) + (other.validation?.lines ?? [])
    #expect(lines.sorted() == Array(2...422))
    #expect(throws: TrainingError.self) { try DataSample.prepare(training, .data(training)) }
    #expect(throws: TrainingError.self) { try DataSample.prepare(training, .data(rest)) }
  }

  @Test func `rows with one text are on one side`() throws {
    let rows = (0..<200).map { "{\"text\":\"text \($0 / 4)\",\"label\":\(Double($0) + 0.5)}\n" }
    let data = try DataSample.prepare(
      .jsonl(try folder.file("a.jsonl", rows.joined())), .share(0.3, seed: 3))
    #expect(data.task == .regression && data.validation?.count == 60)
    #expect(data.summary.overlap == 0 && data.summary.conflicts > 0)
  }

  @Test func `questions about one context are on one side`() throws {
    let examples = (0..<60).map { number in
      TrainingExample.question(
        "Question \(number)?", context: "Context \(number / 3) is here.",
        answers: [AnswerExample(start: 0, text: "Context")])
    }
    let data = try DataSample.prepare(.examples(examples), .share(0.2, seed: 5))
    let validation = try #require(data.validation)
    #expect(validation.count == 12)
    #expect(Set(validation.lines.map { ($0 - 1) / 3 }).count == 4)
  }

  @Test(arguments: [0.0, 1, -0.5, .nan, 0.99999])
  func `a share that leaves a part empty is an error`(share: Double) throws {
    let data = TrainingData.examples([.labeled("A", label: "x"), .labeled("B", label: "y")])
    #expect(throws: TrainingError.self) {
      try DataSample.prepare(data, .share(share, seed: 1))
    }
  }

  @Test func `every example is in one fold, with the labels' shares and equal texts together`()
    throws
  {
    let data = try DataSample.prepare(try file()).training
    let folds = try DataSplit.folds(of: data, count: 5, seed: 3)
    #expect(folds.flatMap(\.self).sorted() == Array(0..<421))
    for fold in folds {
      let counts = LabelCounts(of: data.selecting(fold)).counts
      #expect((63...65).contains(counts[0]) && counts[1] == 20)
    }
    let texts = folds.map { fold in Set(fold.map { data.rows.hash(of: $0) }) }
    #expect(texts.reduce(0) { $0 + $1.count } == 401)
    #expect(try DataSplit.folds(of: data, count: 5, seed: 3) == folds)
    #expect(try DataSplit.folds(of: data, count: 5, seed: 4) != folds)
    for count in [-1, 0, 1, 402] {
      #expect(throws: TrainingError.self) { try DataSplit.folds(of: data, count: count, seed: 1) }
    }
  }

  @Test func `the training file is refused as validation data`() throws {
    let data = try file()
    let failure = try DataSample.failure(folder, data, .data(data))
    #expect(failure.contains("the validation data are the training data"))
    let text = "text,label\nA,x\nB,y\n"
    let first = TrainingData.csv(try folder.file("b.csv", text))
    let copy = TrainingData.csv(try folder.file("c.csv", text))
    #expect(
      try DataSample.failure(folder, first, .data(copy)).hasPrefix("DIR/c.csv: the validation"))
  }

  @Test func `texts of both files are counted and named`() throws {
    let training = TrainingData.csv(try folder.file("a.csv", "text,label\nA,x\nB,y\nC,x\n"))
    let validation = TrainingData.csv(try folder.file("b.csv", "text,label\nD,x\nC,y\nA,x\n"))
    let data = try DataSample.prepare(training, .data(validation))
    #expect(data.summary.overlap == 2)
    #expect(
      data.summary.warnings.contains {
        $0.hasPrefix("2 of 3 validation rows have a text of the training data")
          && $0.hasSuffix("b.csv:3")
      })
  }

  @Test func `duplicates and contradictions are counted separately`() throws {
    let file = try folder.file("a.csv", "text,label\nA,x\nB,y\nA,x\nA,y\nB,y\n")
    let summary = try DataSample.prepare(.csv(file)).summary
    #expect(summary.duplicates == 2 && summary.conflicts == 1)
    #expect(summary.firstConflict == "\(file):2 and \(file):5")
    #expect(summary.lines.contains { $0.contains("2 duplicates, 1 with contradicting labels") })
  }

  @Test func `the files are named by their hashes`() throws {
    let training = try folder.file("a.csv", "text,label\nA,x\nB,y\n")
    let summary = try DataSample.prepare(.csv(training)).summary
    #expect(summary.files.map(\.path) == [training])
    #expect(summary.files[0].sha256 == SHA256.hex(of: "text,label\nA,x\nB,y\n".utf8))
  }
}
