/// A text in the form in which SQuAD's evaluation script compares answers: lower case, without ASCII
/// punctuation and without the words a, an and the. Rajpurkar et al., "SQuAD: 100,000+ Questions for
/// Machine Comprehension of Text", 2016.
struct AnswerText: Sendable, Equatable {
  /// The words in their order.
  let words: [String]

  init(_ text: String) {
    var words: [String] = []
    var word = String.UnicodeScalarView()
    for part in Self.withoutArticles(Self.withoutPunctuation(text.lowercased())) {
      for scalar in part {
        if Self.isSpace(scalar) {
          if !word.isEmpty { words.append(String(word)) }
          word.removeAll(keepingCapacity: true)
        } else {
          word.append(scalar)
        }
      }
    }
    if !word.isEmpty { words.append(String(word)) }
    self.words = words
  }

  /// Whether it has no words, as the answer of a question without one.
  var isEmpty: Bool { words.isEmpty }

  /// The harmonic mean of the shares of common words; 0 without one.
  func overlap(with other: AnswerText) -> Double {
    var counts: [String: Int] = [:]
    for word in other.words { counts[word, default: 0] += 1 }
    var common = 0
    for word in words {
      if let count = counts[word], count > 0 {
        counts[word] = count - 1
        common += 1
      }
    }
    return common == 0 ? 0 : Double(2 * common) / Double(words.count + other.words.count)
  }

  private static func withoutPunctuation(_ text: String) -> [Unicode.Scalar] {
    text.unicodeScalars.filter { scalar in
      switch scalar.value {
      case 0x21...0x2f, 0x3a...0x40, 0x5b...0x60, 0x7b...0x7e: false
      default: true
      }
    }
  }

  /// The stretches of letters and digits, and of other characters, with a space instead of each
  /// article.
  private static func withoutArticles(_ text: [Unicode.Scalar]) -> [[Unicode.Scalar]] {
    var parts: [[Unicode.Scalar]] = []
    var part: [Unicode.Scalar] = []
    func end() {
      let isArticle = part == ["a"] || part == ["a", "n"] || part == ["t", "h", "e"]
      parts.append(isArticle ? [" "] : part)
      part = []
    }
    for scalar in text {
      if let last = part.last, isWordCharacter(last) != isWordCharacter(scalar) { end() }
      part.append(scalar)
    }
    end()
    return parts
  }

  /// What `\w` of Python's regular expressions matches; the underscore is removed already.
  private static func isWordCharacter(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
    default: scalar.properties.numericType != nil
    }
  }

  /// What Python's `str.split` splits at.
  private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.isWhitespace || (0x1c...0x1f).contains(scalar.value)
  }
}
