import ArgumentParser
import Swiftlet
import SwiftletJSON

/// `swiftlet choose`: multiple choice.
struct ChooseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "choose",
    abstract: "Choose the best continuation of a text, by a multiple-choice model.",
    discussion: """
      Texts come from the arguments, from lines on standard input, or from the rows of files.

        swiftlet choose --model path/to/model "She opened the door and" \\
          --choice "left." --choice "a banana."

      An index counts the choices from 0. JSON has their scores in the order of the choices; in CSV \
      and TSV further choices are in choice_2, index_2, score_2, …, best first.
      """
  )

  @OptionGroup(title: "Input") var input: TaskInputArguments
  @OptionGroup(title: "Output") var output: OutputArguments<TaskFormat>
  @OptionGroup(title: "Model") var model: TaskModelArguments

  @Option(
    name: [.short, .long],
    help: ArgumentHelp("Choice; repeat the option for each choice.", valueName: "text"))
  var choice: [String]

  func validate() throws {
    for choice in choice { try requireText(choice, for: "--choice") }
  }

  func run() throws {
    let folder = try model.folder(hidesProgress: output.file.hidesProgress)
    let chooser = try MultipleChoice(directory: folder, options: model.engine.options())
    let task = try TaskRun(input, output, model: folder)
    let renderer = try task.renderer(columns: columns) { answer in
      [
        ("choice", answer.map { .string(choice[$0.best]) } ?? .null),
        ("index", answer.map { .int($0.best) } ?? .null),
        ("scores", .array((answer?.scores ?? []).map(JSONValue.float))),
      ]
    } lines: { text, answer in
      [DisplayText.shorten(text.text, to: task.terminal.width)]
        + zip(choice, answer.scores).map { ScoreLine.text($0, $1, on: task.terminal) }
    }
    try task.run(renderer, maxLength: chooser.maxLength) { (chunk) throws(SwiftletError) in
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
    }
  }

  /// All choices, best first; of equal ones the first.
  private var columns: AnswerColumns<MultipleChoice.Choice> {
    .ranked(["choice", "index", "score"], count: choice.count) { [choice] answer in
      let best = answer.scores.indices.sorted { left, right in
        let (first, second) = (answer.scores[left], answer.scores[right])
        return first > second || first == second && left < right
      }
      return best.map { [choice[$0], "\($0)", "\(answer.scores[$0])"] }
    }
  }
}
