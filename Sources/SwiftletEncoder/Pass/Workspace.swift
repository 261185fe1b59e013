package import SwiftletCheckpoint
import SwiftletKernelCore
package import SwiftletRuntime
package import SwiftletSystem

/// The buffers of a forward pass, allocated once and used by one pass at a time.
///
/// For at most T tokens (rounded up to a multiple of 4) and M threads, width D and inner width H it holds
/// T · (2 D + max(3 D, H) + 16 + 2) floats, the sum over the regions of ``Buffer``; M times the scratch
/// of one attention head or a panel of weights, whichever is more; and T rows of max(D, H) activations as
/// products read them: a byte each with int8 (on AVX2 two) and two bytes with bfloat16, in whole cache
/// lines. Only touched pages take memory.
package struct Workspace: ~Copyable {
  package let maxTokens: Int
  private let rows: AlignedBuffer<Float>
  private let results: AlignedBuffer<Float>
  private let wide: AlignedBuffer<Float>
  private let scratch: AlignedBuffer<Float>
  /// The rows that products of int8 or bfloat16 read, and the scales of int8.
  private let bytes: AlignedBuffer<UInt8>
  private let scales: AlignedBuffer<RowScale>
  private let widths: Buffer.Widths
  private let scratchCount: Int

  package init(
    maxTokens: Int, workers: Int, configuration: ModelConfiguration, kernels: Kernels
  ) throws(MemoryError) {
    let rowCount = kernels.rows(for: maxTokens)
    let widths = Buffer.Widths(configuration)
    func buffer<Element>(_ count: Int) throws(MemoryError) -> AlignedBuffer<Element> {
      try AlignedBuffer(uninitialized: count, purpose: "a pass of \(maxTokens) tokens")
    }
    let rowBytes = ActivationScratch.bytesPerRow(
      columns: max(configuration.hiddenSize, configuration.intermediateSize), kernels)
    let attention = kernels.attentionScratchCount(
      length: min(maxTokens, configuration.maxPositions), headSize: configuration.headSize)
    let panel = widths.columns(.wide) * kernels.table.products.panelWidth
    let scratchCount = (max(attention, panel) + 15) / 16 * 16
    // Allocates all buffers before it stores one: an initialiser that throws may not leave a noncopyable
    // value half initialised.
    let rows: AlignedBuffer<Float> = try buffer(rowCount * widths.stride(.rows))
    let results: AlignedBuffer<Float> = try buffer(rowCount * widths.stride(.results))
    let wide: AlignedBuffer<Float> = try buffer(rowCount * widths.stride(.wide))
    let bytes: AlignedBuffer<UInt8> = try buffer(rowCount * rowBytes)
    let scales: AlignedBuffer<RowScale> = try buffer(rowCount)
    let scratch: AlignedBuffer<Float> = try buffer(workers * scratchCount)
    self.maxTokens = maxTokens
    self.widths = widths
    self.scratchCount = scratchCount
    self.rows = rows
    self.results = results
    self.wide = wide
    self.bytes = bytes
    self.scales = scales
    self.scratch = scratch
  }

  /// Views of the memory, valid as long as the workspace is.
  var buffers: Buffers {
    Buffers(
      maxTokens: maxTokens, rows: rows.pointer, results: results.pointer,
      wide: wide.pointer, scratch: scratch.pointer, scratchCount: scratchCount,
      bytes: bytes.pointer, scales: scales.pointer, widths: widths)
  }
}

extension Workspace {
  /// The values that a pass stores for each row. Values that inference never needs at the same time share
  /// a region of memory.
  enum Buffer: CaseIterable {
    /// The rows between two blocks, [T, D].
    case hidden
    /// Queries, keys and values side by side, [T, 3 D].
    case queryKeyValue
    /// The attention heads' results side by side, [T, D].
    case attention
    /// The activations inside the feed-forward part, [T, H].
    case inner
    /// The sum of the feed-forward part and its residual, [T, D].
    case feedForwardSum
    /// A pooler's results for first rows, [S, D].
    case pooled
    /// Up to three poolings side by side, [S, 3 D].
    case poolings
    /// The rows of masked tokens, [M, D].
    case masked
    /// The results of the masked-language head's `transform`, [M, D].
    case transformed

    enum Region: CaseIterable { case rows, results, wide }

    var region: Region {
      switch self {
      case .hidden, .transformed: .rows
      case .attention, .feedForwardSum, .pooled, .masked: .results
      case .queryKeyValue, .inner, .poolings: .wide
      }
    }

    /// The columns of all buffers of a model.
    struct Widths {
      private let hidden: Int
      private let inner: Int

      init(_ configuration: ModelConfiguration) {
        hidden = configuration.hiddenSize
        inner = configuration.intermediateSize
      }

      func columns(_ buffer: Buffer) -> Int {
        switch buffer {
        case .hidden, .attention, .feedForwardSum, .pooled, .masked, .transformed: hidden
        case .queryKeyValue, .poolings: 3 * hidden
        case .inner: inner
        }
      }

      /// The columns of a region's widest buffer.
      func columns(_ region: Region) -> Int {
        Buffer.allCases.filter { $0.region == region }.map { columns($0) }.max() ?? 0
      }

      func stride(_ region: Region) -> Int { Self.stride(columns(region), in: region) }

      /// Floats from one row to the next. In the wide region a cache line lies between two rows: rows that
      /// are a multiple of 4 KiB apart would fall into the same few sets of the first-level cache.
      static func stride(_ columns: Int, in region: Region) -> Int {
        region == .wide ? columns + 16 : columns
      }
    }
  }

  /// Views of a workspace's memory.
  struct Buffers {
    let maxTokens: Int
    fileprivate let rows: UnsafeMutablePointer<Float>
    fileprivate let results: UnsafeMutablePointer<Float>
    fileprivate let wide: UnsafeMutablePointer<Float>
    fileprivate let scratch: UnsafeMutablePointer<Float>
    fileprivate let scratchCount: Int
    fileprivate let bytes: UnsafeMutablePointer<UInt8>
    fileprivate let scales: UnsafeMutablePointer<RowScale>
    fileprivate let widths: Buffer.Widths

    /// The first `rows` rows of a buffer, with all columns or the first `columns`. Writing them overwrites
    /// the region's other buffers.
    func matrix(_ buffer: Buffer, rows count: Int, columns: Int? = nil) -> Matrix<Float> {
      let columns = columns ?? widths.columns(buffer)
      let region = buffer.region
      let pointer =
        switch region {
        case .rows: rows
        case .results: results
        case .wide: wide
        }
      return Matrix(
        pointer, rows: count, columns: columns,
        stride: Buffer.Widths.stride(columns, in: region))
    }

    /// The scratch memory of products on one thread.
    func activations(workerIndex: Int) -> ActivationScratch {
      ActivationScratch(bytes: bytes, scales: scales, panel: scratch(workerIndex: workerIndex))
    }

    /// Room for one attention head or a panel of weights on one thread.
    func scratch(workerIndex: Int) -> UnsafeMutablePointer<Float> {
      scratch + workerIndex * scratchCount
    }
  }
}
