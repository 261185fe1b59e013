/// The kernels of training whose products are in bfloat16: parameters, gradients and sums stay float32.
package struct BFloat16TrainingKernels: Sendable {
  /// Rounds some pairs of rows of x [T, K] to [T / 2][K][2], as `addOuterProduct` reads them; the rows of
  /// `rounded` have 2 K elements and extend to whole vectors. See `BFloat16OuterOperands`.
  package typealias RoundPairs =
    @Sendable (_ x: Matrix<Float>, _ pairs: Range<Int>, _ rounded: Matrix<UInt16>) -> Void
  /// target[k, n] += Σₜ x[t, k] g[t, n] for some panels of the target, where x is pairs of rows and g is
  /// rounded; the scratch is that of `TrainingKernels.addOuterProduct`. See `OuterProduct`.
  package typealias AddOuterProduct =
    @Sendable (
      _ x: Matrix<UInt16>, _ g: Matrix<Float>, _ panels: Range<Int>, _ target: GradientPanels,
      _ scratch: UnsafeMutablePointer<Float>
    ) -> Void
  /// The weights of the forward and the backward product, from some panels of float32. See
  /// `BFloat16PanelRounding`.
  package typealias RoundPanels =
    @Sendable (
      _ source: PackedMatrix, _ panels: Range<Int>, _ forward: UnsafeMutablePointer<UInt16>,
      _ backward: UnsafeMutablePointer<UInt16>
    ) -> Void

  package let roundPairs: RoundPairs
  package let addOuterProduct: AddOuterProduct
  package let roundPanels: RoundPanels

  package init(
    roundPairs: @escaping RoundPairs, addOuterProduct: @escaping AddOuterProduct,
    roundPanels: @escaping RoundPanels
  ) {
    self.roundPairs = roundPairs
    self.addOuterProduct = addOuterProduct
    self.roundPanels = roundPanels
  }
}
