import Glibc
import SwiftletKernelCore

/// Attention with dropout, and its gradients, by their formulas in double precision.
struct ExactAttention {
  var query: ExactMatrix
  var key: ExactMatrix
  var value: ExactMatrix
  let scale: Double
  /// The factors of dropout: a row for each query and a column for each key.
  let factors: ExactMatrix

  struct Gradients {
    var query: ExactMatrix
    var key: ExactMatrix
    var value: ExactMatrix
  }

  /// P = softmax(scale query keyᵀ)
  var probabilities: ExactMatrix {
    var result = query.product(transposing: key)
    for row in 0..<result.rows {
      let scores = (0..<result.columns).map { scale * result[row, $0] }
      let largest = scores.max() ?? 0
      let numerators = scores.map { exp($0 - largest) }
      let sum = numerators.reduce(0, +)
      for column in numerators.indices { result[row, column] = numerators[column] / sum }
    }
    return result
  }

  /// (P∘D) value
  func output(_ probabilities: ExactMatrix) -> ExactMatrix {
    dropped(probabilities).product(transposing: value.transposed)
  }

  /// P∘D
  func dropped(_ probabilities: ExactMatrix) -> ExactMatrix {
    ExactMatrix(rows: factors.rows, columns: factors.columns) {
      probabilities[$0, $1] * factors[$0, $1]
    }
  }

  /// The gradients for that of the output, with bounds for the errors of the kernels, row by row.
  func gradients(
    _ probabilities: ExactMatrix, _ output: ExactMatrix, of gradient: ExactMatrix
  ) -> (values: Gradients, bounds: Gradients) {
    let dropped = dropped(probabilities)
    let products = gradient.product(transposing: value)
    var scores = probabilities
    var bounds = probabilities
    let relative = relativeError
    let (gradientNorms, valueNorms) = (gradient.rowNorms, value.rowNorms)
    let outputNorms = output.rowNorms
    for row in 0..<scores.rows {
      let mean = (0..<gradient.columns).reduce(0) { $0 + gradient[row, $1] * output[row, $1] }
      let meanError =
        Double(gradient.columns + 4) * Tolerance.u * gradientNorms[row] * outputNorms[row]
      for column in 0..<scores.columns {
        let term = products[row, column] * factors[row, column]
        let termError =
          Double(gradient.columns + 4) * Tolerance.u * gradientNorms[row] * valueNorms[column]
          * factors[row, column]
        let slope = scale * probabilities[row, column]
        scores[row, column] = slope * (term - mean)
        bounds[row, column] =
          slope
          * ((relative + 5 * Tolerance.u) * abs(term - mean) + termError + meanError)
      }
    }
    let values = Gradients(
      query: scores.product(transposing: key.transposed),
      key: scores.transposed.product(transposing: query.transposed),
      value: dropped.transposed.product(transposing: gradient.transposed))
    return (
      values,
      Gradients(
        query: Self.bound(scores, bounds, times: key),
        key: Self.bound(scores.transposed, bounds.transposed, times: query),
        value: Self.bound(
          dropped.transposed,
          ExactMatrix(rows: key.rows, columns: query.rows) { relative * dropped[$1, $0] },
          times: gradient))
    )
  }

  /// The relative error of a probability.
  var relativeError: Double {
    Tolerance.probability(
      length: key.rows, size: key.columns,
      products: scale * query.largestRowNorm * key.largestRowNorm)
  }

  /// The error of each row of a product whose left matrix has errors: one column.
  private static func bound(
    _ left: ExactMatrix, _ errors: ExactMatrix, times right: ExactMatrix
  ) -> ExactMatrix {
    ExactMatrix(rows: left.rows, columns: 1) { row, _ in
      let sum = (0..<left.columns).reduce(0) {
        $0 + errors[row, $1] + Double(left.columns + 3) * Tolerance.u * abs(left[row, $1])
      }
      return sum * right.largest
    }
  }
}
