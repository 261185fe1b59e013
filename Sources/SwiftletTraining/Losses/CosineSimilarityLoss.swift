package import SwiftletKernelCore

/// The mean of (cos(u, v) - score)² over pairs of texts: `CosineSimilarityLoss` of
/// sentence-transformers.
package struct CosineSimilarityLoss: Sendable {
  package init() {}

  /// The number of pairs, of the whole group that one step averages over.
  package func normalizer(pairs: Int) -> Double { Double(pairs) }

  /// Returns Σ (cos - score)² / normalizer and writes its gradient.
  ///
  /// - Parameters:
  ///   - embeddings: [2 pairs, width]: the two texts of a pair are rows one after another.
  ///   - scores: one for each pair.
  ///   - normalizer: pairs of the whole group.
  ///   - gradient: as `embeddings`, whose memory it may be.
  /// - Returns: the loss of these pairs as a part of the group's.
  package func callAsFunction(
    _ embeddings: Matrix<Float>, scores: some Collection<Float>, normalizer: Double,
    gradient: Matrix<Float>
  ) -> Double {
    embeddings.requireShape(of: gradient)
    precondition(embeddings.rows == 2 * scores.count, "a score for each pair")
    guard normalizer > 0 else {
      gradient.clear()
      return 0
    }
    var sum = 0.0
    for (pair, score) in scores.enumerated() {
      let (u, v) = (embeddings.row(2 * pair), embeddings.row(2 * pair + 1))
      let cosine = CosineOfRows(u, v, count: embeddings.columns)
      let difference = cosine.value - Double(score)
      sum += difference * difference
      cosine.writeGradients(
        u, v, count: embeddings.columns, factor: 2 * difference / normalizer,
        du: gradient.row(2 * pair), dv: gradient.row(2 * pair + 1))
    }
    return sum / normalizer
  }
}
