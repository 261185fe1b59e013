/// The kernels of the backward pass and of the optimiser. Matrices are row-major, a row for each token.
package struct TrainingKernels: Sendable {
  /// Floats of scratch that `addOuterProduct` needs for inputs of `depth` columns.
  package typealias ScratchCount = @Sendable (_ depth: Int) -> Int
  /// target[k, n] += Σₜ x[t, k] g[t, n] for some panels of the target: the gradient of weights. See
  /// `OuterProduct`.
  package typealias AddOuterProduct =
    @Sendable (
      _ x: Matrix<Float>, _ g: Matrix<Float>, _ panels: Range<Int>, _ target: GradientPanels,
      _ scratch: UnsafeMutablePointer<Float>
    ) -> Void
  /// out[c] += Σₜ g[t, c] for some columns: the gradient of a bias. See `ColumnSums`.
  package typealias AddColumnSums =
    @Sendable (
      _ g: Matrix<Float>, _ columns: Range<Int>, _ out: UnsafeMutablePointer<Float>
    ) -> Void
  /// The forward pass of `RowKernels.layerNorm`, with the same bits, which stores the moments of each
  /// row.
  package typealias Normalize =
    @Sendable (
      _ input: Matrix<Float>, _ weight: UnsafePointer<Float>, _ bias: UnsafePointer<Float>,
      _ epsilon: Float, _ output: Matrix<Float>, _ moments: NormMoments
    ) -> Void
  /// The gradient of the input of a layer normalisation; `dx` may be `g`. See `LayerNorm`.
  package typealias NormalizeBackward =
    @Sendable (
      _ g: Matrix<Float>, _ x: Matrix<Float>, _ moments: NormMoments,
      _ weight: UnsafePointer<Float>, _ dx: Matrix<Float>
    ) -> Void
  /// Adds the gradients of weight and bias of a layer normalisation for some columns. See `LayerNorm`.
  package typealias AddNormGradients =
    @Sendable (
      _ g: Matrix<Float>, _ x: Matrix<Float>, _ moments: NormMoments, _ columns: Range<Int>,
      _ weight: UnsafeMutablePointer<Float>, _ bias: UnsafeMutablePointer<Float>
    ) -> Void
  /// out[t, c] = x[t, c] factor(t, c), forward and backward; `out` may be `x`. See `DropoutKernel`.
  package typealias ApplyDropout =
    @Sendable (
      _ x: Matrix<Float>, _ rowKeys: UnsafePointer<UInt32>, _ dropout: Dropout,
      _ out: Matrix<Float>
    ) -> Void
  /// out[t, c] = residual[t, c] + x[t, c] factor(t, c); `out` may be `x` or `residual`.
  package typealias AddDropout =
    @Sendable (
      _ x: Matrix<Float>, _ rowKeys: UnsafePointer<UInt32>, _ dropout: Dropout,
      _ residual: Matrix<Float>, _ out: Matrix<Float>
    ) -> Void
  /// One step of the optimiser for `count` parameters. See `AdamW`.
  package typealias UpdateAdamW =
    @Sendable (
      _ values: UnsafeMutablePointer<Float>, _ gradients: UnsafePointer<Float>,
      _ firstMoments: UnsafeMutablePointer<Float>, _ secondMoments: UnsafeMutablePointer<Float>,
      _ count: Int, _ step: AdamWStep
    ) -> Void
  /// Σ x² in a fixed order.
  package typealias SumOfSquares =
    @Sendable (_ x: UnsafePointer<Float>, _ count: Int) -> Double
  /// Some panels of the transposed weights, from the panels of the forward product. See
  /// `PanelTransposition`.
  package typealias TransposePanels =
    @Sendable (
      _ source: PackedMatrix, _ panels: Range<Int>, _ target: UnsafeMutablePointer<Float>
    ) -> Void
  /// out[t, c] = activation(x[t, c]), with the bits of `RowKernels.activate`.
  package typealias Activate =
    @Sendable (_ x: Matrix<Float>, _ activation: Activation, _ out: Matrix<Float>) -> Void
  /// g[t, c] *= activation'(x[t, c]), where x is the input of the forward pass. See
  /// `ActivationKernel`.
  package typealias ActivateBackward =
    @Sendable (_ g: Matrix<Float>, _ x: Matrix<Float>, _ activation: Activation) -> Void
  /// out[t, c] += x[t, c]
  package typealias Add = @Sendable (_ x: Matrix<Float>, _ out: Matrix<Float>) -> Void
  /// Logits become probabilities in place, and `logSums[t]` is ln Σ e^logit of row t. See `Softmax`.
  package typealias ApplySoftmax =
    @Sendable (_ logits: Matrix<Float>, _ logSums: UnsafeMutablePointer<Float>) -> Void

  package let outerProductScratchCount: ScratchCount
  package let addOuterProduct: AddOuterProduct
  package let addColumnSums: AddColumnSums
  package let layerNorm: Normalize
  package let layerNormBackward: NormalizeBackward
  package let addNormGradients: AddNormGradients
  package let dropout: ApplyDropout
  package let addDropout: AddDropout
  package let adamW: UpdateAdamW
  package let sumOfSquares: SumOfSquares
  package let transposePanels: TransposePanels
  package let activate: Activate
  package let activateBackward: ActivateBackward
  package let add: Add
  package let softmax: ApplySoftmax

  package init(
    outerProductScratchCount: @escaping ScratchCount, addOuterProduct: @escaping AddOuterProduct,
    addColumnSums: @escaping AddColumnSums, layerNorm: @escaping Normalize,
    layerNormBackward: @escaping NormalizeBackward, addNormGradients: @escaping AddNormGradients,
    dropout: @escaping ApplyDropout, addDropout: @escaping AddDropout,
    adamW: @escaping UpdateAdamW, sumOfSquares: @escaping SumOfSquares,
    transposePanels: @escaping TransposePanels, activate: @escaping Activate,
    activateBackward: @escaping ActivateBackward, add: @escaping Add,
    softmax: @escaping ApplySoftmax
  ) {
    self.outerProductScratchCount = outerProductScratchCount
    self.addOuterProduct = addOuterProduct
    self.addColumnSums = addColumnSums
    self.layerNorm = layerNorm
    self.layerNormBackward = layerNormBackward
    self.addNormGradients = addNormGradients
    self.dropout = dropout
    self.addDropout = addDropout
    self.adamW = adamW
    self.sumOfSquares = sumOfSquares
    self.transposePanels = transposePanels
    self.activate = activate
    self.activateBackward = activateBackward
    self.add = add
    self.softmax = softmax
  }
}
