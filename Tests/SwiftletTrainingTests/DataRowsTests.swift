import Testing

@testable import SwiftletTraining

struct DataRowsTests {
  private let folder: DataFolder
  init() throws { folder = try DataFolder() }

  private func skipping(_ file: String) -> TrainingData {
    var options = TrainingFileOptions()
    (options.onBadRows, options.onUnlabelledRows) = (.skip, .skip)
    return .file(file, options)
  }

  @Test(arguments: [
    ("a.csv", "text,label\nA,x\nB\nC,y\n", 3, "expected 2 columns"),
    (
      "a.jsonl",
      "{\"text\":\"A\",\"label\":\"x\"}\n{\"text\":\"B\",\n{\"text\":\"C\",\"label\":\"y\"}\n", 2,
      "not JSON"
    ),
    (
      "a.jsonl", "{\"text\":\"A\",\"label\":\"x\"}\n[1]\n{\"text\":\"C\",\"label\":\"y\"}\n", 2,
      "an array"
    ),
    (
      "a.jsonl",
      "{\"text\":\"A\",\"label\":\"x\"}\n{\"label\":\"x\"}\n{\"text\":\"C\",\"label\":\"y\"}\n", 2,
      "a string"
    ),
    (
      "a.jsonl",
      "{\"text\":\"A\",\"label\":\"x\"}\n{\"text\":\"B\",\"label\":{}}\n{\"text\":\"C\",\"label\":\"y\"}\n",
      2,
      "an object"
    ),
    ("a.csv", "text,label\nA,1.5\nB,1\nC,2.5\nD,good\n", 5, "a number"),
  ])
  func `a bad row names its line, or is left out and counted`(
    name: String, text: String, line: Int, message: String
  ) throws {
    let file = try folder.file(name, text)
    let options = TrainingFileOptions(task: message == "a number" ? .regression : nil)
    let failure = try DataSample.failure(folder, .file(file, options))
    #expect(failure.hasPrefix("DIR/\(name):\(line): ") && failure.contains(message))
    #expect(failure.hasSuffix("--on-bad-rows skip leaves such rows out and counts them"))
    guard message != "a number" else { return }
    let data = try DataSample.prepare(skipping(file))
    #expect(data.training.count == 2)
    #expect(data.summary.skipped.map(\.count) == [1])
    #expect(data.summary.warnings.contains { $0.contains(":\(line): ") })
  }

  @Test func `a row without a label is an error, or left out, or kept for a teacher`() throws {
    let file = try folder.file("a.csv", "text,label\nA,x\nB,\nC,y\n")
    #expect(
      try DataSample.failure(folder, .csv(file))
        == "DIR/a.csv:3: the row has no label; --on-unlabelled-rows skip leaves such rows out and"
        + " counts them")
    let data = try DataSample.prepare(skipping(file))
    #expect(data.training.lines == [2, 4])
    #expect(data.summary.lines.contains { $0.contains("1 left out, which have no label") })
    let kept = try DataSample.prepare(.csv(file), task: .classification, keepsUnlabelled: true)
    #expect(kept.targets == [.label(0), .label(-100), .label(1)])
    #expect((0..<3).map { kept.training.labelledItems(of: $0) } == [1, 0, 1])
  }

  @Test func `texts without any label are kept for a teacher`() throws {
    let file = try folder.file("a.txt", "One.\nTwo.\n")
    let data = try DataSample.prepare(
      .file(file), task: .classification, baseLabels: ["NO", "YES"], keepsUnlabelled: true)
    #expect(data.labels == ["NO", "YES"] && data.targets == [.label(-100), .label(-100)])
    var training = data.training
    training.attach(softLabels: [1, 2, 3, 4], width: 2)
    #expect(training.softLabels.map { Array($0[1]) } == [3, 4])
  }

  @Test func `texts for a teacher have its labels, and other columns are not labels`() throws {
    let base = ["NO", "YES"]
    let plain = try folder.file("a.csv", "text,source\nA,web\nB,mail\n")
    let data = try DataSample.prepare(
      .csv(plain), task: .classification, baseLabels: base, keepsUnlabelled: true)
    #expect(data.targets == [.label(-100), .label(-100)])
    #expect(data.summary.lines.contains("columns: text \"text\""))
    let labelled = try folder.file("b.csv", "text,label\nA,yes\nB,\n")
    let known = try DataSample.prepare(
      .csv(labelled), task: .classification, baseLabels: base, keepsUnlabelled: true)
    #expect(known.labels == base && known.targets == [.label(1), .label(-100)])
    let other = TrainingData.csv(try folder.file("c.csv", "text,label\nA,yes\nB,maybe\n"))
    #expect(throws: TrainingError.self) {
      try DataSample.prepare(
        other, task: .classification, baseLabels: base, keepsUnlabelled: true)
    }
  }

  @Test(arguments: ["1e39", "nan", "inf", "1,5", "x"])
  func `a value that is not a number of 32 bits is an error`(value: String) throws {
    let file = try folder.file("a.csv", "text,label\nA,1\nB,\"\(value)\"\n")
    let options = TrainingFileOptions(task: .regression)
    #expect(
      try DataSample.failure(folder, .file(file, options)).contains("a.csv:3: expected a number"))
    #expect(throws: TrainingError.self) {
      try DataSample.prepare(.examples([.value("A", value: Double(value) ?? .nan)]))
    }
  }

  @Test func `an empty text is left out with a warning, or an error`() throws {
    let file = try folder.file("a.csv", "text,label\nA,x\n\" \u{200B}\",x\nC,y\n")
    let data = try DataSample.prepare(.csv(file))
    #expect(data.training.lines == [2, 4])
    #expect(
      data.summary.warnings.contains {
        $0.contains("because they have an empty text: 1") && $0.contains(":3:")
      })
    var options = TrainingFileOptions()
    options.onEmptyRows = .error
    #expect(
      try DataSample.failure(folder, .file(file, options)).hasPrefix(
        "DIR/a.csv:3: the text is empty"))
  }

  @Test func `a text of ten megabytes is cut and counted`() throws {
    let long = String(repeating: "word ", count: 2_000_000)
    let file = try folder.file("a.csv", "text,label\n\(long),x\nShort.,y\n")
    let data = try DataSample.prepare(.csv(file))
    #expect(data.training.tokenCount(of: 0) == 512)
    #expect(data.summary.tokens.cutSequences == 1 && data.summary.tokens.longest == 2_000_002)
    #expect(data.summary.tokens.cutTokens == 2_000_002 - 512)
    #expect(data.summary.lines.contains { $0.contains("50.0 % of the texts") })
  }

  @Test func `the share of cut texts and tokens is told`() throws {
    let file = try folder.file("a.csv", "text,label\na b c d e f g h,x\na b,y\na b,x\na,y\n")
    let tokens = try DataSample.prepare(.csv(file), maxLength: 6).summary.tokens
    #expect(tokens.cutSequenceShare == 0.25)
    #expect(tokens.cutTokens == 4 && tokens.total == 10 + 4 + 4 + 3)
    #expect(tokens.quantile(0.5) == 4 && tokens.quantile(0.99) == 10)
  }

  @Test func `an entity that cuts a word is named`() throws {
    let file = try folder.file(
      "a.jsonl", "{\"text\":\"é Ada Lovelace\",\"entities\":[[2,8,\"PER\"]]}\n")
    let failure = try DataSample.failure(folder, .file(file))
    #expect(
      failure.contains("a.jsonl:1: the entity PER at 2 to 8, \"Ada Lo\", begins or ends inside"))
    #expect(failure.contains("\"Lovelace\""))
  }

  @Test(arguments: [
    ("[[0,3,\"A\"],[0,3,\"B\"]]", "overlaps"), ("[[0,99,\"A\"]]", "not in the text"),
    ("[[3,3,\"A\"]]", "a start before the end"), ("[[3,4,\"A\"]]", "has no word"),
    ("[[\"x\"]]", "[start, end, label]"), ("7", "a list of entities"),
  ])
  func `an entity that does not fit is an error`(entities: String, message: String) throws {
    let file = try folder.file("a.jsonl", "{\"text\":\"Ada ran\",\"entities\":\(entities)}\n")
    #expect(try DataSample.failure(folder, .file(file)).contains(message))
  }

  @Test func `entities become tags of the first pieces of their words`() throws {
    let file = try folder.file(
      "a.jsonl",
      "{\"text\":\"😀 Ada Lovelace, London\",\"entities\":[[2,14,\"PER\"],"
        + "{\"start\":16,\"end\":22,\"label\":\"LOC\"}]}\n")
    let data = try DataSample.prepare(.file(file))
    #expect(data.labels == ["B-LOC", "B-PER", "I-LOC", "I-PER", "O"])
    guard case .tokenLabels(let labels) = data.targets[0] else { return }
    #expect(labels.filter { $0 >= 0 } == [4, 1, 3, 4, 0])
    #expect(labels.first == -100 && labels.last == -100)
    #expect(data.training.labelledItems(of: 0) == 5)
  }

  @Test func `a line of CoNLL without a tag is a bad sentence`() throws {
    let file = try folder.file(
      "a.conll", "-DOCSTART- O\n\nAda B-PER\nran O\n\nbroken\nO O\n\n\t\nOK O\n")
    #expect(
      try DataSample.failure(folder, .file(file)).contains("a.conll:6: expected a word and a tag"))
    let data = try DataSample.prepare(skipping(file))
    #expect(data.training.lines == [3, 10] && data.labels == ["B-PER", "O"])
  }

  @Test func `an answer that is not at its place is named`() throws {
    let file = try folder.file(
      "a.json",
      "{\"data\": [{\"paragraphs\": [{\"qas\": [\n{\"question\": \"Who?\", \"answers\":"
        + " [{\"text\": \"Ada\", \"answer_start\": 1}]}], \"context\": \"Ada ran.\"}]}]}")
    let failure = try DataSample.failure(folder, .file(file))
    #expect(
      failure.contains("a.json:2: expected \"Ada\" at the character 1")
        && failure.contains("\"da \""))
  }

  @Test func `a sentence without a labelled token counts no item`() throws {
    let data = try DataSample.prepare(
      .examples([
        .words(["\u{FE0F}"], tags: ["O"]), .words(["Ada", "unbelievably"], tags: ["B-PER", "O"]),
      ]))
    #expect((0..<2).map { data.training.labelledItems(of: $0) } == [0, 2])
    #expect(throws: TrainingError.self) {
      try DataSample.prepare(.examples([.words(["Ada", "ran"], tags: ["B-PER", " "])]))
    }
  }

  @Test func `values without a number are kept for a teacher`() throws {
    let file = try folder.file("a.csv", "text,label\nA,1.5\nA,\nB,2\n")
    let data = try DataSample.prepare(.csv(file), task: .regression, keepsUnlabelled: true)
    #expect(data.targets == [.value(1.5), .none, .value(2)])
    #expect((0..<3).map { data.training.labelledItems(of: $0) } == [1, 0, 1])
    #expect(data.summary.duplicates == 1 && data.summary.conflicts == 0)
  }

  @Test func `a choice outside the list is named, and the text of a choice is one`() throws {
    let bad = try folder.file(
      "a.jsonl", "{\"prompt\":\"A\",\"choices\":[\"b\",\"c\"],\"label\":2}\n")
    #expect(try DataSample.failure(folder, .file(bad)).contains("from 0 to 1"))
    let file = try folder.file(
      "b.jsonl", "{\"prompt\":\"A\",\"choices\":[\"b\",\"c\",\"d\"],\"label\":\"c\"}\n")
    let data = try DataSample.prepare(.file(file))
    #expect(data.targets == [.choice(1)] && data.training.sequenceCount(of: 0) == 3)
  }

  @Test func `embeddings have several sequences and a score`() throws {
    let triplets = try folder.file(
      "a.csv", "anchor,positive,negative_1,negative_2\nA,B,C,D\nE,F,G,H\n")
    let data = try DataSample.prepare(.csv(triplets))
    #expect(data.training.sequenceCount(of: 1) == 4 && data.targets == [.none, .none])
    let scored = try folder.file("b.csv", "sentence1,sentence2,score\nA,B,2.5\n")
    #expect(try DataSample.prepare(.csv(scored)).targets == [.similarity(2.5)])
  }

  @Test func `examples in memory have the rules of files`() throws {
    let examples: [TrainingExample] = [
      .labeled("Good.", label: "p"), .labeled(" ", label: "n"),
      .labeled("Bad.", pair: "x", label: "n"),
    ]
    let data = try DataSample.prepare(.examples(examples))
    #expect(data.labels == ["n", "p"] && data.training.lines == [1, 3])
    #expect(data.training.place(of: 1) == "example 3")
    #expect(throws: TrainingError.unlabelledRow(file: nil, line: 2)) {
      try DataSample.prepare(.examples([.labeled("A", label: "p"), .text("B")]))
    }
    #expect(throws: TrainingError.self) {
      try DataSample.prepare(.examples([.labeled("A", label: "p"), .value("B", value: 1)]))
    }
    #expect(throws: TrainingError.self) { try DataSample.prepare(.examples([])) }
  }
}
