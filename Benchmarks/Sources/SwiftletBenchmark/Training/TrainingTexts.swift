import Glibc

/// The file of the texts' lengths, which all programs of a comparison read.
struct TrainingLengths: Decodable, Sendable {
  struct Case: Decodable, Sendable {
    /// What the texts are, for a table.
    var title: String
    /// The tokens of each text of each step.
    var batches: [[Int]]
  }

  var cases: [String: Case]
}

/// The texts of a step, and their labels.
struct TrainingBatchTexts: Sendable, Equatable {
  let texts: [[Int32]]
  let labels: [Int32]

  var lengths: [Int] { texts.map(\.count) }
  var tokenCount: Int { texts.reduce(0) { $0 + $1.count } }
}

extension TrainingBatchTexts {
  /// Draws texts of these lengths: `[CLS]`, tokens whose rank is log-uniform, as frequent and rare words
  /// are, and `[SEP]`.
  static func draw(
    _ lengths: [[Int]], vocabularySize: Int, seed: UInt64 = 1
  ) -> [TrainingBatchTexts] {
    var random = RandomNumbers(seed: seed)
    return lengths.map { batch in
      TrainingBatchTexts(
        texts: batch.map { text(of: $0, vocabularySize, using: &random) },
        labels: batch.indices.map { Int32($0 % 2) })
    }
  }

  /// `[CLS]` and `[SEP]`.
  private static let marks = (start: Int32(101), end: Int32(102))
  /// The ids below are unused or single characters.
  private static let firstWord = 999

  private static func text(
    of length: Int, _ vocabularySize: Int, using random: inout RandomNumbers
  ) -> [Int32] {
    let ranks = Double(max(vocabularySize - 1 - firstWord, 1))
    let words = (0..<max(length - 2, 0)).map { _ in
      Int32(firstWord) + Int32(pow(ranks, Double.random(in: 0..<1, using: &random)))
    }
    return Array(([marks.start] + words + [marks.end]).prefix(length))
  }
}
