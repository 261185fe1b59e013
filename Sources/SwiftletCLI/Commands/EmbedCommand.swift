import ArgumentParser
import Swiftlet
import SwiftletJSON

/// `swiftlet embed`: texts as vectors.
struct EmbedCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "embed",
    abstract: "Compute text embeddings.",
    discussion: """
      Texts come from the arguments, from lines on standard input, or from the rows of files. Each \
      becomes a JSON object with its vector; CSV and TSV have a column for each number of it. The \
      format npy is a NumPy array: a row of float32 for each text, NaN for an empty one.

        swiftlet embed --model path/to/sentence-model "A cat sleeps."
        swiftlet embed --model path/to/sentence-model --file texts.csv \\
          --output vectors.npy
        swiftlet embed --model path/to/sentence-model --compare "The kitten naps." \\
          "A cat sleeps."

      An array starts with the number of its rows. To a pipe or a compressed file it is therefore \
      written at the end of the run; until then its rows are in a temporary file (TMPDIR, or /tmp).
      """
  )

  @OptionGroup(title: "Input") var input: TaskInputArguments
  @OptionGroup(title: "Output") var output: OutputArguments<EmbedFormat>
  @OptionGroup(title: "Model") var model: TaskModelArguments

  @OptionGroup var prompt: PromptArguments

  @Option(
    help: ArgumentHelp(
      "Role of the texts in a search: selects the model's prompt and maximum length for queries or"
        + " documents.", valueName: "role"))
  var role: EmbeddingOptions.Role?

  @Flag(
    inversion: .prefixedNo, help: "Normalize vectors to length 1. Default: by the model's files.")
  var normalize: Bool?

  @Option(
    help: ArgumentHelp(
      "Print the cosine similarity of each text to this one instead of vectors.", valueName: "text")
  )
  var compare: String?

  func validate() throws {
    try requireText(compare, for: "--compare")
    if compare != nil, try output.chosenFormat(isTerminal: false) == .npy {
      throw ValidationError("the npy format has only vectors; remove --compare")
    }
  }

  func run() throws {
    let folder = try model.folder(hidesProgress: output.file.hidesProgress)
    let embedder = try Embedder(
      directory: folder, options: model.engine.options(), normalizes: normalize)
    let options = EmbeddingOptions(prompt: prompt.choice, role: role)
    let other = try compare.map { try embedder.embed($0, options: options) }
    let task = try TaskRun(input, output, model: folder)
    let renderer: any AnswerRenderer<Embedding> =
      task.format == .npy
      ? try ArrayRenderer(columns: embedder.dimension, for: task.sink, on: task.terminal)
      : try task.renderer(columns: Self.columns(embedder.dimension, other)) { answer in
        if let other {
          return [("similarity", answer.map { .float($0.cosineSimilarity(to: other)) } ?? .null)]
        }
        return [("embedding", answer.map { .array($0.vector.map(JSONValue.float)) } ?? .null)]
      } lines: { text, answer in
        [Self.line(text, answer, other, task.terminal)]
      }
    try task.run(renderer, maxLength: embedder.maxLength) { (chunk) throws(SwiftletError) in
      try embedder.embed(chunk.map(\.text), options: options)
    }
  }

  /// A column for each number of the vector, or one for the similarity to `other`.
  private static func columns(_ dimension: Int, _ other: Embedding?) -> AnswerColumns<Embedding> {
    if let other {
      return AnswerColumns(names: ["similarity"]) { [["\($0.cosineSimilarity(to: other))"]] }
    }
    return AnswerColumns(names: (0..<dimension).map { "embedding_\($0)" }) { answer in
      [answer.vector.map { "\($0)" }]
    }
  }

  private static func line(
    _ text: SourcedText, _ answer: Embedding, _ other: Embedding?, _ terminal: Terminal
  ) -> String {
    let numbers: String
    if let other {
      numbers = NumberText.fixed(Double(answer.cosineSimilarity(to: other)), digits: 4)
    } else {
      numbers =
        "["
        + answer.vector.prefix(4).map { NumberText.fixed(Double($0), digits: 4) }
        .joined(separator: ", ") + (answer.vector.count > 4 ? ", …]" : "]")
    }
    return numbers + "  "
      + DisplayText.shorten(text.text, to: max(12, terminal.width - numbers.utf8.count - 2))
  }
}
