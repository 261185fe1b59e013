#if Server
import Swiftlet

extension ServedModel {
  /// All labels with their scores, best first; of equals the one with the higher index, as
  /// text-embeddings-inference has it.
  ///
  /// - Throws: ``ServerError/scoreIsNaN``.
  func predictions(_ logits: [Float], rawScores: Bool) throws(ServerError) -> [Prediction] {
    let scores = try scores(logits, rawScores: rawScores)
    return Self.order(scores).map { Prediction(label: labels[$0], score: scores[$0]) }
  }

  /// The places of the texts, best first; each row holds a reranker's one logit.
  ///
  /// - Throws: ``ServerError/scoreIsNaN``.
  func ranks(
    _ rows: [[Float]], rawScores: Bool, texts: [String]?
  ) throws(ServerError) -> [Rank] {
    let scores = try rows.map { (row) throws(ServerError) in
      try self.scores(row, rawScores: rawScores)[0]
    }
    return Self.order(scores).map { Rank(index: $0, score: scores[$0], text: texts?[$0]) }
  }

  private func scores(_ logits: [Float], rawScores: Bool) throws(ServerError) -> [Float] {
    let scores = (rawScores ? ScoreFunction.none : scoreFunction).scores(of: logits)
    guard !scores.contains(where: \.isNaN) else { throw .scoreIsNaN }
    return scores
  }

  private static func order(_ scores: [Float]) -> [Int] {
    scores.indices.sorted {
      scores[$0] == scores[$1] ? $0 > $1 : scores[$0] > scores[$1]
    }
  }

  /// Checks how many coordinates a client wants; nil for all.
  func check(dimensions: Int?) throws(ServerError) {
    guard let dimensions else { return }
    guard dimensions > 0 else { throw .dimensionsNotPositive }
    guard dimensions <= width else { throw .dimensionsTooLarge }
  }

  /// The first `dimensions` coordinates, of the length 1 if that is wanted; a zero vector stays zero.
  ///
  /// - Throws: ``ServerError/backend(_:)`` if a number is none.
  func embedding(
    _ row: [Float], dimensions: Int?, normalizes: Bool
  ) throws(ServerError) -> [Float] {
    var vector = dimensions.map { Array(row.prefix($0)) } ?? row
    guard vector.allSatisfy(\.isFinite) else { throw .backend("the embedding is not finite") }
    guard normalizes else { return vector }
    let squares = vector.reduce(0.0) { $0 + Double($1) * Double($1) }
    let norm = Float(max(squares.squareRoot(), 1e-12))
    for index in vector.indices { vector[index] /= norm }
    return vector
  }

  /// The cosine of the angle between two rows; 0 where one of them is zero.
  static func cosine(_ first: [Float], _ second: [Float]) -> Float {
    var (product, left, right) = (0.0, 0.0, 0.0)
    for (a, b) in zip(first, second) {
      product += Double(a) * Double(b)
      left += Double(a) * Double(a)
      right += Double(b) * Double(b)
    }
    guard left > 0, right > 0 else { return 0 }
    return Float(product / (left.squareRoot() * right.squareRoot()))
  }
}
#endif
