import ArgumentParser
import Swiftlet
import SwiftletJSON

/// `swiftlet zero-shot`: texts classified by labels of the command line.
struct ZeroShotCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "zero-shot",
    abstract: "Classify texts by labels of your own, with an NLI model.",
    discussion: """
      Texts are the arguments, or lines on standard input, or the rows of files.

        swiftlet zero-shot --model path/to/nli-model --label phone --label tablet \\
          "My phone broke."
        swiftlet zero-shot --model path/to/nli-model --label urgent --label sales \\
          --multi-label --file mails.jsonl
      """
  )

  @OptionGroup(title: "Input") var input: TaskInputArguments
  @OptionGroup(title: "Output") var output: OutputArguments<TaskFormat>
  @OptionGroup(title: "Model") var model: TaskModelArguments

  @Option(
    name: [.short, .long],
    help: ArgumentHelp("A label; give the option once for each.", valueName: "label"))
  var label: [String]

  @Option(
    help: ArgumentHelp(
      "The sentence that a text may entail, with {} for the label.", valueName: "text")
  )
  var template: String = "This example is {}."

  @Flag(help: "Let any number of labels apply.")
  var multiLabel = false

  func validate() throws {
    for label in label { try requireText(label, for: "--label") }
  }

  func run() throws {
    let classifier = try ZeroShotClassifier(
      directory: model.model, options: model.engine.options())
    let options = ZeroShotOptions(hypothesisTemplate: template, multiLabel: multiLabel)
    try TaskRun<ZeroShotClassification, TaskFormat>(
      input: input, output: output, model: model.model, maxLength: classifier.maxLength,
      isTruncated: \.isTruncated,
      answer: { (chunk) throws(SwiftletError) in
        try classifier.classify(chunk.map(\.text), labels: label, options: options)
      },
      members: { _, answer in
        [
          ("label", .string(answer.labels[0].label)), ("score", .float(answer.labels[0].score)),
          ("scores", .array(answer.labels.map(ScoreLine.json))),
        ]
      },
      emptyMembers: [("label", .null), ("score", .null), ("scores", .array([]))],
      lines: { text, answer, terminal in
        [DisplayText.shorten(text.text, to: terminal.width)]
          + answer.labels.map { ScoreLine.text($0.label, $0.score, on: terminal) }
      }
    ).run()
  }
}

/// A label with its score, for people and for programs.
enum ScoreLine {
  static func text(_ label: String, _ score: Float, on terminal: Terminal) -> String {
    let percent = DisplayText.pad(
      NumberText.percent(Double(score)), to: 9, alignRight: true)
    return TextStyle.dim.apply(to: percent, on: terminal) + "  "
      + TextStyle.bold.apply(to: DisplayText.oneLine(label), on: terminal)
  }

  static func json(_ scored: LabelScore) -> JSONValue {
    .object([("label", .string(scored.label)), ("score", .float(scored.score))])
  }
}
