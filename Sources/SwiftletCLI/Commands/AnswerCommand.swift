import ArgumentParser
import Swiftlet
import SwiftletJSON

/// `swiftlet answer`: extractive question answering.
struct AnswerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "answer",
    abstract: "Answer questions from a context.",
    discussion: """
      Texts come from the arguments, from lines on standard input, or from the rows of files.

        swiftlet answer --model path/to/qa-model --question "Who lived in London?" \\
          "Ada Lovelace lived in London."
        swiftlet answer --model path/to/qa-model --file squad.jsonl \\
          --text-column context --question-column question --top-k 3

      Each text is a context, of any length. JSON has a list of answers, CSV and TSV have a row for \
      each. Offsets count Unicode scalars of the text from 0, the end excluded.
      """
  )

  @OptionGroup(title: "Input") var input: TaskInputArguments
  @OptionGroup(title: "Output") var output: OutputArguments<TaskFormat>
  @OptionGroup(title: "Model") var model: TaskModelArguments

  @Option(
    name: [.short, .long],
    help: ArgumentHelp("Question to answer from each text.", valueName: "text"))
  var question: String?

  @Option(
    help: ArgumentHelp(
      "Column (or JSON key) of each row's question.", valueName: "column"))
  var questionColumn: String?

  @Option(help: ArgumentHelp("List this many answers, best first.", valueName: "k"))
  var topK: Int = 1

  @Option(help: ArgumentHelp("Maximum number of tokens of an answer.", valueName: "n"))
  var maxAnswerLength: Int = 15

  @Option(
    help: ArgumentHelp(
      "Number of tokens that windows of a long text share. Default: 128.", valueName: "n")
  )
  var docStride: Int?

  @Option(
    help: ArgumentHelp("Cut each question to this many tokens.", valueName: "n"))
  var maxQuestionLength: Int?

  @Flag(help: "Allow \"no answer\" as an answer: an empty text.")
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
    let folder = try model.folder(hidesProgress: output.file.hidesProgress)
    let answerer = try QuestionAnswerer(directory: folder, options: model.engine.options())
    let options = QuestionAnsweringOptions(
      topK: topK, docStride: docStride, maxAnswerLength: maxAnswerLength,
      maxQuestionLength: maxQuestionLength, allowsImpossibleAnswer: allowImpossible)
    let task = try TaskRun(input, output, model: folder, pairColumn: questionColumn)
    let renderer = try task.renderer(columns: Self.columns, showsPair: questionColumn != nil) {
      answer in
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

  /// A row for each answer, best first.
  private static let columns = AnswerColumns<QuestionAnswers>(
    names: ["rank", "answer", "score", "start", "end"]
  ) { answer in
    answer.answers.enumerated().map { index, answer in
      [
        "\(index + 1)", answer.text, "\(answer.score)", "\(answer.offsets.lowerBound)",
        "\(answer.offsets.upperBound)",
      ]
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
