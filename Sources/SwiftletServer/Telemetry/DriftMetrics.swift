#if Server
import Metrics
import Synchronization

/// What a version of a model reads and answers, in which drift shows: the best scores by label, and
/// how well the vocabulary fits the texts.
///
/// Recording takes no lock: a version looks up its series once, when it is loaded.
struct DriftMetrics: Sendable {
  static let scoreName = "swiftlet_best_score"
  static let piecesPerWordName = "swiftlet_pieces_per_word"
  /// Labels of a model with a histogram of their own, in all its versions.
  static let maxLabels = 100
  /// The label of the histogram of all further labels.
  static let otherLabels = "(others)"
  static let bounds: [String: [Double]] = [
    scoreName: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999, 1],
    piecesPerWordName: [1, 1.05, 1.1, 1.2, 1.3, 1.5, 1.75, 2, 3, 5],
  ]
  static let help = [
    scoreName: "Scores of the best label of an input, by label.",
    piecesPerWordName: "Pieces of an input for each of its words.",
    "swiftlet_pieces_total": "Pieces of inputs, without special tokens.",
    "swiftlet_words_total": "Words of inputs; punctuation marks are words.",
    "swiftlet_unknown_words_total": "Words of inputs that the vocabulary can't spell.",
  ]

  /// In the order of the model's labels.
  private let bestScores: [Recorder]
  private let piecesPerWord: Recorder
  private let pieces: Counter
  private let words: Counter
  private let unknownWords: Counter

  /// - Parameters:
  ///   - labels: The labels of this version.
  ///   - known: The labels with a histogram, in all versions.
  ///   - maker: Makes the series, or finds those of previous versions.
  init(labels: [String], known: borrowing Mutex<Set<String>>, _ maker: SeriesMaker) {
    let names = known.withLock { known in
      labels.map { label in
        guard known.contains(label) || known.count < Self.maxLabels else { return Self.otherLabels }
        known.insert(label)
        return label
      }
    }
    var recorders: [String: Recorder] = [:]
    for name in names where recorders[name] == nil {
      recorders[name] = maker.recorder(Self.scoreName, [("label", name)])
    }
    bestScores = names.compactMap { recorders[$0] }
    piecesPerWord = maker.recorder(Self.piecesPerWordName)
    pieces = maker.counter("swiftlet_pieces_total")
    words = maker.counter("swiftlet_words_total")
    unknownWords = maker.counter("swiftlet_unknown_words_total")
  }

  /// Records the best score of an input, and the index of its label.
  func bestScore(_ score: Float, label: Int) {
    guard bestScores.indices.contains(label) else { return }
    bestScores[label].record(Double(score))
  }

  /// Records the pieces of an input.
  func text(_ counts: PieceKinds.Counts) {
    guard counts.words > 0 else { return }
    pieces.increment(by: counts.pieces)
    words.increment(by: counts.words)
    unknownWords.increment(by: counts.unknown)
    piecesPerWord.record(Double(counts.pieces) / Double(counts.words))
  }
}
#endif
