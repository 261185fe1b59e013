import Glibc
package import SwiftletKernelCore

/// A ranking loss over scored pairs of texts: log(1 + Σ e^(scale (cos_i - cos_j))) over all i and j
/// with score_i < score_j; `CoSENTLoss` of sentence-transformers.
///
/// It compares all pairs of a group with one another, so the group can't be cut.
package struct CoSENTLoss: Sendable {
  package let scale: Double

  package init(scale: Double = 20) { self.scale = scale }

  /// Returns the loss of the group and writes its gradient.
  ///
  /// - Parameters:
  ///   - embeddings: [2 pairs, width]: the two texts of a pair are rows one after another.
  ///   - scores: one for each pair; only their order counts.
  ///   - gradient: as `embeddings`, whose memory it may be.
  /// - Returns: the loss of the group.
  package func callAsFunction(
    _ embeddings: Matrix<Float>, scores: [Float], gradient: Matrix<Float>
  ) -> Double {
    embeddings.requireShape(of: gradient)
    precondition(embeddings.rows == 2 * scores.count, "a score for each pair")
    let cosines = scores.indices.map { pair in
      CosineOfRows(
        embeddings.row(2 * pair), embeddings.row(2 * pair + 1), count: embeddings.columns)
    }
    let (loss, slopes) = logSum(of: cosines.map(\.value), scores: scores)
    for pair in scores.indices {
      cosines[pair].writeGradients(
        embeddings.row(2 * pair), embeddings.row(2 * pair + 1), count: embeddings.columns,
        factor: slopes[pair], du: gradient.row(2 * pair), dv: gradient.row(2 * pair + 1))
    }
    return loss
  }

  /// The loss and its derivative for each cosine: every term adds its softmax to i and subtracts it
  /// from j.
  private func logSum(of cosines: [Double], scores: [Float]) -> (Double, slopes: [Double]) {
    var largest = 0.0
    forEachTerm(cosines, scores) { _, _, exponent in largest = max(largest, exponent) }
    var sum = exp(-largest)
    var slopes = [Double](repeating: 0, count: cosines.count)
    forEachTerm(cosines, scores) { i, j, exponent in
      let numerator = exp(exponent - largest)
      sum += numerator
      slopes[i] += numerator
      slopes[j] -= numerator
    }
    return (largest + log(sum), slopes.map { scale * $0 / sum })
  }

  private func forEachTerm(
    _ cosines: [Double], _ scores: [Float], _ body: (_ i: Int, _ j: Int, _ exponent: Double) -> Void
  ) {
    for i in cosines.indices {
      for j in cosines.indices where scores[i] < scores[j] {
        body(i, j, scale * (cosines[i] - cosines[j]))
      }
    }
  }
}
