import SwiftletTokenizer

/// Collects the answers to one question over the windows of its context, as transformers'
/// question-answering pipeline does (version 4.57).
struct AnswerSpans {
  private struct Candidate {
    var score: Double
    let bytes: Range<Int>
    let text: String
  }

  /// A span of a window's tokens, including both ends.
  private struct Span {
    let start: Int
    let end: Int
    let score: Float
  }

  private let context: [UInt8]
  private let options: QuestionAnsweringOptions
  private let clsID: Int32?
  private var candidates: [Candidate] = []
  /// The index of each answer's candidate. Keys are bytes, because `String` compares by canonical
  /// equivalence.
  private var places: [[UInt8]: Int] = [:]
  private var impossibleScore = 1_000_000.0

  init(context: String, options: QuestionAnsweringOptions, clsID: Int32?) {
    self.context = Array(context.utf8)
    self.options = options
    self.clsID = clsID
  }

  /// Adds a window's best spans; `logits` [tokens, 2] are the start and end logits of each token.
  mutating func add(_ window: Encoding, logits: ArraySlice<Float>) {
    let isAllowed = window.ids.indices.map {
      window.sequenceIDs[$0] == 1 || window.ids[$0] == clsID
    }
    var starts = probabilities(logits, column: 0, isAllowed)
    var ends = probabilities(logits, column: 1, isAllowed)
    guard !starts.isEmpty else { return }
    if options.allowsImpossibleAnswer {
      impossibleScore = min(impossibleScore, Double(starts[0] * ends[0]))
    }
    // A span at [CLS] means that there is no answer.
    (starts[0], ends[0]) = (0, 0)
    for span in best(window, starts, ends) {
      add(bytes(of: span, in: window), score: Double(span.score))
    }
  }

  /// Returns the best answers of all windows.
  func answers(_ positions: OffsetMap) -> [Answer] {
    var all = candidates
    if options.allowsImpossibleAnswer {
      all.append(Candidate(score: impossibleScore, bytes: 0..<0, text: ""))
    }
    // Swift's sort is not stable, so the index orders equal scores.
    let order = all.indices.sorted {
      all[$0].score == all[$1].score ? $0 < $1 : all[$0].score > all[$1].score
    }
    return order.prefix(options.topK).map { index in
      let candidate = all[index]
      return Answer(
        text: candidate.text, score: Float(candidate.score),
        offsets: candidate.text.isEmpty ? 0..<0 : positions.convert(candidate.bytes),
        utf8Offsets: candidate.bytes)
    }
  }

  /// Computes softmax over the tokens that may be in an answer; the others have probability 0.
  private func probabilities(
    _ logits: ArraySlice<Float>, column: Int, _ isAllowed: [Bool]
  ) -> [Float] {
    let values = isAllowed.indices.map { token in
      isAllowed[token] ? logits[logits.startIndex + 2 * token + column] : -10_000
    }
    return ScoreFunction.softmax.scores(of: values)
  }

  /// Returns the best spans; more than `topK` if several may have the same words.
  private func best(_ window: Encoding, _ starts: [Float], _ ends: [Float]) -> [Span] {
    var spans: [Span] = []
    let isContext = window.sequenceIDs.map { $0 == 1 }
    for start in starts.indices where isContext[start] && starts[start] > 0 {
      let last = start + min(options.maxAnswerLength, starts.count - start)
      for end in start..<last where isContext[end] && ends[end] > 0 {
        spans.append(Span(start: start, end: end, score: starts[start] * ends[end]))
      }
    }
    let count = min(options.topK, spans.count)
    let wanted = options.alignsToWords ? 2 * count + 10 : count
    spans.sort {
      ($1.score, $0.start, $0.end) < ($0.score, $1.start, $1.end)
    }
    return Array(spans.prefix(wanted))
  }

  private func bytes(of span: Span, in window: Encoding) -> Range<Int> {
    var (first, last) = (span.start, span.end)
    if options.alignsToWords {
      while first > 0, isOneWord(window, first - 1, first) { first -= 1 }
      while last + 1 < window.wordIDs.count, isOneWord(window, last, last + 1) { last += 1 }
    }
    let start = window.offsets[first].lowerBound
    return start..<max(start, window.offsets[last].upperBound)
  }

  private func isOneWord(_ window: Encoding, _ left: Int, _ right: Int) -> Bool {
    window.sequenceIDs[left] == window.sequenceIDs[right]
      && window.wordIDs[left] == window.wordIDs[right] && window.wordIDs[left] != nil
  }

  /// Adds a span to the candidates, or its score to a candidate with the same words.
  private mutating func add(_ bytes: Range<Int>, score: Double) {
    let text = String(decoding: context[bytes.clamped(to: 0..<context.count)], as: UTF8.self)
    let key = Array(text.lowercased().utf8)
    if let place = places[key] {
      candidates[place].score += score
    } else {
      places[key] = candidates.count
      candidates.append(Candidate(score: score, bytes: bytes, text: text))
    }
  }
}
