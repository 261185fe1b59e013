import SwiftletTokenizer

/// The BIO tags of a text's words, made of named spans.
struct EntityTags {
  /// The names, in the order in which they first occur.
  private(set) var names: [String] = []
  /// The tag of each word of the encoding.
  let tags: [String]

  /// Tags the words of `text`, of which `encoding` has all; the entities must begin and end between
  /// words, and not overlap.
  init(
    _ text: String, _ encoding: Encoding, _ entities: [EntityExample], file: String?, line: Int
  ) throws(TrainingError) {
    let words = Self.words(of: encoding, in: text)
    let length = text.unicodeScalars.count
    var tags = [String](repeating: "O", count: words.count)
    for entity in entities {
      if !names.contains(entity.label) { names.append(entity.label) }
      let problem = { (reason: String) in
        TrainingError.invalidRow(
          file: file, line: line,
          reason: "the entity \(entity.label) at \(entity.range.lowerBound) to"
            + " \(entity.range.upperBound), \(Self.quote(entity.range, of: text)), \(reason)")
      }
      guard entity.range.upperBound <= length, !entity.range.isEmpty else {
        throw problem("is not in the text of \(length) characters")
      }
      let cut = words.first { word in
        [entity.range.lowerBound, entity.range.upperBound].contains {
          word.lowerBound < $0 && $0 < word.upperBound
        }
      }
      if let cut {
        throw problem("begins or ends inside the word \(Self.quote(cut, of: text))")
      }
      let covered = words.indices.filter { words[$0].overlaps(entity.range) }
      guard let first = covered.first else { throw problem("has no word") }
      for word in covered {
        guard tags[word] == "O" else { throw problem("overlaps another entity") }
        tags[word] = (word == first ? "B-" : "I-") + entity.label
      }
    }
    self.tags = tags
  }

  /// The range of each word in Unicode scalars.
  private static func words(of encoding: Encoding, in text: String) -> [Range<Int>] {
    let offsets = encoding.offsets(in: .unicodeScalars, of: text)
    var words: [Range<Int>] = []
    for (offset, word) in zip(offsets, encoding.wordIDs) {
      guard let word else { continue }
      while words.count <= word { words.append(offset) }
      words[word] = words[word].lowerBound..<max(words[word].upperBound, offset.upperBound)
    }
    return words
  }

  private static func quote(_ range: Range<Int>, of text: String) -> String {
    let scalars = text.unicodeScalars.dropFirst(range.lowerBound).prefix(range.count)
    return TrainingError.quote(String(scalars))
  }
}
