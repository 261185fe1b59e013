import SwiftletEncoder
import SwiftletKernelCore
import SwiftletSystem

/// The last hidden rows of student and teacher in one pass. The network writes them, the objective compares
/// them, and the network's backward pass takes the gradient.
package final class HiddenStates {
  private let weight: Double
  private let engine: AnswerEngine
  private let cosine = HiddenStateCosine()
  private var student: Matrix<Float>?
  private var teacher: [Float] = []
  private var memory: AlignedBuffer<Float>
  private var gradient: Matrix<Float>?

  /// - Parameters:
  ///   - weight: Multiplies the mean of 1 - cosine.
  ///   - engine: Computes the teacher's rows, as wide as the student's.
  /// - Throws: `MemoryError`.
  init(weight: Double, _ engine: AnswerEngine) throws(MemoryError) {
    self.weight = weight
    self.engine = engine
    memory = try AlignedBuffer(uninitialized: 0, purpose: "hidden rows")
  }

  /// Computes the teacher's rows of a pass.
  ///
  /// - Parameters:
  ///   - batch: The sequences of the pass.
  ///   - rows: The student's, valid until its next pass.
  /// - Throws: `MemoryError`.
  func begin(_ batch: PackedBatch, student rows: Matrix<Float>?) throws {
    student = rows
    teacher = try engine.rows(of: batch)
    let count = rows.map { $0.rows * $0.columns } ?? 0
    if memory.count < count {
      memory = try AlignedBuffer(uninitialized: count, purpose: "hidden rows")
    }
  }

  /// Computes the loss of the pass and keeps its gradient.
  ///
  /// - Parameter normalizer: Rows of the whole group that one step averages over.
  /// - Returns: The loss of these rows as a part of the group's; 0 before a pass.
  func loss(normalizer: Double) -> Double {
    guard let student, weight > 0 else { return 0 }
    let slopes = Matrix(memory.pointer, rows: student.rows, columns: student.columns)
    gradient = slopes
    return teacher.withUnsafeMutableBufferPointer { teacher in
      guard let start = teacher.baseAddress else { return 0 }
      return cosine(
        student: student, teacher: Matrix(start, rows: student.rows, columns: student.columns),
        normalizer: normalizer / weight, gradient: slopes)
    }
  }

  /// Returns the gradient of the last loss, once.
  func takeGradient() -> Matrix<Float>? {
    defer { gradient = nil }
    return gradient
  }
}
