import SwiftletTokenizer

/// The prediction for one token of a text.
struct TokenPrediction {
  /// The token as spelled in the vocabulary; for an unknown token, its text.
  let word: String
  /// The probability of each label.
  let scores: [Float]
  let offsets: Range<Int>
  let utf8Offsets: Range<Int>
  /// The index in its sequence.
  let index: Int
  /// Whether it continues the word of the token before it.
  let continuesWord: Bool
}

/// Groups predictions to entities, as transformers' token-classification pipeline does (version
/// 5.24).
struct EntityGrouping {
  let labels: [String]
  let tokenizer: Tokenizer
  let options: TokenClassificationOptions

  /// Returns the entities of one sequence.
  func entities(of tokens: [TokenPrediction]) -> [Entity] {
    let found: [Entity]
    switch options.aggregation {
    case .none: found = tokens.map { entity([$0], index: $0.index) }
    case .simple: found = groups(of: tokens.map { entity([$0], index: nil) })
    case .first, .average, .max: found = groups(of: words(of: tokens))
    }
    return found.filter { !options.ignoreLabels.contains($0.label) }
  }

  /// Keeps the longest of overlapping entities, or the one with the highest score if they are
  /// equally long.
  static func resolvingOverlaps(_ entities: [Entity]) -> [Entity] {
    // Swift's sort is not stable, so the index orders equal starts.
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

  /// Joins tokens to words, labelled by the aggregation.
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

  /// Joins one or more tokens to an entity with its full label.
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
      var best = tokens[0]
      for token in tokens.dropFirst() where (token.scores.max() ?? 0) > (best.scores.max() ?? 0) {
        best = token
      }
      return best.scores
    case .average:
      return labels.indices.map { label in
        tokens.reduce(0) { $0 + $1.scores[label] } / Float(tokens.count)
      }
    }
  }

  /// Joins neighbours with the same tag, unless the second one begins a new entity.
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

  /// Returns the index of the highest score, the first of equal ones.
  private static func best(_ scores: [Float]) -> Int {
    scores.indices.dropFirst().reduce(0) { scores[$1] > scores[$0] ? $1 : $0 }
  }

  /// Returns the range from the start of the first to the end of the last.
  private static func span(_ ranges: [Range<Int>]) -> Range<Int> {
    guard let first = ranges.first, let last = ranges.last else { return 0..<0 }
    return first.lowerBound..<max(first.lowerBound, last.upperBound)
  }
}
