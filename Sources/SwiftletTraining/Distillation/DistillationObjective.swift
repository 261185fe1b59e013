package import SwiftletEncoder
package import SwiftletKernelCore

/// A task whose examples have a teacher's answers, and true labels where there are any:
/// α T² KL(teacher ‖ student) + (1 - α) loss + w (1 - cosine of the hidden rows).
///
/// Each term is a mean of its own: over all rows, over the labelled ones, and over the hidden rows that the
/// head reads. Tokens of a tagger all have soft labels, also those without a true one, because taggers may
/// read any piece of a word. The hidden rows are not compared in an evaluation.
package struct DistillationObjective<Base: DatasetObjective>: DatasetObjective {
  /// The task with its true labels.
  let base: Base
  private let soft: SoftLoss
  private let answers: SoftLabels
  private let alpha: Double
  private let hidden: HiddenStates?

  /// - Parameters:
  ///   - base: The task with its true labels.
  ///   - answers: The teacher's logits for the examples of `base`.
  ///   - soft: Compares logits with those of the teacher.
  ///   - alpha: The share of the teacher's answers in the loss.
  ///   - hidden: Shared with the network; nil without a loss of hidden rows.
  init(
    _ base: Base, _ answers: SoftLabels, soft: SoftLoss, alpha: Double, hidden: HiddenStates? = nil
  ) {
    self.base = base
    self.answers = answers
    self.soft = soft
    self.alpha = alpha
    self.hidden = hidden
  }

  package var data: EncodedDataset { base.data }
  package var metrics: [Metric] { base.metrics }

  package func append(
    _ range: Range<Int>, of group: ExampleGroup, to batch: inout PackedBatch
  ) {
    base.append(range, of: group, to: &batch)
  }

  /// The rows of a group, which all have an answer; the labelled ones if the answers do not count.
  package func normalizer(of group: ExampleGroup) -> Double {
    alpha > 0 || hidden != nil ? rows(of: group) : base.normalizer(of: group)
  }

  private func rows(of group: ExampleGroup) -> Double {
    group.examples.reduce(0) { $0 + Double(answers[$1].count) } / Double(max(1, answers.width))
  }

  package func loss(
    of range: Range<Int>, in group: ExampleGroup, outputs: Matrix<Float>, normalizer: Double,
    gradient: Matrix<Float>
  ) -> Double {
    let labelled = alpha < 1 ? base.normalizer(of: group) : 0
    return Self.withMatrices(like: outputs) { hard, teacher in
      // The gradient may be the memory of the outputs, so it is written last.
      var loss = 0.0
      if labelled > 0 {
        loss += base.loss(
          of: range, in: group, outputs: outputs, normalizer: labelled / (1 - alpha),
          gradient: hard)
      }
      if alpha > 0 {
        copyAnswers(of: range, in: group, to: teacher)
        loss += soft(
          student: outputs, teacher: teacher, normalizer: rows(of: group) / alpha,
          gradient: gradient)
      } else {
        gradient.clear()
      }
      if labelled > 0 { Self.add(hard, to: gradient) }
      if group.isTraining, let hidden { loss += hidden.loss(normalizer: rows(of: group)) }
      return loss
    }
  }

  /// Calls `body` with two matrices of undefined numbers.
  private static func withMatrices(
    like outputs: Matrix<Float>, _ body: (Matrix<Float>, Matrix<Float>) -> Double
  ) -> Double {
    let (rows, columns) = (outputs.rows, outputs.columns)
    return withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * rows * columns) { memory in
      guard let start = memory.baseAddress else { return 0 }
      return body(
        Matrix(start, rows: rows, columns: columns),
        Matrix(start + rows * columns, rows: rows, columns: columns))
    }
  }

  private static func add(_ x: Matrix<Float>, to sum: Matrix<Float>) {
    for row in 0..<x.rows {
      let (source, target) = (x.row(row), sum.row(row))
      for column in 0..<x.columns { target[column] += source[column] }
    }
  }

  private func copyAnswers(
    of range: Range<Int>, in group: ExampleGroup, to target: Matrix<Float>
  ) {
    var next = target.pointer
    for place in range {
      for value in answers[group.examples[place]] {
        next.pointee = value
        next += 1
      }
    }
  }

  package func keptBytes(ofGroups size: Int, columns: Int) -> Int {
    base.keptBytes(ofGroups: size, columns: columns)
  }

  package func makeAccumulator() -> Base.Accumulator { base.makeAccumulator() }

  /// The metrics of the teacher's answers.
  func teacherMetrics() -> Base.Accumulator.Metrics { base.metrics(of: answers) }
}
