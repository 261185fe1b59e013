#if Server
import Swiftlet
import SwiftletEncoder

extension ServedModel {
  /// The labels with their scores, best first. Of equal scores, the one with the higher index comes
  /// first, as in text-embeddings-inference.
  ///
  /// - Parameters:
  ///   - logits: The row of a text.
  ///   - function: Turns logits into scores; nil for the model's own function.
  ///   - count: The maximum number of labels; nil for all.
  /// - Returns: At most `count` labels.
  /// - Throws: ``ServerError/scoreIsNaN``.
  func predictions(
    _ logits: [Float], _ function: ScoreFunction?, count: Int?
  ) throws(ServerError) -> [Prediction] {
    let scores = try scores(logits, function ?? scoreFunction)
    return Self.order(scores).prefix(count ?? .max).map {
      Prediction(label: labels[$0], score: scores[$0])
    }
  }

  /// The indices of the texts, best first; each row has the one logit of a reranker.
  ///
  /// - Throws: ``ServerError/scoreIsNaN``.
  func ranks(
    _ rows: [[Float]], rawScores: Bool, texts: [String]?
  ) throws(ServerError) -> [Rank] {
    let scores = try rows.map { (row) throws(ServerError) in
      try self.scores(row, rawScores ? ScoreFunction.none : scoreFunction)[0]
    }
    return Self.order(scores).map { Rank(index: $0, score: scores[$0], text: texts?[$0]) }
  }

  /// The label with the highest score by the model's own function, whatever function the client
  /// asked for, so that the metrics compare.
  func best(_ logits: [Float]) -> (label: Int, score: Float)? {
    let scores = scoreFunction.scores(of: logits)
    return scores.indices.max { scores[$0] < scores[$1] }.map { ($0, scores[$0]) }
  }

  private func scores(
    _ logits: [Float], _ function: ScoreFunction
  ) throws(ServerError) -> [Float] {
    let scores = function.scores(of: logits)
    guard !scores.contains(where: \.isNaN) else { throw .scoreIsNaN }
    return scores
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
