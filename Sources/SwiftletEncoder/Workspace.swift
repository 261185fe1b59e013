package import SwiftletKernels
import SwiftletKernelCore
import SwiftletMemory

/// Everything that a forward pass writes, made once per worker and passed `inout`: a pass allocates
/// nothing.
///
/// For at most T tokens of a model of width D and inner width H it holds
/// T · (2 D + max(3 D, H) + 1) + A floats, A being the scratch of one attention head, and with int8
/// T · max(D, H) bytes more, rounded up to whole cache lines.
package struct Workspace: ~Copyable {
  package let maximumTokens: Int
  /// The rows between two layers, [T, D].
  let hidden: AlignedBuffer<Float>
  /// What the attention heads found, [T, D].
  let context: AlignedBuffer<Float>
  /// Queries, keys and values [T, 3 D]; later the inside of the feed-forward part [T, H].
  let wide: AlignedBuffer<Float>
  /// For the kernels of one attention head.
  let scratch: AlignedBuffer<Float>
  /// Rows on their way into an int8 product, and their scales.
  private let bytes: AlignedBuffer<UInt8>
  private let scales: AlignedBuffer<Float>

  var activations: ActivationScratch {
    ActivationScratch(bytes: bytes.pointer, scales: scales.pointer)
  }

  package init(maximumTokens: Int, configuration: ModelConfiguration, kernels: Kernels) {
    self.maximumTokens = maximumTokens
    let (dimension, inner) = (configuration.dimension, configuration.hiddenDimension)
    hidden = AlignedBuffer(count: maximumTokens * dimension)
    context = AlignedBuffer(count: maximumTokens * dimension)
    wide = AlignedBuffer(count: maximumTokens * max(3 * dimension, inner))
    let rowBytes = ActivationScratch.stride(columns: max(dimension, inner))
    bytes = AlignedBuffer(count: kernels.precision == .int8 ? maximumTokens * rowBytes : 0)
    scales = AlignedBuffer(count: maximumTokens)
    scratch = AlignedBuffer(
      count: kernels.table.attentionScratch(
        min(maximumTokens, configuration.maximumPositions), configuration.headSize))
  }
}
