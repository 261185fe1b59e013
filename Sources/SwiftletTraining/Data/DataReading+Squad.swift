import SwiftletJSON
import SwiftletSystem

extension DataReading {
  /// Reads a file in the form of SQuAD 1.1 or 2.0, one paragraph at a time.
  ///
  /// A question has the line on which its object begins.
  static func readSquad(_ file: String, _ body: RowBody) throws(TrainingError) {
    let contents: FileContents
    do throws(FileError) { contents = try FileContents(path: file) } catch {
      throw .invalidFile(file: file, reason: error.reason)
    }
    let bytes = contents.bytes.bindMemory(to: UInt8.self)
    defer { withExtendedLifetime(contents) {} }
    var failure: TrainingError?
    do throws(JSONError) {
      var squad = SquadReader(try JSONReader(bytes, rules: .python), bytes)
      try squad.read { line, row in
        guard failure == nil else { return false }
        do throws(TrainingError) { try body(line, row) } catch { failure = error }
        return failure == nil
      }
    } catch {
      throw failure ?? .invalidFile(file: file, reason: "not the JSON of SQuAD: \(error)")
    }
    if let failure { throw failure }
  }
}

/// Walks through `data`, `paragraphs` and `qas`.
private struct SquadReader {
  private struct Question {
    var line = 0
    var text = ""
    var answers: [AnswerExample] = []
    var isImpossible = false
  }

  private var reader: JSONReader
  private let bytes: UnsafeBufferPointer<UInt8>
  /// A line break was counted up to here.
  private var counted = 0
  private var line = 1

  init(_ reader: JSONReader, _ bytes: UnsafeBufferPointer<UInt8>) {
    self.reader = reader
    self.bytes = bytes
  }

  /// Calls `body` for each question, until it returns false.
  mutating func read(_ body: (Int, RowContents) -> Bool) throws(JSONError) {
    var goesOn = true
    var root = try reader.beginObject()
    while let key = try reader.nextKey(in: &root) {
      guard key == "data", goesOn else {
        try reader.skipValue()
        continue
      }
      var articles = try reader.beginArray()
      while try reader.nextElement(in: &articles) { goesOn = try readArticle(goesOn, body) }
    }
    try reader.finish()
  }

  private mutating func readArticle(
    _ goesOn: Bool, _ body: (Int, RowContents) -> Bool
  ) throws(JSONError) -> Bool {
    var goesOn = goesOn
    var article = try reader.beginObject()
    while let key = try reader.nextKey(in: &article) {
      guard key == "paragraphs", goesOn else {
        try reader.skipValue()
        continue
      }
      var paragraphs = try reader.beginArray()
      while try reader.nextElement(in: &paragraphs) { goesOn = try readParagraph(goesOn, body) }
    }
    return goesOn
  }

  private mutating func readParagraph(
    _ goesOn: Bool, _ body: (Int, RowContents) -> Bool
  ) throws(JSONError) -> Bool {
    var context = ""
    var questions: [Question] = []
    var paragraph = try reader.beginObject()
    while let key = try reader.nextKey(in: &paragraph) {
      if key == "context" {
        context = try reader.readString()
      } else if key == "qas" {
        var array = try reader.beginArray()
        while try reader.nextElement(in: &array) { questions.append(try readQuestion()) }
      } else {
        try reader.skipValue()
      }
    }
    var goesOn = goesOn
    for question in questions where goesOn {
      let isEmpty = question.text.isBlankText || context.isBlankText
      let answers = question.isImpossible ? [] : question.answers
      let row: RowContents =
        isEmpty
        ? .empty : .example(.question(question.text, context: context, answers: answers))
      goesOn = body(question.line, row)
    }
    return goesOn
  }

  private mutating func readQuestion() throws(JSONError) -> Question {
    var question = Question()
    _ = try reader.peek()
    question.line = line(at: reader.offset)
    var object = try reader.beginObject()
    while let key = try reader.nextKey(in: &object) {
      if key == "question" {
        question.text = try reader.readString()
      } else if key == "is_impossible" {
        question.isImpossible = try reader.readBool()
      } else if key == "answers" {
        var array = try reader.beginArray()
        while try reader.nextElement(in: &array) { question.answers.append(try readAnswer()) }
      } else {
        try reader.skipValue()
      }
    }
    return question
  }

  private mutating func readAnswer() throws(JSONError) -> AnswerExample {
    var answer = AnswerExample(start: -1, text: "")
    var object = try reader.beginObject()
    while let key = try reader.nextKey(in: &object) {
      if key == "text" {
        answer.text = try reader.readString()
      } else if key == "answer_start" {
        answer.start = try reader.readInt()
      } else {
        try reader.skipValue()
      }
    }
    return answer
  }

  private mutating func line(at offset: Int) -> Int {
    line += bytes[counted..<offset].count { $0 == UInt8(ascii: "\n") }
    counted = offset
    return line
  }
}
