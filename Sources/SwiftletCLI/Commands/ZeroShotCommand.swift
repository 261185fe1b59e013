import ArgumentParser
import Swiftlet
import SwiftletJSON

/// `swiftlet zero-shot`: classification with labels of the command line.
struct ZeroShotCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "zero-shot",
    abstract: "Classify texts with your own labels, by an NLI model.",
    discussion: """
      Texts come from the arguments, from lines on standard input, or from the rows of files.

        swiftlet zero-shot --model path/to/nli-model --label phone --label tablet \\
          "My phone broke."
        swiftlet zero-shot --model path/to/nli-model --label urgent --label sales \\
          --multi-label --file mails.jsonl --output labels.csv

      Labels are in order of their scores. In CSV and TSV further labels are in label_2, score_2, …
      """
  )

  @OptionGroup(title: "Input") var input: TaskInputArguments
  @OptionGroup(title: "Output") var output: OutputArguments<TaskFormat>
  @OptionGroup(title: "Model") var model: TaskModelArguments

  @Option(
    name: [.short, .long],
    help: ArgumentHelp("Label; repeat the option for each label.", valueName: "label"))
  var label: [String]

  @Option(
    help: ArgumentHelp(
      "Hypothesis that a text may entail, with {} for the label.", valueName: "text")
  )
  var template: String = "This example is {}."

  @Flag(help: "Score each label independently, so that several may apply.")
  var multiLabel = false

  func validate() throws {
    for label in label { try requireText(label, for: "--label") }
  }

  func run() throws {
    let folder = try model.folder(hidesProgress: output.file.hidesProgress)
    let classifier = try ZeroShotClassifier(
      directory: folder, options: model.engine.options())
    let options = ZeroShotOptions(hypothesisTemplate: template, multiLabel: multiLabel)
    let task = try TaskRun(input, output, model: folder)
    let columns = AnswerColumns<ZeroShotClassification>.ranked(
      ["label", "score"], count: label.count
    ) { $0.labels.map { [$0.label, "\($0.score)"] } }
    let renderer = try task.renderer(columns: columns) { answer in
      let best = answer?.labels.first
      return [
        ("label", best.map { .string($0.label) } ?? .null),
        ("score", best.map { .float($0.score) } ?? .null),
        ("scores", .array((answer?.labels ?? []).map(\.json))),
      ]
    } lines: { text, answer in
      [DisplayText.shorten(text.text, to: task.terminal.width)]
        + answer.labels.map { ScoreLine.text($0.label, $0.score, on: task.terminal) }
    }
    try task.run(renderer, maxLength: classifier.maxLength) { (chunk) throws(SwiftletError) in
      try classifier.classify(chunk.map(\.text), labels: label, options: options)
    }
  }
}
