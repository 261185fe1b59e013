import Glibc
package import SwiftletKernelCore

/// How far a student's logits are from its teacher's.
package enum SoftLoss: Sendable {
  /// One label for each row: T² KL(teacher ‖ student) of the softmaxes.
  case classes(DistillationLoss)
  /// Any number of labels: T² KL(teacher ‖ student) of each label's sigmoid, the mean over labels.
  case labels(temperature: Double)
  /// A number: the squared difference.
  case values

  init(_ task: TrainingTask, temperature: Double) {
    self =
      switch task {
      case .multiLabel: .labels(temperature: temperature)
      case .regression: .values
      default: .classes(DistillationLoss(temperature: temperature))
      }
  }

  /// Computes the sum over the rows, divided by `normalizer`, and its gradient.
  ///
  /// - Parameters:
  ///   - student: logits [rows, outputs]
  ///   - teacher: logits [rows, outputs], row after row.
  ///   - normalizer: rows of the whole group that one step averages over.
  ///   - gradient: [rows, outputs]; it may be the memory of `student`.
  /// - Returns: The loss of these rows as a part of the group's.
  package func callAsFunction(
    student: Matrix<Float>, teacher: Matrix<Float>, normalizer: Double, gradient: Matrix<Float>
  ) -> Double {
    switch self {
    case .classes(let loss):
      loss(student: student, teacher: teacher, normalizer: normalizer, gradient: gradient)
    case .labels(let temperature):
      Self.labels(
        student, teacher, temperature, normalizer * Double(max(1, student.columns)), gradient)
    case .values:
      MeanSquaredError()(
        student, targets: teacher.pointer, normalizer: normalizer * Double(student.columns),
        gradient: gradient)
    }
  }

  /// Σ T² (BCE(x_s / T, σ(x_t / T)) - BCE(x_t / T, σ(x_t / T))); slope T (σ(x_s / T) - σ(x_t / T))
  private static func labels(
    _ student: Matrix<Float>, _ teacher: Matrix<Float>, _ temperature: Double,
    _ normalizer: Double, _ gradient: Matrix<Float>
  ) -> Double {
    student.requireShape(of: gradient)
    student.requireShape(of: teacher)
    var sum = 0.0
    for row in 0..<student.rows {
      let (input, target, slopes) = (student.row(row), teacher.row(row), gradient.row(row))
      for label in 0..<student.columns {
        let own = Double(input[label]) / temperature
        let other = Double(target[label]) / temperature
        let power = exp(-other.magnitude)
        let share = (other >= 0 ? 1 : power) / (1 + power)
        let (loss, slope) = BinaryCrossEntropy.element(own, target: share, weight: 1)
        sum += loss - BinaryCrossEntropy.element(other, target: share, weight: 1).loss
        slopes[label] = Float(temperature * slope / normalizer)
      }
    }
    return temperature * temperature * sum / normalizer
  }
}
