import ArgumentParser
import Swiftlet
import SwiftletTraining

/// `swiftlet distill`: a trained model and texts in, a smaller model with nearly the same answers out.
struct DistillCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "distill",
    abstract: "Make a smaller model that answers as a larger one does.",
    discussion: """
      The student starts with some of the teacher's layers and learns its answers to your texts: \
      scores of a classifier or a tagger, or the numbers of a regression. The texts need no labels; \
      rows with a label are learned, too. A BERT teacher makes a DistilBERT student.

        swiftlet distill --teacher my-model --file texts.txt --output small
        swiftlet distill --teacher my-model --layers 2 --file dev.tsv \\
          --validation none --temperature 4 --output smaller
        swiftlet distill --teacher my-model --keep-layers 0,5 --file texts.txt \\
          --dry-run

      The teacher answers all texts once, before the first step; a resumed training lets it answer \
      again. The end compares both models: layers, parameters, size, speed and metric. Without \
      labels, the metrics measure the agreement with the teacher.

      Output, options, Ctrl-C and --resume are those of swiftlet train.
      """
  )

  @Option(
    name: [.short, .long],
    help: ArgumentHelp(
      "The trained model to learn from: a folder with config.json, weights and a"
        + " vocabulary.", valueName: "folder")
  )
  var teacher: String

  @OptionGroup(title: "Student") var student: DistillationArguments
  @OptionGroup(title: "Data") var data: TrainingDataArguments
  @OptionGroup(title: "Training") var training: TrainingOptionArguments
  @OptionGroup(title: "Output") var output: TrainingOutputArguments

  func validate() throws {
    try requireText(teacher, for: "--teacher")
    for (flag, isGiven) in conflicts where isGiven {
      throw ValidationError("\(flag) is not used with --validation none")
    }
    if output.adapter { throw ValidationError("--adapter is used by swiftlet train only") }
    guard output.output == nil, !output.dryRun else { return }
    throw ValidationError(
      "--output needs the name of a folder; --dry-run shows the plan without one")
  }

  /// What would not be used without validation rows.
  private var conflicts: [(flag: String, isGiven: Bool)] {
    guard data.hasNoValidation else { return [] }
    let unused = ["metric", "patience", "minimum-gain", "evaluate-every", "evaluation-batch-size"]
    let given = training.given.map(\.flag)
    return unused.map { ("--\($0)", given.contains($0)) } + [("--calibrate", output.calibrate)]
  }

  func run() throws {
    try data.checkFiles()
    let words = try SwiftletCommand.words()
    let log = try output.openLog(reading: data.paths)
    let writesEvents = output.isJSON || !Terminal(descriptor: 1).isTerminal
    let reporter = TrainingReporter(
      streams: (writesEvents ? [EventStream()] : []) + [log].compactMap(\.self),
      hidesProgress: output.hidesProgress, cancellation: SignalWatch.cancellation)
    let run = DistillerRun(
      request: try request(words), reporter: reporter, data: data,
      hidesProgress: output.hidesProgress, resuming: ShellText.resuming(words),
      cancellation: SignalWatch.cancellation)
    if output.dryRun { try run.plan() } else { try run.train() }
  }

  private func request(_ words: [String]) throws -> DistillationRequest {
    let options = try training.options()
    let folder = try ModelLocation(
      ModelSource.folder(teacher, hidesProgress: output.hidesProgress)
    ).directory
    var distillation = try student.options()
    if case .model(let path) = distillation.student {
      distillation.student = .model(
        try ModelLocation(
          ModelSource.folder(path, hidesProgress: output.hidesProgress)
        ).directory)
    }
    var request = TrainingRequest(
      model: folder, training: data.training,
      validation: try data.validationData(seed: options.seed), options: options,
      output: output.output)
    request.resumes = output.resume
    request.task = data.task
    request.replacesOutput = output.force
    request.keepsCheckpoint = output.keepCheckpoint
    request.calibrates = output.calibrate
    request.timesPlan = true
    request.command = words
    let arguments =
      [("teacher", folder)] + student.arguments + data.arguments
      + [("calibrate", "\(output.calibrate)")] + options.arguments
    request.arguments = arguments.map { .init($0.0, $0.1) }
    return DistillationRequest(teacher: folder, distillation, training: request)
  }
}
