import SwiftletRecords
import SwiftletSystem

/// What was read for one row.
enum RowContents {
  case example(TrainingExample)
  /// A text whose row has no label.
  case unlabelled(TrainingExample)
  /// The text is empty.
  case empty
  /// The row can't be used; reading can go on.
  case bad(TrainingError)
}

/// Receives the rows of a source in order, each with its line.
typealias RowBody = (_ line: Int, _ row: RowContents) throws(TrainingError) -> Void

/// The readers of all formats.
enum DataReading {
  /// Converts an error of a reader; the place is stated once.
  static func error(_ error: RecordError, file: String) -> TrainingError {
    switch error {
    case .columnMissing(_, _, let name, let columns):
      return .missingColumn(
        file: file, column: TrainingError.quote(name), found: columns,
        advice: "give a name or a number from 1")
    case .file(let problem): return .invalidFile(file: file, reason: problem.reason)
    default: break
    }
    let place = error.line.map { "\(file):\($0): " } ?? "\(file): "
    let text = error.description
    let reason = text.hasPrefix(place) ? String(text.dropFirst(place.count)) : text
    guard let line = error.line, !error.endsFile else {
      return .invalidFile(
        file: error.line.map { "\(file):\($0)" } ?? file, reason: reason)
    }
    return .invalidRow(file: file, line: line, reason: reason)
  }

  /// Reads the rows of a table, of JSON Lines or of lines of text.
  static func readRows(
    _ reader: RowReader, form: DataForm, decision: TaskDecision, file: String, _ body: RowBody
  ) throws(TrainingError) {
    let parser = RowParser(
      form: form, decision: decision, columns: reader.columns, file: file)
    let selection = form.selection
    while true {
      let row: DataRow?
      do throws(RecordError) { row = try reader.next(selection) } catch {
        let problem = Self.error(error, file: file)
        guard !error.endsFile, let line = error.line else { throw problem }
        try body(line, .bad(problem))
        continue
      }
      guard let row else { return }
      try body(row.line, parser.contents(of: row))
    }
  }

  /// Reads sentences in CoNLL form; a sentence has the line of its first word.
  static func readConll(
    _ file: String, _ dialect: DialectChoice, _ body: RowBody
  ) throws(TrainingError) {
    let reader: RowReader
    do throws(RecordError) {
      reader = try RowReader(path: file, format: .lines, dialect: dialect)
    } catch {
      throw Self.error(error, file: file)
    }
    var sentence = ConllSentence()
    while true {
      let row: DataRow?
      do throws(RecordError) { row = try reader.next([0]) } catch {
        let problem = Self.error(error, file: file)
        guard !error.endsFile, let line = error.line else { throw problem }
        sentence.problem = sentence.problem ?? problem
        sentence.line = sentence.line ?? line
        continue
      }
      guard let row, case .text(let text) = row.values[0] else { break }
      let line = ConllLine(text)
      if line.isBlank || line.isComment {
        try sentence.finish(body)
      } else {
        sentence.add(line, at: row.line, file: file)
      }
    }
    try sentence.finish(body)
  }
}

/// The words of a sentence in CoNLL form so far.
private struct ConllSentence {
  var line: Int?
  var problem: TrainingError?
  private var words: [String] = []
  private var tags: [String] = []

  mutating func add(_ row: ConllLine, at line: Int, file: String) {
    self.line = self.line ?? line
    guard row.columns > 1 else {
      problem =
        problem
        ?? .invalidValue(
          file: file, line: line, column: "the line",
          expected: "a word and a tag, separated by a tab or a space",
          found: TrainingError.quote(row.word))
      return
    }
    words.append(row.word)
    tags.append(row.tag)
  }

  mutating func finish(_ body: RowBody) throws(TrainingError) {
    guard let line else { return }
    let row: RowContents =
      if let problem { .bad(problem) } else { .example(.words(words, tags: tags)) }
    self = ConllSentence()
    try body(line, row)
  }
}
