import Swiftlet
import SwiftletJSON

/// One run of a task over its input: answers in the order of the texts, each as one JSON object a
/// line or as text for people.
struct TaskRun<Answer, Format: OutputFormat> {
  let input: TaskInputArguments
  let output: OutputArguments<Format>
  /// The model's folder.
  let model: String
  /// The column with the second text of each row, if the task wants one.
  var pairColumn: String?
  let maxLength: Int
  /// What is cut if it is longer than that.
  var cut = "text"
  /// How a user has it otherwise.
  var longTextHint: String?
  let isTruncated: (Answer) -> Bool
  /// An answer to each text of a chunk.
  let answer: ([SourcedText]) throws(SwiftletError) -> [Answer]
  /// What an object says beside the text.
  let members: (SourcedText, Answer) -> [JSONValue.Member]
  /// What it says for an empty text, under the same keys.
  let emptyMembers: [JSONValue.Member]
  /// The lines for people.
  let lines: (SourcedText, Answer, Terminal) -> [String]
  /// Where answers are rows of an array, what makes them of an answer.
  var array: (row: (Answer) -> [UInt8], file: ArrayFile)?

  func run() throws {
    let inputs = try input.openableInputs(pairColumn: pairColumn)
    let terminal = output.terminal
    let writesLines = try output.chosenFormat(isTerminal: terminal.isTerminal) == .jsonl
    let sink = try output.file.openSink(reading: inputs, model: model)
    if array != nil, !sink.isSeekable {
      throw CommandFailure(
        "cannot write an array to \(sink.name): its first bytes say how many rows it has, and are "
          + "written last; name a file", .cannotCreate)
    }
    let progress = Progress(total: input.total(of: inputs), isEnabled: !output.file.hidesProgress)
    let runner = ChunkRunner<Answer>(
      limit: input.batch.limit, progress: progress, isTruncated: isTruncated, answer: answer)
    if let array { try sink.write(array.file.header()) }
    try runner.run(try input.chunks(inputs)) { chunk, answers in
      if terminal.isTerminal { progress.clear() }
      for (text, answer) in zip(chunk, answers) {
        if let array {
          try sink.write(answer.map(array.row) ?? array.file.missingRow())
        } else if writesLines {
          try sink.write(object(text, answer, namesFile: inputs.count > 1).line)
        } else {
          for line in answer.map({ lines(text, $0, terminal) }) ?? ["(empty)"] {
            try sink.write(line + "\n")
          }
        }
      }
      try sink.flush()
    }
    if let array { try sink.overwriteStart(with: array.file.header()) }
    try sink.finish()
    runner.warn(of: cut, maxLength: maxLength, hint: longTextHint)
  }

  private func object(_ text: SourcedText, _ answer: Answer?, namesFile: Bool) -> JSONValue {
    var all: [JSONValue.Member] = []
    if namesFile, let file = text.file { all.append(("file", .string(file))) }
    all.append(("record", .int(text.record)))
    if let id = text.id { all.append(("id", .string(id))) }
    all.append(("text", .string(text.text)))
    if let pair = text.pair { all.append(("pair", .string(pair))) }
    if let answer {
      all += members(text, answer)
      if isTruncated(answer) { all.append(("truncated", .bool(true))) }
    } else {
      all += emptyMembers + [("empty", .bool(true))]
    }
    return .object(all)
  }
}
