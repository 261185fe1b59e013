import ArgumentParser
import Swiftlet
import SwiftletJSON

/// `swiftlet choose`: the choice that fits each text best.
struct ChooseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "choose",
    abstract: "Choose what fits a text best, with a multiple-choice model.",
    discussion: """
      Texts are the arguments, or lines on standard input, or the rows of files.

        swiftlet choose --model path/to/model "She opened the door and" \\
          --choice "left." --choice "a banana."
      """
  )

  @OptionGroup(title: "Input") var input: TaskInputArguments
  @OptionGroup(title: "Output") var output: OutputArguments<TaskFormat>
  @OptionGroup(title: "Model") var model: TaskModelArguments

  @Option(
    name: [.short, .long],
    help: ArgumentHelp("A choice; give the option once for each.", valueName: "text"))
  var choice: [String]

  func validate() throws {
    for choice in choice { try requireText(choice, for: "--choice") }
  }

  func run() throws {
    let chooser = try MultipleChoice(directory: model.model, options: model.engine.options())
    try TaskRun<MultipleChoice.Choice, TaskFormat>(
      input: input, output: output, model: model.model, maxLength: chooser.maxLength,
      isTruncated: \.isTruncated,
      answer: { (chunk) throws(SwiftletError) in
        var answers: [MultipleChoice.Choice] = []
        for (index, text) in chunk.enumerated() {
          do throws(SwiftletError) {
            answers.append(try chooser.choose(text.text, among: choice))
          } catch {
            // The error's own index is the choice's.
            guard case .text(let problem, _) = error else { throw error }
            throw .text(problem, index: index)
          }
        }
        return answers
      },
      members: { _, answer in
        [
          ("choice", .string(choice[answer.best])), ("index", .int(answer.best)),
          ("scores", .array(answer.scores.map { .float($0) })),
        ]
      },
      emptyMembers: [("choice", .null), ("index", .null), ("scores", .array([]))],
      lines: { text, answer, terminal in
        [DisplayText.shorten(text.text, to: terminal.width)]
          + answer.scores.indices.map {
            ScoreLine.text(choice[$0], answer.scores[$0], on: terminal)
          }
      }
    ).run()
  }
}
