import ArgumentParser
import Swiftlet
import SwiftletSystem
import SwiftletTraining

/// `swiftlet train`: labelled rows and a base model in, a trained model out.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a model on your own labels.",
    discussion: """
      Task, format and columns are found by the contents of the file, a tenth of the rows is kept \
      for validation, and the weights of the best evaluation are written. The plan shows all of it \
      before the first step.

        swiftlet train --model path/to/model --file reviews.csv --output my-model
        swiftlet train --model path/to/model --file train.tsv --validation dev.tsv \\
          --output my-model --epochs 2 --metric macro-f1 --patience 2
        swiftlet train --model path/to/model --file train.tsv --dry-run
        swiftlet train --model path/to/model --file train.tsv --output my-model \\
          --method head --sweep learning-rate=1e-4,1e-3 --force
        swiftlet train --model path/to/model --file train.tsv --cross-validate 2 \\
          --method head

      Standard error shows the plan, warnings and, on a terminal, progress and a table of \
      evaluations. Standard output has one JSON object for each event, unless it is a terminal; \
      --log writes the same to a file.

      Ctrl-C saves a checkpoint in --output, ends with status 130 and prints the command that \
      continues the training; a second Ctrl-C ends at once. SIGTERM and SIGHUP do the same. The \
      same seed gives the same model with any number of threads and any --max-memory, with or \
      without an interruption.
      """
  )

  @Option(
    name: [.short, .long],
    help: ArgumentHelp(
      "The base: a folder with config.json, weights and a vocabulary, or org/name.",
      valueName: "folder")
  )
  var model: String

  @OptionGroup(title: "Data") var data: TrainingDataArguments
  @OptionGroup(title: "Training") var training: TrainingOptionArguments
  @OptionGroup(title: "Several trainings") var search: TrainingSearchArguments

  @OptionGroup(title: "Output") var output: TrainingOutputArguments

  func validate() throws {
    do throws(TrainingError) {
      if !search.sweep.isEmpty { _ = try sweep() }
    } catch {
      throw ValidationError(error.description)
    }
    for conflict in conflicts where conflict.isGiven {
      throw ValidationError(conflict.message)
    }
    guard output.output == nil, !output.dryRun, search.crossValidate == nil else { return }
    throw ValidationError(
      "--output needs the name of a folder; --dry-run shows the plan without one")
  }

  /// - Throws: `ValidationError` for options that were not given in a valid form.
  func sweep() throws(TrainingError) -> Sweep {
    try Sweep(search.sweep, base: try training.options())
  }

  func run() throws {
    try data.checkFiles()
    let words = try SwiftletCommand.words()
    let request = try request(
      folder: try ModelLocation(
        ModelSource.folder(model, hidesProgress: output.hidesProgress)
      ).directory, words: words)
    let reporter = try reporter()
    let trainer = TrainerRun(
      request: request, reporter: reporter, data: data, words: words,
      cancellation: SignalWatch.cancellation)
    if output.dryRun {
      try trainer.plan()
    } else if let count = search.crossValidate {
      try trainer.crossValidate(count)
    } else if search.sweep.isEmpty {
      try trainer.train()
    } else {
      try trainer.train(by: try sweep())
    }
  }

  private func request(folder: String, words: [String]) throws -> TrainingRequest {
    let options = try training.options()
    var request = TrainingRequest(
      model: folder, training: data.training,
      validation: try data.validationData(seed: options.seed), options: options,
      output: output.output)
    request.task = data.task
    request.resumes = output.resume
    request.replacesOutput = output.force
    request.keepsCheckpoint = output.keepCheckpoint
    request.calibrates = output.calibrate
    request.writesAdapter = output.adapter
    request.timesPlan = true
    request.command = words
    return request
  }

  private func reporter() throws(CommandFailure) -> TrainingReporter {
    let log = try output.openLog(reading: data.paths)
    let writesEvents = output.isJSON || !Terminal(descriptor: 1).isTerminal
    return TrainingReporter(
      streams: (writesEvents ? [EventStream()] : []) + [log].compactMap(\.self),
      hidesProgress: output.hidesProgress, cancellation: SignalWatch.cancellation)
  }
}

// MARK: Contradictions

extension TrainCommand {
  private typealias Conflict = (isGiven: Bool, message: String)

  /// What can't be given together, or would not be used.
  private var conflicts: [Conflict] {
    withoutValidation + inCrossValidation + inSweep + inDryRun
  }

  private var withoutValidation: [Conflict] {
    guard data.hasNoValidation else { return [] }
    let unused = ["metric", "patience", "minimum-gain", "evaluate-every", "evaluation-batch-size"]
    let given = training.given.map(\.flag)
    let flags = unused.map { ("--\($0)", given.contains($0)) }
    return (flags + [("--calibrate", output.calibrate), ("--sweep", !search.sweep.isEmpty)]).map {
      ($0.1, "\($0.0) is not used with --validation none")
    }
  }

  private var inCrossValidation: [Conflict] {
    guard search.crossValidate != nil else { return [] }
    let flags = [
      ("--output", output.output != nil), ("--force", output.force), ("--resume", output.resume),
      ("--keep-checkpoint", output.keepCheckpoint), ("--calibrate", output.calibrate),
      ("--adapter", output.adapter), ("--save-every", training.saveEvery != nil),
    ]
    return flags.map { ($0.1, "\($0.0) is not used with --cross-validate, which writes no model") }
      + [(data.validation != nil, "--cross-validate and --validation exclude each other")]
  }

  private var inDryRun: [Conflict] {
    guard output.dryRun else { return [] }
    let flags = [
      ("--cross-validate", search.crossValidate != nil), ("--sweep", !search.sweep.isEmpty),
    ]
    return flags.map { ($0.1, "\($0.0) is not used by --dry-run, which plans one training") }
  }

  private var inSweep: [Conflict] {
    guard !search.sweep.isEmpty else { return [] }
    let varied = search.sweep.map { String($0.prefix { $0 != "=" }.drop { $0 == "-" }) }
    let given = training.given.map(\.flag)
    return varied.map {
      (given.contains($0), "--\($0) and --sweep \($0)=… exclude each other")
    } + [
      (
        output.resume,
        "--sweep has no checkpoint before its last training; the command that an interruption"
          + " prints continues that one"
      )
    ]
  }
}
