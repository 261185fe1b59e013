import ArgumentParser
import Glibc
import Swiftlet
import SwiftletJSON
import SwiftletTokenizer

/// `swiftlet tokenize`: the tokens of texts, with ids and offsets.
struct TokenizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenize",
    abstract: "Tokenize texts.",
    discussion: """
      Texts come from the arguments, from lines on standard input, or from the rows of files.

        swiftlet tokenize "Hello, world!"
        swiftlet tokenize "A question?" --pair "An answer." --json
        swiftlet tokenize --model ./folder-with-vocab --json < texts.txt
        swiftlet tokenize --file reviews.csv --text-column review --json
        swiftlet tokenize --max-length 128 --stride 32 --json < long-texts.txt

      Shows tokens, ids and offsets. The model folder needs only a vocabulary: tokenizer.json or \
      vocab.txt. Offsets count Unicode scalars from 0, the end excluded, as in Python; special \
      tokens have 0, 0. A text that begins with a dash goes after "--".
      """
  )

  @OptionGroup(title: "Input") var input: TaskInputArguments

  @Option(
    help: ArgumentHelp("Second text, paired with each text.", valueName: "text"))
  var pair: String?

  @Option(
    help: ArgumentHelp(
      "Maximum number of tokens, special tokens included. Default: no limit.", valueName: "n")
  )
  var maxLength: Int?

  @Option(
    help: ArgumentHelp(
      "Show all windows of --max-length tokens, which share this many tokens.",
      valueName: "n"))
  var stride: Int?

  @Flag(name: .customLong("no-special-tokens"), help: "Leave out special tokens.")
  var hasNoSpecialTokens = false

  @Flag(
    name: .customLong("json"), help: "Print one JSON object a line with ids, tokens and offsets.")
  var isJSON = false

  @Option(
    name: [.short, .long],
    help: ArgumentHelp(
      "A folder with a vocabulary. Default: the bundled sentiment model.", valueName: "folder")
  )
  var model: String?

  func validate() throws {
    try requireAtLeast(1, maxLength ?? 1, for: "--max-length")
    try requireAtLeast(0, stride ?? 0, for: "--stride")
    if stride != nil, maxLength == nil {
      throw ValidationError("--stride needs --max-length, the number of tokens in a window")
    }
  }

  func run() throws {
    let directory = try ModelLocation(try ModelArguments.directory(model)).directory
    let tokenizer = try Tokenizer(directory: directory)
    let options = EncodingOptions(
      maxLength: maxLength, truncationSide: tokenizer.truncationSide,
      addSpecialTokens: !hasNoSpecialTokens)
    let limit = ChunkLimit(rows: input.batch.batchSize, bytes: 64 * 1024)
    let chunks = try input.chunks(try input.openableInputs())
    let sink = OutputSink()
    let printer = TokenPrinter(tokenizer: tokenizer, terminal: Terminal(descriptor: STDOUT_FILENO))
    while SignalWatch.pending == nil {
      let chunk = try chunks.next(limit, clearing: nil)
      guard !chunk.isEmpty else { break }
      for text in chunk {
        for (number, encoding) in try encodings(of: text.text, tokenizer, options).enumerated() {
          let tokens = TokenizedText(encoding, of: text.text, pair: pair, tokenizer: tokenizer)
          try sink.write(
            isJSON ? tokens.json.line : printer.table(tokens, record: text.record + number))
        }
      }
      try sink.flush()
    }
    try sink.finish()
    guard SignalWatch.pending == nil else {
      throw CommandFailure("interrupted", SignalWatch.status)
    }
  }

  /// One encoding, or all windows if there is a stride.
  private func encodings(
    of text: String, _ tokenizer: Tokenizer, _ options: EncodingOptions
  ) throws -> [Encoding] {
    guard let stride else { return [tokenizer.encode(text, pair: pair, options: options)] }
    return Array(try tokenizer.windows(text, pair: pair, stride: stride, options: options))
  }
}
