import SwiftletTokenizer

/// What the model says about one token of a text.
struct TokenPrediction {
  /// The token as the vocabulary spells it; of an unknown one, the text that it stands for.
  let word: String
  /// The probability of each label.
  let scores: [Float]
  let offsets: Range<Int>
  let utf8Offsets: Range<Int>
  /// The place in its sequence.
  let index: Int
  /// Whether it continues the word of the token before it.
  let continuesWord: Bool
}

/// Makes entities of predictions as transformers' token-classification pipeline does (v5.24).
struct EntityGrouping {
  let labels: [String]
  let tokenizer: Tokenizer
  let options: TokenClassificationOptions

  /// The entities of one sequence.
  func entities(of tokens: [TokenPrediction]) -> [Entity] {
    let found: [Entity]
    switch options.aggregation {
    case .none: found = tokens.map { entity([$0], index: $0.index) }
    case .simple: found = groups(of: tokens.map { entity([$0], index: nil) })
    case .first, .average, .max: found = groups(of: words(of: tokens))
    }
    return found.filter { !options.ignoreLabels.contains($0.label) }
  }

  /// Of entities that overlap, the longer, or the surer of the same length.
  static func resolvingOverlaps(_ entities: [Entity]) -> [Entity] {
    // Sorting by start alone is not stable in Swift.
    let sorted = entities.enumerated().sorted {
      ($0.element.offsets.lowerBound, $0.offset) < ($1.element.offsets.lowerBound, $1.offset)
    }
    var result: [Entity] = []
    for (_, entity) in sorted {
      guard let last = result.last, last.offsets.contains(entity.offsets.lowerBound) else {
        result.append(entity)
        continue
      }
      let (length, lastLength) = (entity.offsets.count, last.offsets.count)
      if length > lastLength || length == lastLength && entity.score > last.score {
        result[result.count - 1] = entity
      }
    }
    return result
  }

  /// Each word of some tokens, with the label that the aggregation gives it.
  private func words(of tokens: [TokenPrediction]) -> [Entity] {
    var words: [[TokenPrediction]] = []
    for token in tokens {
      if words.isEmpty || !token.continuesWord {
        words.append([token])
      } else {
        words[words.count - 1].append(token)
      }
    }
    return words.map { entity($0, index: nil) }
  }

  /// The tokens of a word, or one, as an entity that still has its whole label.
  private func entity(_ tokens: [TokenPrediction], index: Int?) -> Entity {
    let scores = scores(of: tokens)
    let best = Self.best(scores)
    return Entity(
      label: labels[best], score: scores[best],
      word: words(options.aggregation) ? decode(tokens.map(\.word)) : tokens[0].word,
      offsets: Self.span(tokens.map(\.offsets)), utf8Offsets: Self.span(tokens.map(\.utf8Offsets)),
      tokenIndex: index)
  }

  private func words(_ aggregation: TokenAggregation) -> Bool {
    switch aggregation {
    case .none, .simple: false
    case .first, .average, .max: true
    }
  }

  private func scores(of tokens: [TokenPrediction]) -> [Float] {
    switch options.aggregation {
    case .none, .simple, .first: return tokens[0].scores
    case .max:
      var surest = tokens[0]
      for token in tokens.dropFirst() where (token.scores.max() ?? 0) > (surest.scores.max() ?? 0) {
        surest = token
      }
      return surest.scores
    case .average:
      return labels.indices.map { label in
        tokens.reduce(0) { $0 + $1.scores[label] } / Float(tokens.count)
      }
    }
  }

  /// Neighbours of one tag as one entity, unless the second begins an entity of its own.
  private func groups(of entities: [Entity]) -> [Entity] {
    var groups: [[Entity]] = []
    for entity in entities {
      let (begins, tag) = Self.tag(of: entity.label)
      if !begins, let last = groups.last?.last, Self.tag(of: last.label).tag == tag {
        groups[groups.count - 1].append(entity)
      } else {
        groups.append([entity])
      }
    }
    return groups.map(group)
  }

  private func group(_ members: [Entity]) -> Entity {
    let label = members[0].label
    let parts = label.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    return Entity(
      label: parts.last.map(String.init) ?? label,
      score: members.reduce(0) { $0 + $1.score } / Float(members.count),
      word: decode(members.map(\.word)), offsets: Self.span(members.map(\.offsets)),
      utf8Offsets: Self.span(members.map(\.utf8Offsets)), tokenIndex: nil)
  }

  private func decode(_ tokens: [String]) -> String { tokenizer.decode(tokens: tokens) }

  private static func tag(of label: String) -> (begins: Bool, tag: Substring) {
    if label.hasPrefix("B-") { return (true, label.dropFirst(2)) }
    return (false, label.hasPrefix("I-") ? label.dropFirst(2) : label[...])
  }

  /// The first of the highest scores.
  private static func best(_ scores: [Float]) -> Int {
    scores.indices.dropFirst().reduce(0) { scores[$1] > scores[$0] ? $1 : $0 }
  }

  /// From the start of the first to the end of the last.
  private static func span(_ ranges: [Range<Int>]) -> Range<Int> {
    guard let first = ranges.first, let last = ranges.last else { return 0..<0 }
    return first.lowerBound..<max(first.lowerBound, last.upperBound)
  }
}
