/// What a linear layer does with its sums before they are stored.
@usableFromInline
package enum LinearEpilogue {
  /// + bias
  case bias
  /// gelu(+ bias)
  case biasGELU
  /// + bias + residual; the residual has the shape of the output and may be the output
  case biasResidual(Matrix<Float>)

  /// The epilogue of some of the rows.
  package func rows(_ range: Range<Int>) -> LinearEpilogue {
    guard case .biasResidual(let residual) = self else { return self }
    return .biasResidual(residual.rows(range))
  }
}
