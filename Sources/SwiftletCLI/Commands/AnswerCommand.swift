import ArgumentParser
import Swiftlet
import SwiftletJSON

/// `swiftlet answer`: the places in texts that answer a question.
struct AnswerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "answer",
    abstract: "Find the answer to a question in texts of any length.",
    discussion: """
      Texts are the arguments, or lines on standard input, or the rows of files.

        swiftlet answer --model path/to/qa-model --question "Who lived in London?" \\
          "Ada Lovelace lived in London."
        swiftlet answer --model path/to/qa-model --file squad.jsonl \\
          --text-column context --question-column question --top-k 3

      Offsets count Unicode scalars of the text from 0, the end not included.
      """
  )

  @OptionGroup(title: "Input") var input: TaskInputArguments
  @OptionGroup(title: "Output") var output: OutputArguments<TaskFormat>
  @OptionGroup(title: "Model") var model: TaskModelArguments

  @Option(
    name: [.short, .long],
    help: ArgumentHelp("The question, asked of every text.", valueName: "text"))
  var question: String?

  @Option(
    help: ArgumentHelp(
      "The column (or JSON key) with a question for each row.", valueName: "column"))
  var questionColumn: String?

  @Option(help: ArgumentHelp("List this many answers, best first.", valueName: "k"))
  var topK: Int = 1

  @Option(help: ArgumentHelp("The most tokens of an answer.", valueName: "n"))
  var maxAnswerLength: Int = 15

  @Option(
    help: ArgumentHelp(
      "The tokens that windows of a long text share. Default: 128.", valueName: "n")
  )
  var docStride: Int?

  @Option(
    help: ArgumentHelp("The most tokens of a question, which is cut there.", valueName: "n"))
  var maxQuestionLength: Int?

  @Flag(help: "Let \"there is no answer\" be one: an empty text.")
  var allowImpossible = false

  func validate() throws {
    guard (question == nil) != (questionColumn == nil) else {
      throw ValidationError("give either --question or --question-column")
    }
    if questionColumn != nil, !input.texts.isEmpty {
      throw ValidationError("--question-column needs --file")
    }
    try requireText(question, for: "--question")
    try requireAtLeast(1, topK, for: "--top-k")
    try requireAtLeast(1, maxAnswerLength, for: "--max-answer-length")
    try requireAtLeast(1, maxQuestionLength ?? 1, for: "--max-question-length")
    try requireAtLeast(0, docStride ?? 0, for: "--doc-stride")
  }

  func run() throws {
    let answerer = try QuestionAnswerer(directory: model.model, options: model.engine.options())
    let options = QuestionAnsweringOptions(
      topK: topK, docStride: docStride, maxAnswerLength: maxAnswerLength,
      maxQuestionLength: maxQuestionLength, allowsImpossibleAnswer: allowImpossible)
    let task = try TaskRun(input, output, model: model.model, pairColumn: questionColumn)
    let renderer = task.renderer { (answer: QuestionAnswers?) in
      [("answers", .array((answer?.answers ?? []).map(Self.json)))]
    } lines: { _, answer in
      answer.answers.isEmpty
        ? [Self.noAnswer] : answer.answers.map { Self.line($0, task.terminal) }
    }
    try task.run(renderer, cut: "question", maxLength: maxQuestionLength ?? answerer.maxLength) {
      (chunk) throws(SwiftletError) in
      let questions = chunk.map { Question(question ?? $0.pair ?? "", context: $0.text) }
      return try answerer.answer(questions, options: options)
    }
  }

  private static let noAnswer = "(no answer)"

  private static func line(_ answer: Answer, _ terminal: Terminal) -> String {
    ScoreLine.text(
      answer.text.isEmpty ? noAnswer : answer.text, answer.score, width: 7, on: terminal)
  }

  private static func json(_ answer: Answer) -> JSONValue {
    .object([
      ("answer", .string(answer.text)), ("score", .float(answer.score)),
      ("start", .int(answer.offsets.lowerBound)), ("end", .int(answer.offsets.upperBound)),
    ])
  }
}
