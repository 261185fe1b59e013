import SwiftletCheckpoint
import SwiftletEncoder
import SwiftletTokenizer

/// Encodes examples one after the other into flat arrays.
struct ExampleEncoder {
  let encoding: DataEncoding
  var rows: EncodedRows
  var labels = LabelTable()
  var tokens = TokenStatistics()
  /// The number of examples appended; a question with several windows is one.
  private(set) var exampleCount = 0
  /// The maximum number of choices, or of texts that belong together.
  private static let maxSequences = 1000

  init(_ encoding: DataEncoding, file: String?) {
    self.encoding = encoding
    rows = EncodedRows(file: file)
  }

  /// Encodes one example.
  ///
  /// - Throws: ``TrainingError`` if the example does not fit the task or the model; nothing of it is
  ///   appended then.
  mutating func append(
    _ example: TrainingExample, line: Int, task: TrainingTask
  ) throws(TrainingError) {
    guard rows.tokenCount < EncodedRows.maxTokens else {
      throw .invalidFile(
        file: rows.file ?? "the examples",
        reason: "more than \(EncodedRows.maxTokens) tokens; train on a part of the rows")
    }
    switch (task, example) {
    case (.classification, .labeled(let text, let pair, let label)):
      try append(text, pair, line)
      rows.classes.append(labels.number(of: label, line: line))
    case (.classification, .text(let text, let pair)):
      try append(text, pair, line)
      rows.classes.append(EncodedRows.ignored)
    case (.multiLabel, .multiLabel(let text, let pair, let labels)):
      try append(text, pair, line)
      append(set: labels.map { self.labels.number(of: $0, line: line) })
    case (.multiLabel, .text(let text, let pair)):
      try append(text, pair, line)
      append(set: [EncodedRows.ignored])
    case (.regression, .value(let text, let pair, let value)):
      try checkNumber(value, line)
      try append(text, pair, line)
      rows.values.append(Float(value))
    case (.regression, .text(let text, let pair)):
      try append(text, pair, line)
      rows.values.append(.nan)
    case (.tokens, .text(let text, nil)):
      try append(text, nil, line)
      let tokens = rows.tokens(of: rows.count - 1)
      rows.classes.append(contentsOf: repeatElement(EncodedRows.ignored, count: tokens.count))
    case (.masks, .text(let text, let pair)):
      try append(text, pair, line)
    case (.tokens, .words(let words, let tags)): try append(words: words, tags: tags, line)
    case (.tokens, .entities(let text, let entities)): try append(text, entities, line)
    case (.questions, .question(let question, let context, let answers)):
      try append(question, context, answers, line)
    case (.choices, .choices(let prompt, let choices, let label)):
      try append(prompt, choices, label, line)
    case (.embeddings, .similar(let texts, let score)):
      try append(texts, score, line)
    default:
      throw .invalidRow(
        file: rows.file, line: line, reason: "the example is not one for \(task.phrase)")
    }
    exampleCount += 1
  }

  // MARK: Texts

  private mutating func append(_ text: String, _ pair: String?, _ line: Int) throws(TrainingError) {
    let (sequence, count) = try sequence(text, pair, line)
    append(sequence, of: count)
    rows.finishExample(
      line: line, hash: TextHash(of: [text, pair].compactMap(\.self)), isGroup: false)
  }

  /// Appends a label set in rising order.
  private mutating func append(set: [Int32]) {
    rows.classes.append(contentsOf: set.sorted())
    rows.classEnds.append(UInt32(rows.classes.count))
  }

  private mutating func append(
    _ prompt: String, _ choices: [String], _ label: Int, _ line: Int
  ) throws(TrainingError) {
    guard choices.indices.contains(label) else {
      throw .invalidValue(
        file: rows.file, line: line, column: "the label",
        expected: "the number of a choice from 0 to \(choices.count - 1)", found: "\(label)")
    }
    try checkCount(choices.count, line)
    var sequences: [(TokenSequence, Int)] = []
    for choice in choices { sequences.append(try sequence(prompt, choice, line)) }
    for (sequence, count) in sequences { append(sequence, of: count) }
    rows.classes.append(Int32(label))
    rows.finishExample(line: line, hash: TextHash(of: [prompt] + choices), isGroup: true)
  }

  private mutating func append(
    _ texts: [String], _ score: Double?, _ line: Int
  ) throws(TrainingError) {
    guard texts.count > 1, score == nil || texts.count == 2 else {
      throw .invalidRow(
        file: rows.file, line: line,
        reason: "expected an anchor, its positive and any negatives, or two texts with a score;"
          + " found \(texts.count) texts")
    }
    guard rows.count == 0 || (score == nil) == rows.values.isEmpty else {
      throw .invalidRow(
        file: rows.file, line: line, reason: "some examples have a score and others do not")
    }
    if rows.count > 0, texts.count != rows.sequences(of: 0).count {
      throw .invalidRow(
        file: rows.file, line: line,
        reason: "expected \(rows.sequences(of: 0).count) texts, as in the first example; found "
          + "\(texts.count)")
    }
    try checkCount(texts.count, line)
    if let score { try checkNumber(score, line) }
    var sequences: [(TokenSequence, Int)] = []
    for text in texts { sequences.append(try sequence(text, nil, line)) }
    for (sequence, count) in sequences { append(sequence, of: count) }
    if let score { rows.values.append(Float(score)) }
    rows.finishExample(line: line, hash: TextHash(of: texts), isGroup: true)
  }

  private func checkCount(_ count: Int, _ line: Int) throws(TrainingError) {
    guard count <= Self.maxSequences else {
      throw .invalidRow(
        file: rows.file, line: line,
        reason: "\(count) texts in one example; expected at most \(Self.maxSequences)")
    }
  }

  private func checkNumber(_ value: Double, _ line: Int) throws(TrainingError) {
    guard Float(value).isFinite else {
      throw .invalidRow(
        file: rows.file, line: line,
        reason: "expected a number that fits in 32 bits, found \(value)")
    }
  }

  /// Encodes a text or a pair; returns the number of tokens before the cut too.
  private func sequence(
    _ text: String, _ pair: String?, _ line: Int
  ) throws(TrainingError) -> (TokenSequence, Int) {
    let tokenizer = encoding.tokenizer
    guard pair == nil, tokenizer.truncationSide == .right, !tokenizer.typesSingleTexts else {
      let encoded = tokenizer.encode(text, pair: pair, options: encoding.options)
      return (try sequence(of: encoded, line), encoded.tokenCountBeforeTruncation)
    }
    // Without types the ids suffice.
    var ids: [Int32] = []
    let count = tokenizer.encode(text, into: &ids, maxLength: encoding.maxLength)
    return (try checked(TokenSequence(ids: ids), line), count)
  }

  func sequence(of encoded: Encoding, _ line: Int) throws(TrainingError) -> TokenSequence {
    // DistilBERT has no token types.
    let hasTypes = encoding.configuration.typeVocabularySize > 0
    let types = hasTypes ? encoding.tokenizer.modelTypeIDs(of: encoded) : nil
    return try checked(TokenSequence(ids: encoded.ids, typeIDs: types), line)
  }

  private func checked(
    _ sequence: TokenSequence, _ line: Int
  ) throws(TrainingError) -> TokenSequence {
    guard let problem = encoding.configuration.problem(with: sequence) else {
      // Types are stored in a byte.
      guard let type = sequence.typeIDs?.max(), type > 255 else { return sequence }
      throw .invalidRow(
        file: rows.file, line: line, reason: "the text has tokens of type \(type), above 255")
    }
    throw .invalidRow(file: rows.file, line: line, reason: Self.reason(problem))
  }

  private static func reason(_ problem: SequenceProblem) -> String {
    switch problem {
    case .empty: "the text has no tokens"
    case .tooLong(let count, let maximum):
      "the text has \(count) tokens, and the model takes at most \(maximum)"
    case .unknownToken(let id, let size):
      "the text has the token \(id), but the model has \(size) embeddings; use the tokenizer of the"
        + " base model"
    case .unevenTypes(let count, let expected): "\(expected) tokens have \(count) token types"
    case .unknownType(let id, let count):
      "the text has tokens of type \(id), but the model has \(count) token types; a model with one"
        + " type does not take pairs"
    }
  }

  mutating func append(_ sequence: TokenSequence, of count: Int) {
    tokens.add(count, kept: sequence.ids.count)
    rows.append(sequence)
  }

  // MARK: Labels

  /// Replaces the numbers of labels by their final ones.
  mutating func renumber(_ numbers: [Int32]) {
    for index in 0..<rows.classes.count where rows.classes[index] >= 0 {
      rows.classes[index] = numbers[Int(rows.classes[index])]
    }
    // The numbers of a set are in rising order.
    var start = 0
    for end in 0..<rows.classEnds.count {
      let range = start..<Int(rows.classEnds[end])
      for (index, value) in zip(range, rows.classes[range].sorted()) { rows.classes[index] = value }
      start = range.upperBound
    }
  }
}
