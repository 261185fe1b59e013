#if Server
import Swiftlet
import SwiftletEncoder

extension ServedModel {
  /// The scores of a row of logits.
  struct RowScores {
    /// By the function that the client asked for.
    let asked: [Float]
    /// By the model's own function, whatever the client asked for, so that the metrics compare.
    let own: [Float]

    /// The label with the highest own score.
    var best: (label: Int, score: Float)? {
      own.indices.max { own[$0] < own[$1] }.map { ($0, own[$0]) }
    }
  }

  /// Turns the row of a text into scores.
  ///
  /// - Parameters:
  ///   - logits: The row.
  ///   - function: The function that the client asked for; nil for the model's own.
  /// - Returns: The scores by both functions.
  /// - Throws: ``ServerError/scoreIsNaN``.
  func scores(
    _ logits: [Float], _ function: ScoreFunction?
  ) throws(ServerError) -> RowScores {
    let own = scoreFunction.scores(of: logits)
    let function = function ?? scoreFunction
    let asked = function == scoreFunction ? own : function.scores(of: logits)
    guard !asked.contains(where: \.isNaN) else { throw .scoreIsNaN }
    return RowScores(asked: asked, own: own)
  }

  /// The labels with their scores, best first. Of equal scores, the one with the higher index comes
  /// first, as in text-embeddings-inference.
  ///
  /// - Returns: At most `count` labels; all for nil.
  func predictions(_ row: RowScores, count: Int?) -> [Prediction] {
    Self.order(row.asked).prefix(count ?? .max).map {
      Prediction(label: labels[$0], score: row.asked[$0])
    }
  }

  /// The indices of the texts, best first; each row has the one score of a reranker.
  func ranks(_ rows: [RowScores], texts: [String]?) -> [Rank] {
    let scores = rows.map { $0.asked[0] }
    return Self.order(scores).map { Rank(index: $0, score: scores[$0], text: texts?[$0]) }
  }

  private static func order(_ scores: [Float]) -> [Int] {
    scores.indices.sorted {
      scores[$0] == scores[$1] ? $0 > $1 : scores[$0] > scores[$1]
    }
  }

  /// Checks the number of coordinates that a client wants; nil for all.
  func check(dimensions: Int?, of kind: RowKind) throws(ServerError) {
    guard let dimensions else { return }
    guard dimensions > 0 else { throw .dimensionsNotPositive }
    guard dimensions <= rowWidth(kind) else { throw .dimensionsTooLarge }
  }

  /// The first `dimensions` coordinates, scaled to length 1 if `normalizes`; a zero vector stays
  /// zero.
  ///
  /// - Throws: ``ServerError/backend(_:)`` if a number is not finite.
  func embedding(
    _ row: some Collection<Float>, dimensions: Int?, normalizes: Bool
  ) throws(ServerError) -> [Float] {
    let vector = Array(row.prefix(dimensions ?? row.count))
    guard vector.allSatisfy(\.isFinite) else { throw Self.notFinite }
    return normalizes ? vector.normalized() : vector
  }

  /// The rows of a text's tokens, one after another, each as
  /// ``embedding(_:dimensions:normalizes:)`` makes it.
  ///
  /// - Throws: ``ServerError/backend(_:)`` if a number is not finite.
  func tokenEmbeddings(
    _ rows: [Float], dimensions: Int?, normalizes: Bool
  ) throws(ServerError) -> [Float] {
    guard dimensions != nil || normalizes else {
      guard rows.allSatisfy(\.isFinite) else { throw Self.notFinite }
      return rows
    }
    var vectors: [Float] = []
    vectors.reserveCapacity(rows.count)
    for start in stride(from: 0, to: rows.count, by: tokenWidth) {
      vectors += try embedding(
        rows[start..<start + tokenWidth], dimensions: dimensions, normalizes: normalizes)
    }
    return vectors
  }

  private static let notFinite = ServerError.backend("the embedding is not finite")
}
#endif
