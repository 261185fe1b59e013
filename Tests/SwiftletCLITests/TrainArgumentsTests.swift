import ArgumentParser
import Swiftlet
import SwiftletTraining
import Testing

@testable import SwiftletCLI

@Suite struct TrainArgumentsTests {
  private static let required = ["--model", "m", "--file", "a.csv"]

  private static func parse(_ arguments: String...) throws -> TrainCommand {
    try TrainCommand.parse(required + ["--output", "o"] + arguments)
  }

  @Test func `every option of a training is declared once, by its own flag`() throws {
    let options = try CommandOptions(of: TrainCommand.self)
    let switches = ["distilbert", "group-by-length"]
    for argument in TrainingOptions().arguments {
      let option = options["--\(argument.name)"]
      #expect(option?.takesValue == !switches.contains(argument.name), "\(argument.name)")
    }
    let all = TrainingOptions().arguments.map(\.name)
    let declared = Mirror(reflecting: try Self.parse().training).children.compactMap(\.label)
    #expect(declared.count == all.count)
  }

  @Test func `options reach the training, others keep their defaults`() throws {
    let command = try Self.parse(
      "--learning-rate", "3e-5", "--method", "last:2", "--group-by-length", "--time-limit", "30m",
      "--max-memory", "4G", "--class-weights", "balanced", "--evaluate-every", "100", "--metric",
      "macro-f1", "--precision", "bfloat16", "--threads", "2")
    var expected = TrainingOptions()
    expected.learningRate = 3e-5
    expected.method = .lastLayers(2)
    expected.groupByLength = true
    expected.timeLimit = .seconds(1800)
    expected.maxMemory = 4 << 30
    expected.classWeights = .balanced
    expected.evaluateEvery = .steps(100)
    expected.metric = .macroF1
    expected.precision = .bfloat16
    expected.threads = 2
    #expect(try command.training.options() == expected)
  }

  @Test func `columns and policies reach the reader of both files`() throws {
    let command = try Self.parse(
      "--text-column", "t", "--pair-column", "p", "--label-column", "l", "--label-separator", ";",
      "--no-header", "--input-format", "tsv", "--task", "multi-label", "--on-bad-rows", "skip",
      "--on-unlabelled-rows", "skip", "--on-empty-rows", "error", "--validation", "b.csv")
    var options = TrainingFileOptions(format: .tsv, task: .multiLabel)
    options.textColumn = "t"
    options.pairColumn = "p"
    options.labelColumn = "l"
    options.labelSeparator = ";"
    options.hasHeader = false
    options.onBadRows = .skip
    options.onUnlabelledRows = .skip
    options.onEmptyRows = .error
    #expect(command.data.training == .file("a.csv", options))
    #expect(try command.data.validationData(seed: 1) == .data(.file("b.csv", options)))
    #expect(command.data.paths == ["a.csv", "b.csv"])
  }

  @Test(
    arguments: [
      (nil, .share(0.1, seed: 7)), ("0.25", .share(0.25, seed: 7)), ("none", .none),
      ("./0.25", .data(.file("./0.25"))),
    ] as [(String?, ValidationData)])
  func `validation is a share, a file or none`(text: String?, expected: ValidationData) throws {
    let command = try TrainCommand.parse(
      Self.required + ["--output", "o"] + (text.map { ["--validation", $0] } ?? []))
    #expect(try command.data.validationData(seed: 7) == expected)
  }

  @Test(arguments: [
    (["--epochs", "2", "--max-steps", "3"], "exclude each other"),
    (["--epochs", "many"], "--epochs is 'many', but must be a number"),
    (["--time-limit", "30x"], "must be a time such as 90s, 30m or 2h"),
    (["--metric", "goodness"], "must be one of accuracy, macro-f1"),
    (["--method", "half"], "must be full, last:N"),
    (["--learning-rate", "0"], "--learning-rate"), (["--batch-size", "0"], "--batch-size"),
    (["--layer-decay", "0.9", "--method", "head"], "is not used by --method head"),
    (["--validation", "2"], "write ./2 for a file of this name"),
    (["--validation", "none", "--patience", "2"], "--patience is not used with --validation none"),
    (["--validation", "none", "--calibrate"], "--calibrate is not used"),
    (["--validation", "-"], "reads a file more than once"),
    (["--resume", "--force"], "give one of them"),
    (["--dry-run", "--log", "l"], "--log is not used by --dry-run"),
    (["--dry-run", "--keep-checkpoint"], "--keep-checkpoint is not used by --dry-run"),
    (["--cross-validate", "3"], "--output is not used with --cross-validate"),
    (["--dry-run", "--sweep", "epochs=1,2"], "--sweep is not used by --dry-run"),
    (["--cross-validate", "1"], "--cross-validate must be between 2 and 1000"),
    (["--sweep", "epochs"], "such as learning-rate=1e-5,3e-5"),
    (["--sweep", "threads=1,2"], "can't vary 'threads'"),
    (["--sweep", "epochs=1,2", "--epochs", "3"], "--epochs and --sweep epochs=… exclude"),
    (["--sweep", "epochs=1,2", "--resume"], "--sweep has no checkpoint"),
    (["--sweep", "epochs=1,2", "--cross-validate", "2"], "exclude each other"),
    (["--label-separator", ";", "--task", "classify"], "--task multi-label only"),
    (["--label-separator", ""], "--label-separator is empty"),
    (["--input-format", "squad", "--text-column", "t"], "not used by files in the format squad"),
    (["--input-format", "jsonl", "--delimiter", ","], "--delimiter is not used by files"),
    (["--output", ""], "--output is empty"),
  ])
  func `contradictions and unused flags are refused before any work`(
    arguments: [String], words: String
  ) {
    let output = arguments.contains("--output") ? [] : ["--output", "o"]
    let problem = #expect(throws: (any Error).self) {
      _ = try TrainCommand.parse(Self.required + output + arguments)
    }
    let message = problem.map { TrainCommand.message(for: $0) } ?? ""
    #expect(message.contains(words), "\(message)")
  }

  @Test(arguments: [
    (["--cross-validate", "3", "--dry-run"], "--cross-validate is not used by --dry-run"),
    (["--cross-validate", "3", "--method", "lora", "--adapter"], "--adapter is not used with"),
    (["--dry-run", "--force"], "--force is used by --dry-run with --output only"),
  ])
  func `flags that need an output are refused without one`(arguments: [String], words: String) {
    let problem = #expect(throws: (any Error).self) {
      _ = try TrainCommand.parse(Self.required + arguments)
    }
    let message = problem.map { TrainCommand.message(for: $0) } ?? ""
    #expect(message.contains(words), "\(message)")
  }

  @Test func `only a plan and a cross-validation need no output`() throws {
    #expect(throws: (any Error).self) { _ = try TrainCommand.parse(Self.required) }
    _ = try TrainCommand.parse(Self.required + ["--dry-run"])
    _ = try TrainCommand.parse(Self.required + ["--cross-validate", "3"])
  }

  @Test func `a sweep has every combination of its values`() throws {
    let sweep = try Self.parse("--sweep", "epochs=1,2", "--sweep", "learning-rate=1e-5,3e-5")
      .sweep()
    #expect(sweep.candidates.map(\.epochs) == [1, 1, 2, 2])
    #expect(sweep.candidates.map(\.learningRate) == [1e-5, 3e-5, 1e-5, 3e-5])
  }
}
