import Testing

@testable import SwiftletTraining

struct DataLabelTests {
  private let folder: DataFolder
  init() throws { folder = try DataFolder() }

  private func data(_ labels: [String], name: String = "a.csv") throws -> TrainingData {
    let rows = labels.enumerated().map { "text \($0.offset),\($0.element)\n" }.joined()
    return .csv(try folder.file(name, "text,label\n" + rows))
  }

  @Test(arguments: [
    (["2", "10", "-1", "2"], ["-1", "2", "10"]), (["0", "5", "7"], ["0", "5", "7"]),
    (["b", "a", "Ä", "B"], ["B", "a", "b", "Ä"]), (["1", "x", "10"], ["1", "10", "x"]),
    (["True", "False"], ["False", "True"]),
  ])
  func `any set of labels works, sorted by number or by scalars`(
    labels: [String], order: [String]
  ) throws {
    let prepared = try DataSample.prepare(try data(labels), task: .classification)
    #expect(prepared.labels == order)
    let expected = labels.compactMap { order.firstIndex(of: $0) }.map {
      ExampleTarget.label(Int32($0))
    }
    #expect(prepared.targets == expected)
  }

  @Test(arguments: [
    (["pos", "neg"], ["neg", "pos"]), (["POSITIVE", "NEGATIVE"], ["NEGATIVE", "POSITIVE"]),
    (["positive", "negative"], ["NEGATIVE", "POSITIVE"]), (["1", "0"], ["NEGATIVE", "POSITIVE"]),
    (["1", "2"], ["1", "2"]), (["POSITIVE", "other"], ["POSITIVE", "other"]),
  ])
  func `the base model's labels are kept if they are the same`(
    labels: [String], order: [String]
  ) throws {
    let prepared = try DataSample.prepare(try data(labels), baseLabels: ["NEGATIVE", "POSITIVE"])
    #expect(prepared.labels == order)
  }

  @Test func `the base model's order is kept even if it is not sorted`() throws {
    let base = ["z", "a", "m"]
    let prepared = try DataSample.prepare(try data(["a", "z"]), baseLabels: base)
    #expect(prepared.labels == base && prepared.targets == [.label(1), .label(0)])
    #expect(prepared.summary.warnings.contains { $0.contains("no training row: \"m\"") })
  }

  @Test func `one label is an error`() throws {
    #expect(
      try DataSample.failure(folder, try data(["x", "x"]))
        == "DIR/a.csv: the only label is \"x\" (2 times); a classifier needs at least two labels;"
        + " --label-column selects another column")
    #expect(try DataSample.failure(folder, try data(["-1", "-1"])).contains("test data"))
    #expect(try DataSample.failure(folder, try data(["x"])).contains("is \"x\" (1 time);"))
  }

  @Test func `one label counts the rows of the file, not those of a part`() throws {
    let rows = try data([String](repeating: "x", count: 20))
    for share in [0.1, 0.5] {
      let failure = try DataSample.failure(folder, rows, .share(share, seed: 1))
      #expect(failure.contains("(20 times)"))
    }
    // The one row with the other label is in the part that is left out.
    let two = try data([String](repeating: "x", count: 19) + ["y"], name: "b.csv")
    let failures = try (0..<4).compactMap { index -> String? in
      do {
        _ = try DataSample.prepare(two, .part(index, of: 4, seed: 1))
        return nil
      } catch let error as TrainingError {
        return error.description
      }
    }
    #expect(failures.count == 1)
    #expect(
      failures.first?.contains("the 15 rows for training have only the label \"x\"") == true)
  }

  @Test func `a label that only validation data have names its row`() throws {
    let training = try data(["x", "y"])
    let validation = try data(["x", "y", "z", "z"], name: "b.csv")
    #expect(
      try DataSample.failure(folder, training, .data(validation))
        == "DIR/b.csv:4: unknown label \"z\"; the training data or the teacher has \"x\", \"y\";"
        + " correct the label, or add rows with it to the training data")
    let other = try data(["y"], name: "c.csv")
    let prepared = try DataSample.prepare(training, .data(other))
    #expect(prepared.validation.map { $0.target(of: 0) } == .label(1))
  }

  @Test func `sets of labels are in rising order and may be empty`() throws {
    let text =
      "{\"text\":\"A\",\"labels\":[\"y\",\"b\",\"y\"]}\n{\"text\":\"B\",\"labels\":[]}\n"
      + "{\"text\":\"C\",\"labels\":[7]}\n"
    let prepared = try DataSample.prepare(.jsonl(try folder.file("a.jsonl", text)))
    #expect(prepared.labels == ["7", "b", "y"])
    #expect(prepared.targets == [.labels([1, 2]), .labels([]), .labels([0])])
    #expect(prepared.summary.labelCounts?.counts == [1, 1, 1])
  }

  @Test func `a separator divides labels`() throws {
    var options = TrainingFileOptions()
    options.labelSeparator = "; "
    let file = try folder.file("a.csv", "text,label\nA,x; y\nB,y\n")
    let prepared = try DataSample.prepare(.file(file, options))
    #expect(prepared.task == .multiLabel && prepared.labels == ["x", "y"])
    #expect(prepared.targets == [.labels([0, 1]), .labels([1])])
  }

  @Test func `data to evaluate on have the model's labels`() throws {
    let labels = ["NEGATIVE", "POSITIVE"]
    let (examples, summary) = try PreparedData.evaluation(
      of: try data(["positive", "POSITIVE", "1"]), encoding: DataSample.encoding(),
      task: .classification, labels: labels)
    #expect(examples.labels == labels && examples.target(of: 0) == .label(1))
    #expect(summary.warnings.isEmpty && summary.labelCounts?.counts == [0, 3])
    let other = try data(["POSITIVE", "good"])
    #expect(throws: TrainingError.self) {
      try PreparedData.evaluation(
        of: other, encoding: DataSample.encoding(), task: .classification, labels: labels)
    }
  }

  @Test func `the number of a label is not taken for a label that is a number`() {
    #expect(LabelOrder.places(of: ["0", "1"], in: ["1", "2"]) == [-1, 0])
    #expect(LabelOrder.places(of: ["0", "b", "2"], in: ["A", "B"]) == [0, 1, -1])
  }
}
