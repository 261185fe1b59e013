import SwiftletEncoder
import SwiftletTokenizer

extension ExampleEncoder {
  mutating func append(
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

  mutating func append(
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
}
