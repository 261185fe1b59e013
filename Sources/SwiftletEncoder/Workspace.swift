package import SwiftletKernels
import SwiftletKernelCore
package import SwiftletMemory

/// Everything that a forward pass writes, made once and used by one pass at a time: a pass allocates
/// nothing.
///
/// For at most T tokens (a multiple of 4, or rounded up to one) of a model of width D and inner width
/// H, and M members of a team, it holds
/// T · (2 D + max(3 D, H) + 16 + 2) + M · A floats, A being the scratch of one attention head or a
/// panel of weights, whichever is more, and with int8 T · max(D, H) bytes more (on AVX2 twice that),
/// rounded up to whole cache lines. Memory that no pass has reached so far takes none of the machine's.
package struct Workspace: ~Copyable {
  package let maximumTokens: Int
  private let dimension: Int
  private let innerDimension: Int
  /// The rows between two layers, [T, D].
  private let hidden: AlignedBuffer<Float>
  /// What the attention heads found, [T, D].
  private let context: AlignedBuffer<Float>
  /// Queries, keys and values [T, 3 D]; later the inside of the feed-forward part [T, H].
  private let wide: AlignedBuffer<Float>
  /// For the kernels of one attention head, or a panel of weights, a part for each member.
  private let scratch: AlignedBuffer<Float>
  private let scratchCount: Int
  /// Rows on their way into an int8 product, and their scales.
  private let bytes: AlignedBuffer<UInt8>
  private let scales: AlignedBuffer<RowScale>

  package init(
    maximumTokens: Int, members: Int, configuration: ModelConfiguration, kernels: Kernels
  ) throws(MemoryError) {
    func buffer<Element>(_ count: Int) throws(MemoryError) -> AlignedBuffer<Element> {
      try AlignedBuffer(uninitialized: count, purpose: "a pass of \(maximumTokens) tokens")
    }
    let rows = kernels.rows(for: maximumTokens)
    let (dimension, innerDimension) = (configuration.dimension, configuration.hiddenDimension)
    let rowBytes = ActivationScratch.stride(
      columns: max(dimension, innerDimension) * kernels.table.bytesPerActivation)
    let attention = kernels.table.attentionScratch(
      min(maximumTokens, configuration.maximumPositions), configuration.headSize)
    // The widest layer of all reads three poolings side by side.
    let panel = max(3 * dimension, innerDimension) * kernels.table.panelWidth
    let scratchCount = (max(attention, panel) + 15) / 16 * 16
    // All buffers before the first is stored: a noncopyable value can't be half there.
    let hidden: AlignedBuffer<Float> = try buffer(rows * dimension)
    let context: AlignedBuffer<Float> = try buffer(rows * dimension)
    let wide: AlignedBuffer<Float> = try buffer(
      rows * Self.stride(max(3 * dimension, innerDimension)))
    let bytes: AlignedBuffer<UInt8> = try buffer(kernels.precision == .int8 ? rows * rowBytes : 0)
    let scales: AlignedBuffer<RowScale> = try buffer(rows)
    let scratch: AlignedBuffer<Float> = try buffer(members * scratchCount)
    self.maximumTokens = maximumTokens
    self.dimension = dimension
    self.innerDimension = innerDimension
    self.scratchCount = scratchCount
    self.hidden = hidden
    self.context = context
    self.wide = wide
    self.bytes = bytes
    self.scales = scales
    self.scratch = scratch
  }

  package func activations(place: Int) -> ActivationScratch {
    ActivationScratch(
      bytes: bytes.pointer, scales: scales.pointer, panel: memberScratch(place: place))
  }

  func hiddenRows(_ rows: Int) -> Matrix<Float> {
    Matrix(hidden.pointer, rows: rows, columns: dimension)
  }

  func contextRows(_ rows: Int) -> Matrix<Float> {
    Matrix(context.pointer, rows: rows, columns: dimension)
  }

  func queryKeyValueRows(_ rows: Int) -> Matrix<Float> {
    wideRows(rows, columns: 3 * dimension)
  }

  func innerRows(_ rows: Int) -> Matrix<Float> {
    wideRows(rows, columns: innerDimension)
  }

  /// At most as wide as queries, keys and values together.
  func wideRows(_ rows: Int, columns: Int) -> Matrix<Float> {
    Matrix(wide.pointer, rows: rows, columns: columns, stride: Self.stride(columns))
  }

  /// A line beyond the columns: rows that lie a multiple of 4 KiB apart would fall into the same few
  /// places of the first-level cache.
  private static func stride(_ columns: Int) -> Int { columns + 16 }

  func memberScratch(place: Int) -> UnsafeMutablePointer<Float> {
    scratch.pointer + place * scratchCount
  }
}
