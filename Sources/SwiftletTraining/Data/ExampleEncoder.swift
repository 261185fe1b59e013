import SwiftletCheckpoint
import SwiftletEncoder
import SwiftletTokenizer

/// Encodes examples one after the other into flat arrays.
struct ExampleEncoder {
  let encoding: DataEncoding
  private(set) var rows: EncodedRows
  private(set) var labels = LabelTable()
  private(set) var tokens = TokenStatistics()
  /// The number of examples appended; a question with several windows is one.
  private(set) var exampleCount = 0

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
    guard rows.tokenCount < EncodedRows.maxTokens - 64 * encoding.maxLength else {
      throw .invalidFile(
        file: rows.file ?? "the examples", reason: "more than \(EncodedRows.maxTokens) tokens")
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
      try append(text, pair, line)
      rows.values.append(Float(value))
    case (.regression, .text(let text, let pair)):
      try append(text, pair, line)
      rows.values.append(.nan)
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
    var sequences: [(TokenSequence, Int)] = []
    for text in texts { sequences.append(try sequence(text, nil, line)) }
    for (sequence, count) in sequences { append(sequence, of: count) }
    if let score { rows.values.append(Float(score)) }
    rows.finishExample(line: line, hash: TextHash(of: texts), isGroup: true)
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

  private func sequence(of encoded: Encoding, _ line: Int) throws(TrainingError) -> TokenSequence {
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

  private mutating func append(_ sequence: TokenSequence, of count: Int) {
    tokens.add(count, kept: sequence.ids.count)
    rows.append(sequence)
  }

  // MARK: Tagged words

  private mutating func append(
    words: [String], tags: [String], _ line: Int
  ) throws(TrainingError) {
    guard words.count == tags.count, !words.isEmpty else {
      throw .invalidRow(
        file: rows.file, line: line, reason: "\(words.count) words have \(tags.count) tags")
    }
    if let bare = tags.firstIndex(where: { $0.trimmed.isEmpty }) {
      throw .invalidRow(
        file: rows.file, line: line,
        reason: "the word \(TrainingError.quote(words[bare])) has an empty tag")
    }
    let encoded = encoding.tokenizer.encode(words: words, options: encoding.options)
    let sequence = try sequence(of: encoded, line)
    append(sequence, of: encoded.tokenCountBeforeTruncation)
    let numbers = tags.map { labels.number(of: $0.trimmed, line: line) }
    rows.classes.append(contentsOf: Self.classes(of: encoded, words: numbers))
    rows.finishExample(line: line, hash: TextHash(of: words), isGroup: false)
  }

  private mutating func append(
    _ text: String, _ entities: [EntityExample], _ line: Int
  ) throws(TrainingError) {
    var whole = encoding.options
    whole.maxLength = nil
    var encoded = encoding.tokenizer.encode(text, options: whole)
    let tags = try EntityTags(text, encoded, entities, file: rows.file, line: line)
    if encoded.ids.count > encoding.maxLength {
      encoded = encoding.tokenizer.encode(text, options: encoding.options)
    }
    let sequence = try sequence(of: encoded, line)
    append(sequence, of: encoded.tokenCountBeforeTruncation)
    // A model needs both tags of each name, even if no entity has two words.
    for name in tags.names {
      _ = labels.number(of: "B-\(name)", line: line, count: 0)
      _ = labels.number(of: "I-\(name)", line: line, count: 0)
    }
    let numbers = tags.tags.map { labels.number(of: $0, line: line) }
    rows.classes.append(contentsOf: Self.classes(of: encoded, words: numbers))
    rows.finishExample(line: line, hash: TextHash(of: [text]), isGroup: false)
  }

  /// The class of each token: that of its word for the first piece, -100 for other pieces and
  /// special tokens, as `label_all_tokens=False` in transformers' run_ner.py.
  private static func classes(of encoded: Encoding, words: [Int32]) -> [Int32] {
    var last: Int?
    return encoded.wordIDs.map { word in
      defer { last = word }
      guard let word, word != last else { return EncodedRows.ignored }
      return words[word]
    }
  }

  // MARK: Questions

  /// Each window of a context is an example, as in transformers' run_qa.py.
  private mutating func append(
    _ question: String, _ context: String, _ answers: [AnswerExample], _ line: Int
  ) throws(TrainingError) {
    let answer = try answers.first.map { (answer) throws(TrainingError) in
      try bytes(of: answer, in: context, line)
    }
    var options = encoding.options
    options.truncation = .onlySecond
    let windows = try windows(question, context, options, line)
    var sequences: [(TokenSequence, (start: Int, end: Int))] = []
    for window in windows {
      let span = AnswerWindow(window, cls: encoding.tokenizer.clsID).span(of: answer)
      sequences.append((try sequence(of: window, line), span))
    }
    let count = windows.first?.tokenCountBeforeTruncation ?? 0
    tokens.add(count, kept: count)
    let hash = TextHash(of: [question, context])
    let group = TextHash(of: [context])
    for (sequence, span) in sequences {
      rows.append(sequence)
      rows.classes.append(Int32(span.start))
      rows.classEnds.append(UInt32(span.end))
      rows.finishExample(line: line, hash: hash, group: group, isGroup: false)
    }
  }

  private func windows(
    _ question: String, _ context: String, _ options: EncodingOptions, _ line: Int
  ) throws(TrainingError) -> [Encoding] {
    let whole = encoding.tokenizer.encode(question, pair: context, options: options)
    // If everything fits, a stride that is too large is not an error.
    guard whole.isTruncated else { return [whole] }
    do throws(TokenizerError) {
      return Array(
        try encoding.tokenizer.windows(
          question, pair: context, stride: encoding.stride, options: options))
    } catch {
      throw .invalidRow(
        file: rows.file, line: line,
        reason: "the question leaves no room for the context in a window of"
          + " \(encoding.maxLength) tokens with a stride of \(encoding.stride)")
    }
  }

  /// Returns the place of an answer in UTF-8 bytes of its context.
  private func bytes(
    of answer: AnswerExample, in context: String, _ line: Int
  ) throws(TrainingError) -> Range<Int> {
    let scalars = context.unicodeScalars
    let start = scalars.index(
      scalars.startIndex, offsetBy: max(answer.start, 0), limitedBy: scalars.endIndex)
    let rest = start.map { scalars[$0...] }
    guard let start, let rest, answer.start >= 0, !answer.text.isEmpty,
      rest.starts(with: answer.text.unicodeScalars)
    else {
      let found = rest.map { String($0.prefix(answer.text.unicodeScalars.count)) } ?? ""
      throw .invalidValue(
        file: rows.file, line: line, column: "\"answers\"",
        expected: "\(TrainingError.quote(answer.text)) at the character \(answer.start) of the"
          + " context", found: TrainingError.quote(found))
    }
    let offset = context.utf8.distance(from: context.utf8.startIndex, to: start)
    return offset..<offset + answer.text.utf8.count
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
