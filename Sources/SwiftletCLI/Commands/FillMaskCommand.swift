import ArgumentParser
import Swiftlet
import SwiftletJSON

/// `swiftlet fill-mask`: masked language modelling.
struct FillMaskCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fill-mask",
    abstract: "Predict the tokens in place of [MASK].",
    discussion: """
      Texts come from the arguments, from lines on standard input, or from the rows of files.

        swiftlet fill-mask --model path/to/model "Paris is the [MASK] of France."
        swiftlet fill-mask --model path/to/model "It was [MASK]." --targets good bad

      Several masks in a text are filled independently. JSON has a list of tokens for each mask, CSV \
      and TSV have a row for each token.
      """
  )

  @OptionGroup(title: "Input") var input: TaskInputArguments
  @OptionGroup(title: "Output") var output: OutputArguments<TaskFormat>
  @OptionGroup(title: "Model") var model: TaskModelArguments

  @Option(help: ArgumentHelp("List this many tokens for each mask, best first.", valueName: "k"))
  var topK: Int = 5

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Candidate tokens, one or more; put texts before this option.", valueName: "token"))
  var targets: [String] = []

  func validate() throws {
    try requireAtLeast(1, topK, for: "--top-k")
  }

  func run() throws {
    let folder = try model.folder(hidesProgress: output.file.hidesProgress)
    let filler = try FillMask(directory: folder, options: model.engine.options())
    let options = MaskFillingOptions(topK: topK, targets: targets.isEmpty ? nil : targets)
    let task = try TaskRun(input, output, model: folder)
    let renderer = try task.renderer(columns: Self.columns) { answer in
      [("masks", .array((answer?.masks ?? []).map { .array($0.map(Self.json)) }))]
    } lines: { _, answer in
      answer.masks.joined().map { Self.line($0, task.terminal) }
    }
    try task.run(renderer, maxLength: filler.maxLength) { (chunk) throws(SwiftletError) in
      try filler.fill(chunk.map(\.text), options: options)
    }
  }

  /// A row for each candidate of each mask, best first.
  private static let columns = AnswerColumns<MaskFilling>(
    names: ["mask", "rank", "token", "token_id", "score", "sequence"]
  ) { answer in
    answer.masks.enumerated().flatMap { mask, candidates in
      candidates.enumerated().map { index, candidate in
        [
          "\(mask + 1)", "\(index + 1)", candidate.token, "\(candidate.tokenID)",
          "\(candidate.score)", candidate.sequence,
        ]
      }
    }
  }

  private static func line(_ candidate: MaskCandidate, _ terminal: Terminal) -> String {
    ScoreLine.text(candidate.token, candidate.score, width: 7, on: terminal) + "  "
      + DisplayText.oneLine(candidate.sequence)
  }

  private static func json(_ candidate: MaskCandidate) -> JSONValue {
    .object([
      ("token", .string(candidate.token)), ("id", .int(Int(candidate.tokenID))),
      ("score", .float(candidate.score)), ("sequence", .string(candidate.sequence)),
    ])
  }
}
