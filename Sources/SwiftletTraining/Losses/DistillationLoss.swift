package import SwiftletKernelCore

/// The divergence of a student's classes from its teacher's: T² KL(p_t ‖ p_s), with both softmaxes
/// at temperature T, divided by the number of rows (torch's `kl_div` with `batchmean`).
/// Hinton et al., "Distilling the Knowledge in a Neural Network", 2015.
package struct DistillationLoss: Sendable {
  package let temperature: Double
  private let softmax: RowSoftmax

  /// - Parameters:
  ///   - temperature: T, above 0.
  ///   - softmaxRows: the vectorised kernel for wide rows; without it, they are slow.
  package init(temperature: Double, softmaxRows: SoftmaxRows? = nil) {
    precondition(temperature > 0, "a temperature is positive")
    self.temperature = temperature
    softmax = RowSoftmax(kernel: softmaxRows)
  }

  /// The number of rows, of the whole group that one step averages over.
  package func normalizer(rows: Int) -> Double { Double(rows) }

  /// Returns Σ T² KL / normalizer over the rows and writes its gradient T (p_s - p_t) / normalizer.
  ///
  /// - Parameters:
  ///   - student: logits [rows, classes]
  ///   - teacher: logits [rows, classes]
  ///   - normalizer: rows of the whole group.
  ///   - gradient: [rows, classes]; it may be the memory of `student`.
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
    let scale = temperature / normalizer
    return withUnsafeTemporaryAllocation(of: Float.self, capacity: student.columns) { row in
      guard let soft = row.baseAddress else { return 0 }
      var sum = 0.0
      for row in 0..<student.rows {
        let slopes = gradient.row(row)
        sum += divergence(student.row(row), teacher.row(row), student.columns, slopes, soft)
        for index in 0..<student.columns {
          slopes[index] = Float(scale * (Double(slopes[index]) - Double(soft[index])))
        }
      }
      return sum * temperature * temperature / normalizer
    }
  }

  /// Σ p_t (log p_t - log p_s) = Σ p_t (x_t - x_s) / T - log Σ e^(x_t / T) + log Σ e^(x_s / T)
  ///
  /// Writes p_s, which may replace the student's logits, and p_t.
  private func divergence(
    _ student: UnsafePointer<Float>, _ teacher: UnsafePointer<Float>, _ count: Int,
    _ studentShares: UnsafeMutablePointer<Float>, _ teacherShares: UnsafeMutablePointer<Float>
  ) -> Double {
    let teacherSum = softmax(
      teacher, count: count, temperature: temperature, into: teacherShares)
    var (sum, shares) = (0.0, 0.0)
    for index in 0..<count {
      let share = Double(teacherShares[index])
      sum += share * (Double(teacher[index]) - Double(student[index]))
      shares += share
    }
    let studentSum = softmax(
      student, count: count, temperature: temperature, into: studentShares)
    // The shares are rounded; their own sum keeps the divergence of equal rows at 0.
    return sum / temperature - shares * (teacherSum - studentSum)
  }
}
