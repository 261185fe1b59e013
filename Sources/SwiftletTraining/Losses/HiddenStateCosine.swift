package import SwiftletKernelCore

/// The mean of 1 - cos(student, teacher) over rows of hidden states: torch's
/// `nn.CosineEmbeddingLoss` with target 1, as DistilBERT's pre-training uses it.
package struct HiddenStateCosine: Sendable {
  package init() {}

  /// The number of rows, of the whole group that one step averages over.
  package func normalizer(rows: Int) -> Double { Double(rows) }

  /// Returns Σ (1 - cos) / normalizer and writes its gradient for the student.
  ///
  /// - Parameters:
  ///   - student: [rows, width]
  ///   - teacher: [rows, width]
  ///   - normalizer: rows of the whole group.
  ///   - gradient: [rows, width]; it may be the memory of `student`.
  /// - Returns: the loss of these rows as a part of the group's.
  package func callAsFunction(
    student: Matrix<Float>, teacher: Matrix<Float>, normalizer: Double, gradient: Matrix<Float>
  ) -> Double {
    student.requireShape(of: gradient)
    student.requireShape(of: teacher)
    guard normalizer > 0 else {
      gradient.clear()
      return 0
    }
    var sum = 0.0
    for row in 0..<student.rows {
      let (u, v) = (student.row(row), teacher.row(row))
      let cosine = CosineOfRows(u, v, count: student.columns)
      sum += 1 - cosine.value
      cosine.writeGradients(
        u, v, count: student.columns, factor: -1 / normalizer, du: gradient.row(row))
    }
    return sum / normalizer
  }
}
