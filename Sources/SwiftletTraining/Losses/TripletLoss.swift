package import SwiftletKernelCore

/// The mean of max(0, ‖a - p‖ - ‖a - n‖ + margin) over triplets of anchor, positive and negative:
/// `TripletLoss` of sentence-transformers with the Euclidean distance.
///
/// As in torch's `pairwise_distance`, 1e-6 is added to each difference.
package struct TripletLoss: Sendable {
  package let margin: Double
  private static let offset = 1e-6

  package init(margin: Double = 5) { self.margin = margin }

  /// The number of triplets, of the whole group that one step averages over.
  package func normalizer(triplets: Int) -> Double { Double(triplets) }

  /// Returns Σ loss / normalizer and writes its gradient.
  ///
  /// - Parameters:
  ///   - embeddings: [3 triplets, width]: anchor, positive and negative one after another.
  ///   - normalizer: triplets of the whole group.
  ///   - gradient: as `embeddings`, whose memory it may be.
  /// - Returns: the loss of these triplets as a part of the group's.
  package func callAsFunction(
    _ embeddings: Matrix<Float>, normalizer: Double, gradient: Matrix<Float>
  ) -> Double {
    embeddings.requireShape(of: gradient)
    precondition(embeddings.rows % 3 == 0, "three texts for each triplet")
    guard normalizer > 0 else {
      gradient.clear()
      return 0
    }
    var sum = 0.0
    for first in stride(from: 0, to: embeddings.rows, by: 3) {
      let rows = first..<first + 3
      sum += loss(embeddings.rows(rows), normalizer, gradient.rows(rows))
    }
    return sum / normalizer
  }

  private func loss(
    _ texts: Matrix<Float>, _ normalizer: Double, _ gradient: Matrix<Float>
  ) -> Double {
    let near = distance(texts, to: 1)
    let far = distance(texts, to: 2)
    let loss = near - far + margin
    guard loss > 0 else {
      for row in 0..<3 { gradient.clearRow(row) }
      return 0
    }
    let pull = CosineOfRows.inverse(near) / normalizer
    let push = CosineOfRows.inverse(far) / normalizer
    for index in 0..<texts.columns {
      let positive = pull * difference(texts, 1, index)
      let negative = push * difference(texts, 2, index)
      gradient.row(0)[index] = Float(positive - negative)
      gradient.row(1)[index] = Float(-positive)
      gradient.row(2)[index] = Float(negative)
    }
    return loss
  }

  private func distance(_ texts: Matrix<Float>, to other: Int) -> Double {
    var sum = 0.0
    for index in 0..<texts.columns {
      let difference = difference(texts, other, index)
      sum += difference * difference
    }
    return sum.squareRoot()
  }

  private func difference(_ texts: Matrix<Float>, _ other: Int, _ index: Int) -> Double {
    Double(texts.row(0)[index]) - Double(texts.row(other)[index]) + Self.offset
  }
}
