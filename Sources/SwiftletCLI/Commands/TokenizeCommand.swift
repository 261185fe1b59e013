import ArgumentParser
import Swiftlet
import SwiftletRecords
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
        swiftlet tokenize --file reviews.csv --text-column review --output tokens.csv
        swiftlet tokenize --max-length 128 --stride 32 --json < long-texts.txt

      Shows tokens, ids and offsets: a table for each text on a terminal, elsewhere a JSON object. \
      CSV and TSV have a row for each token; --keep-columns adds columns of the input. The model \
      folder needs only a vocabulary: tokenizer.json or vocab.txt. Offsets count Unicode scalars \
      from 0, the end excluded, as in Python; special tokens have 0, 0. A text that begins with a \
      dash goes after "--".
      """
  )

  @OptionGroup(title: "Input") var input: TaskInputArguments
  @OptionGroup(title: "Output") var output: OutputArguments<TaskFormat>

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
    if output.run.resume || output.run.onError != .stop {
      throw ValidationError("tokenize has no --resume and no --on-error; repeat the run")
    }
  }

  func run() throws {
    let directory = try ModelLocation(try ModelArguments.directory(model)).directory
    let tokenizer = try Tokenizer(directory: directory)
    let options = EncodingOptions(
      maxLength: maxLength, truncationSide: tokenizer.truncationSide,
      addSpecialTokens: !hasNoSpecialTokens)
    let task = try TaskRun(input, output, model: directory, isContinuable: false)
    var renderer = try renderer(for: task)
    var hasBegun = false
    try forEachChunk(of: task) { chunk in
      let texts = chunk.map { AnsweredText<TokenizedText>(text: $0, answer: nil) }
      if !hasBegun { try task.sink.write(renderer.begin(with: texts)) }
      hasBegun = true
      for text in chunk {
        for (number, encoding) in try encodings(of: text.text, tokenizer, options).enumerated() {
          let tokens = TokenizedText(
            encoding, of: text.text, pair: pair, window: stride == nil ? nil : number + 1,
            tokenizer: tokenizer)
          try task.sink.write(renderer.bytes(of: AnsweredText(text: text, answer: tokens)))
        }
      }
    }
    if !hasBegun { try task.sink.write(renderer.begin(with: [])) }
    try task.sink.finish()
    if let note = renderer.note { printMessage("swiftlet: note: \(note)") }
  }

  /// Texts have no column, because each of their tokens would repeat them.
  private func renderer(
    for task: TaskRun<TaskFormat>
  ) throws(RecordError) -> any AnswerRenderer<TokenizedText> {
    let columns = TokenizedText.columns(hasWindows: stride != nil, hasPair: pair != nil)
    let members = ["window", "ids", "tokens", "offsets", "type_ids"]
    let source = SourceColumns(
      showsFile: task.inputs.count > 1, showsID: task.showsID, showsText: false,
      copied: try task.copiedColumns(beside: columns.names + members))
    switch task.format {
    case .text: return TokenTableRenderer(terminal: task.terminal)
    case .jsonl: return JSONLinesRenderer(source: source) { $0?.members ?? [] }
    case .csv, .tsv:
      return CSVRenderer(
        source: source, columns: columns, separator: task.format.separator, marksEmpty: false)
    }
  }

  /// Calls `body` with the texts, chunk by chunk.
  private func forEachChunk(
    of task: TaskRun<TaskFormat>, _ body: ([SourcedText]) throws -> Void
  ) throws {
    let limit = ChunkLimit(rows: input.batch.batchSize, bytes: 64 * 1024)
    let progress = Progress(
      total: input.total(of: task.inputs), isEnabled: !output.file.hidesProgress)
    defer { progress.clear() }
    let chunks = try input.chunks(task.inputs)
    var textCount = 0
    while SignalWatch.pending == nil {
      let chunk = try chunks.next(limit, clearing: progress)
      guard !chunk.isEmpty else { break }
      if task.terminal.isTerminal { progress.clear() }
      try body(chunk)
      try task.sink.flush()
      textCount += chunk.count
      progress.update(texts: textCount, bytes: chunk.last?.bytesThrough ?? 0)
    }
    guard SignalWatch.pending == nil else {
      progress.clear()
      throw CommandFailure("interrupted", SignalWatch.status)
    }
    progress.finish()
  }

  /// One encoding, or all windows if there is a stride.
  private func encodings(
    of text: String, _ tokenizer: Tokenizer, _ options: EncodingOptions
  ) throws -> [Encoding] {
    guard let stride else { return [tokenizer.encode(text, pair: pair, options: options)] }
    return Array(try tokenizer.windows(text, pair: pair, stride: stride, options: options))
  }
}
