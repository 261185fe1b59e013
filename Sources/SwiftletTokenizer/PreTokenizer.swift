/// One way of splitting text into words; several can run in sequence.
enum PreTokenizer: Sendable, Equatable {
  /// Splits at white space; every punctuation mark is a word.
  case bert
  /// `\w+|[^\w\s]+`: runs of word characters, and runs of other characters except white space.
  case whitespace
  /// Splits only at white space.
  case whitespaceSplit
  case punctuation(PunctuationBehavior)

  /// Splits a part of a text by several pre-tokenizers in sequence.
  static func words(
    of scalars: [UInt32], _ range: Range<Int>, _ preTokenizers: [PreTokenizer]
  ) -> [Range<Int>] {
    preTokenizers.reduce([range]) { words, preTokenizer in
      words.flatMap { preTokenizer.words(of: scalars, $0) }
    }
  }

  /// Splits a part of a text.
  func words(of scalars: [UInt32], _ range: Range<Int>) -> [Range<Int>] {
    switch self {
    case .bert:
      Self.runs(of: scalars, range) { properties in
        if properties.contains(.whitespace) { return .dropped }
        return properties.contains(.punctuation) ? .alone : .joined(0)
      }
    case .whitespace:
      Self.runs(of: scalars, range) { properties in
        if properties.contains(.word) { return .joined(0) }
        return properties.contains(.whitespace) ? .dropped : .joined(1)
      }
    case .whitespaceSplit:
      Self.runs(of: scalars, range) { $0.contains(.whitespace) ? .dropped : .joined(0) }
    case .punctuation(let behavior): behavior.words(of: scalars, range)
    }
  }

  /// What happens to a scalar.
  enum Fate: Equatable {
    case dropped
    case alone
    /// Joined with neighbours that have the same number.
    case joined(Int)
  }

  fileprivate static func runs(
    of scalars: [UInt32], _ range: Range<Int>, _ fate: (ScalarProperties) -> Fate
  ) -> [Range<Int>] {
    var words: [Range<Int>] = []
    var previous = Fate.dropped
    for index in range {
      let fate = fate(ScalarProperties(of: scalars[index]))
      defer { previous = fate }
      if case .joined = fate, fate == previous, let last = words.last {
        words[words.count - 1] = last.lowerBound..<index + 1
      } else if fate != .dropped {
        words.append(index..<index + 1)
      }
    }
    return words
  }
}

/// The behaviors of `Punctuation`; the raw values are the names in `tokenizer.json`.
enum PunctuationBehavior: String, Sendable, CaseIterable {
  case isolated = "Isolated"
  case removed = "Removed"
  case contiguous = "Contiguous"
  case mergedWithPrevious = "MergedWithPrevious"
  case mergedWithNext = "MergedWithNext"

  fileprivate func words(of scalars: [UInt32], _ range: Range<Int>) -> [Range<Int>] {
    func isMark(_ index: Int) -> Bool {
      ScalarProperties(of: scalars[index]).contains(.punctuation)
    }
    func runs(_ fate: PreTokenizer.Fate) -> [Range<Int>] {
      PreTokenizer.runs(of: scalars, range) { $0.contains(.punctuation) ? fate : .joined(0) }
    }
    switch self {
    case .isolated: return runs(.alone)
    case .removed: return runs(.dropped)
    case .contiguous: return runs(.joined(1))
    case .mergedWithPrevious:
      // Only the first of adjacent marks is merged.
      return merge(runs(.alone)) { isMark($1.lowerBound) && !isMark($0.upperBound - 1) }
    case .mergedWithNext:
      // Only the last of adjacent marks is merged.
      return merge(runs(.alone)) { isMark($0.upperBound - 1) && !isMark($1.lowerBound) }
    }
  }

  /// Joins a piece with the previous one if `areJoined` returns true for the two.
  private func merge(
    _ pieces: [Range<Int>], _ areJoined: (Range<Int>, Range<Int>) -> Bool
  ) -> [Range<Int>] {
    var words: [Range<Int>] = []
    for piece in pieces {
      if let last = words.last, areJoined(last, piece) {
        words[words.count - 1] = last.lowerBound..<piece.upperBound
      } else {
        words.append(piece)
      }
    }
    return words
  }
}
