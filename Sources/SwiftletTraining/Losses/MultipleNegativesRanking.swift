import Glibc
package import SwiftletKernelCore

/// The loss of retrieval from pairs: each anchor must find its own positive among the positives and
/// negatives of all examples. It is the cross-entropy of scale cos(anchor, candidate) against the
/// own positive, averaged over anchors; `MultipleNegativesRankingLoss` of sentence-transformers.
///
/// It compares all texts of a group with one another, so the group can't be cut.
package struct MultipleNegativesRanking: Sendable {
  package let scale: Double

  package init(scale: Double = 20) { self.scale = scale }

  /// Returns the loss of the group and writes its gradient.
  ///
  /// - Parameters:
  ///   - embeddings: [examples textsPerExample, width]: the texts of an example are rows one after
  ///     another: anchor, positive, then hard negatives.
  ///   - textsPerExample: 2 or more.
  ///   - identities: a number for each row, equal for equal texts. A candidate that equals the own
  ///     positive then doesn't count as a negative. With nil every candidate counts, as in
  ///     sentence-transformers.
  ///   - gradient: as `embeddings`, whose memory it may be.
  /// - Returns: the loss of the group.
  package func callAsFunction(
    _ embeddings: Matrix<Float>, textsPerExample: Int = 2, identities: [Int]? = nil,
    gradient: Matrix<Float>
  ) -> Double {
    embeddings.requireShape(of: gradient)
    precondition(
      textsPerExample >= 2 && embeddings.rows % textsPerExample == 0, "whole examples of 2 or more")
    precondition(identities.map { $0.count == embeddings.rows } ?? true, "a number for each row")
    guard embeddings.rows > 0 else { return 0 }
    var units = UnitRows(embeddings)
    let loss = addGradients(&units, textsPerExample, identities)
    units.writeGradient(to: gradient)
    return loss
  }

  private func addGradients(
    _ units: inout UnitRows, _ textsPerExample: Int, _ identities: [Int]?
  ) -> Double {
    let anchors = stride(from: 0, to: units.rows, by: textsPerExample)
    let examples = Double(units.rows / textsPerExample)
    var sum = 0.0
    for anchor in anchors {
      let positive = anchor + 1
      let candidates = (0..<units.rows).filter { row in
        row % textsPerExample != 0
          && (row == positive || identities.map { $0[row] != $0[positive] } ?? true)
      }
      let scores = candidates.map { scale * units.dot(anchor, $0) }
      let largest = scores.reduce(-.infinity, max)
      let numerators = scores.map { exp($0 - largest) }
      let total = numerators.reduce(0, +)
      for (index, candidate) in candidates.enumerated() {
        let isOwn = candidate == positive
        if isOwn { sum += largest + log(total) - scores[index] }
        let slope = numerators[index] / total - (isOwn ? 1 : 0)
        units.addGradient(scale * slope / examples, ofDot: anchor, candidate)
      }
    }
    return sum / examples
  }
}

/// Rows divided by their norm, and the gradient of a function of them.
private struct UnitRows {
  let rows: Int
  private let width: Int
  private var units: [Double]
  private var gradients: [Double]
  private var inverses: [Double] = []

  init(_ matrix: Matrix<Float>) {
    rows = matrix.rows
    width = matrix.columns
    units = []
    units.reserveCapacity(rows * width)
    gradients = [Double](repeating: 0, count: rows * width)
    for index in 0..<rows {
      let row = matrix.row(index)
      let norm = RowProducts.dot(row, row, count: width).squareRoot()
      inverses.append(CosineOfRows.inverse(norm))
      for column in 0..<width { units.append(Double(row[column]) * inverses[index]) }
    }
  }

  func dot(_ left: Int, _ right: Int) -> Double {
    units.withUnsafeBufferPointer { units in
      guard let start = units.baseAddress else { return 0 }
      return RowProducts.dot(start + left * width, start + right * width, count: width)
    }
  }

  /// Adds the gradient of factor u_left · u_right for both rows.
  mutating func addGradient(_ factor: Double, ofDot left: Int, _ right: Int) {
    units.withUnsafeBufferPointer { units in
      gradients.withUnsafeMutableBufferPointer { gradients in
        guard let start = units.baseAddress, let target = gradients.baseAddress else { return }
        RowProducts.add(
          factor, start + right * width, to: target + left * width, count: width)
        RowProducts.add(
          factor, start + left * width, to: target + right * width, count: width)
      }
    }
  }

  /// The gradient of the rows before the division: (g - u (u · g)) / ‖x‖
  func writeGradient(to output: Matrix<Float>) {
    for index in 0..<rows {
      let range = index * width..<(index + 1) * width
      let along = zip(units[range], gradients[range]).reduce(0) { $0 + $1.0 * $1.1 }
      let row = output.row(index)
      for column in 0..<width {
        let place = range.lowerBound + column
        row[column] = Float((gradients[place] - units[place] * along) * inverses[index])
      }
    }
  }
}
