/// The kernels that multiply bfloat16 and sum in float32. A bfloat16 is the upper half of a float's
/// bits, stored as `UInt16`.
package struct BFloat16Kernels: Sendable {
  /// See `BFloat16Rows`.
  package typealias Round = @Sendable (_ x: Matrix<Float>, _ rounded: Matrix<UInt16>) -> Void
  /// out[M, N] = epilogue(x[M, K] w[K, N] + bias[N]) for a range of the panels of w, whose words are two
  /// bfloat16 of one column. With an odd K, the last element of each row of x and of w is 0.
  package typealias Multiply =
    @Sendable (
      _ x: Matrix<UInt16>, _ weights: PackedMatrix, _ bias: UnsafePointer<Float>,
      _ epilogue: LinearEpilogue, _ panels: Range<Int>, _ out: Matrix<Float>
    ) -> Void

  package let round: Round
  package let multiply: Multiply
  /// See `BFloat16Attention`.
  package let attend: AttentionKernels.Attend
  package let attentionScratchCount: AttentionKernels.ScratchCount
  package let training: BFloat16TrainingKernels

  package init(
    round: @escaping Round, multiply: @escaping Multiply,
    attend: @escaping AttentionKernels.Attend,
    attentionScratchCount: @escaping AttentionKernels.ScratchCount,
    training: BFloat16TrainingKernels
  ) {
    self.round = round
    self.multiply = multiply
    self.attend = attend
    self.attentionScratchCount = attentionScratchCount
    self.training = training
  }

  /// The steps of sums of K products.
  package static func steps(depth: Int) -> Int { (depth + 1) / 2 }
}
