/// Attention of one head of one sequence.
package struct AttentionKernels: Sendable {
  /// output[i, :] = Σⱼ softmaxⱼ(scale · query[i, :] · key[j, :]) value[j, :]
  package typealias Attend =
    @Sendable (
      _ query: Matrix<Float>, _ key: Matrix<Float>, _ value: Matrix<Float>,
      _ output: Matrix<Float>, _ scale: Float, _ scratch: UnsafeMutablePointer<Float>
    ) -> Void
  /// Floats of scratch that both kinds of attention need for a length and a head size.
  package typealias ScratchCount = @Sendable (_ length: Int, _ headSize: Int) -> Int

  package let scratchCount: ScratchCount
  /// See `Attention`.
  package let float32: Attend
  /// See `Int8Attention`; nil where the instruction set has no faster products for it.
  package let int8: Attend?

  package init(scratchCount: @escaping ScratchCount, float32: @escaping Attend, int8: Attend?) {
    self.scratchCount = scratchCount
    self.float32 = float32
    self.int8 = int8
  }
}
