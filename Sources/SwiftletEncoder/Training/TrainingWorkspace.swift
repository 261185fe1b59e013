import SwiftletCheckpoint
import SwiftletKernelCore
import SwiftletRuntime
import SwiftletSystem

/// The buffers of a training step, used by one pass at a time.
///
/// For at most T tokens, width D, inner width H and L layers it holds T · (L · (8 D + 2 H + 148) +
/// 14 D + H + …) floats: for each layer what its backward pass reads, once the gradients that flow between
/// blocks, and the rows of the head. With recomputation a layer keeps only its input, T · (D + 16) floats,
/// and all layers share the rest. Products of bfloat16 also need the rounded rows of one operand, 2 bytes ·
/// T · max(3 D, H). Only touched pages take memory.
final class TrainingWorkspace: @unchecked Sendable {
  let maxTokens: Int
  let recomputes: Bool
  private let storage = WeightStorage()
  let buffers: Buffers

  init(
    maxTokens: Int, workers: Int, configuration: ModelConfiguration, kernels: Kernels,
    recomputes: Bool, precision: Precision
  ) throws(MemoryError) {
    let shape = Shape(configuration, rows: maxTokens)
    let layers = configuration.layerCount
    let scratchCount = Self.scratchCount(maxTokens, configuration, kernels)
    self.maxTokens = maxTokens
    self.recomputes = recomputes
    buffers = Buffers(
      shape: shape, recomputes: recomputes,
      inputs: try storage.allocate((layers + 1) * shape.hidden),
      kept: try storage.allocate((recomputes ? 1 : layers) * shape.kept),
      shared: try storage.allocate(shape.shared),
      gradients: try storage.allocate(Gradient.allCases.reduce(0) { $0 + shape.size($1) }),
      scratch: try storage.allocate(workers * scratchCount), scratchCount: scratchCount,
      keys: try storage.allocate(2 * maxTokens, of: UInt32.self),
      rounded: try storage.allocate(shape.roundedBytes(precision), of: UInt8.self))
  }

  /// The floats that a worker needs beside the rows.
  private static func scratchCount(
    _ maxTokens: Int, _ configuration: ModelConfiguration, _ kernels: Kernels
  ) -> Int {
    let length = min(maxTokens, configuration.maxPositions)
    let attention = kernels.table.attention
    let scratch = [
      attention.scratchCount(length, configuration.headSize),
      attention.backwardScratchCount(length, configuration.headSize),
      // The rows are never a multiple of 4 KiB apart, which is what needs room for a depth.
      kernels.table.training.outerProductScratchCount(0),
    ]
    return ((scratch.max() ?? 0) + 15) / 16 * 16
  }

  /// Bytes of a workspace with these arguments.
  static func bytes(
    maxTokens: Int, workers: Int, configuration: ModelConfiguration, kernels: Kernels,
    recomputes: Bool, precision: Precision
  ) -> Int {
    let shape = Shape(configuration, rows: maxTokens)
    let layers = configuration.layerCount
    let floats =
      (layers + 1) * shape.hidden + (recomputes ? 1 : layers) * shape.kept + shape.shared
      + Gradient.allCases.reduce(0) { $0 + shape.size($1) }
      + workers * scratchCount(maxTokens, configuration, kernels)
    return 4 * floats + 8 * maxTokens + shape.roundedBytes(precision)
  }
}

extension TrainingWorkspace {
  /// Gradients on their way back. Each block overwrites them.
  enum Gradient: Int, CaseIterable {
    /// Of the rows between two layers, [T, D].
    case hidden
    /// Of the rows between attention and feed-forward part, [T, D].
    case middle
    /// Of the heads' results, [T, D].
    case context
    /// Behind a dropout, [T, D].
    case dropped
    /// Of the activations inside the feed-forward part, [T, H].
    case inner
    /// Of queries, keys and values, [T, 3 D].
    case queryKeyValue
  }

  /// The sizes of the buffers, in floats.
  struct Shape {
    let rows: Int
    let width: Int
    let innerWidth: Int

    init(_ configuration: ModelConfiguration, rows: Int) {
      self.rows = rows
      width = configuration.hiddenSize
      innerWidth = configuration.intermediateSize
    }

    /// Rows that are a multiple of 4 KiB apart would fall into the same few sets of the first-level cache.
    static func stride(_ columns: Int) -> Int {
      let stride = (columns + 15) / 16 * 16 + 16
      return stride % 1024 == 0 ? stride + 16 : stride
    }

    func matrix(_ columns: Int) -> Int { rows * Self.stride(columns) }

    var hidden: Int { matrix(width) }
    var inner: Int { matrix(innerWidth) }
    var wide: Int { matrix(3 * width) }
    /// What a layer keeps besides its input.
    var kept: Int { wide + 4 * hidden + 2 * inner + 4 * rows16 }
    /// What is kept once: of the embeddings, of the last layer, and of the head.
    var shared: Int { 8 * hidden + wide + 4 * rows16 }
    var rows16: Int { (rows + 15) / 16 * 16 }

    /// The rounded rows of the widest operand of a product.
    func roundedBytes(_ precision: Precision) -> Int {
      ActivationScratch.trainingBytes(
        rows: rows, columns: max(3 * width, innerWidth), precision)
    }

    func columns(_ gradient: Gradient) -> Int {
      switch gradient {
      case .hidden, .middle, .context, .dropped: width
      case .inner: innerWidth
      case .queryKeyValue: 3 * width
      }
    }

    func size(_ gradient: Gradient) -> Int { matrix(columns(gradient)) }

    /// Where a gradient begins.
    func offset(_ gradient: Gradient) -> Int {
      Gradient.allCases.prefix(gradient.rawValue).reduce(0) { $0 + size($1) }
    }
  }

  /// Views of the memory.
  struct Buffers {
    fileprivate let shape: Shape
    fileprivate let recomputes: Bool
    fileprivate let inputs: UnsafeMutablePointer<Float>
    fileprivate let kept: UnsafeMutablePointer<Float>
    fileprivate let shared: UnsafeMutablePointer<Float>
    fileprivate let gradients: UnsafeMutablePointer<Float>
    fileprivate let scratch: UnsafeMutablePointer<Float>
    fileprivate let scratchCount: Int
    fileprivate let keys: UnsafeMutablePointer<UInt32>
    /// Rows that products of bfloat16 read, written by all threads.
    let rounded: UnsafeMutablePointer<UInt8>

    var maxTokens: Int { shape.rows }

    func scratch(workerIndex: Int) -> UnsafeMutablePointer<Float> {
      scratch + workerIndex * scratchCount
    }

    func gradient(_ buffer: Gradient, rows: Int, columns: Int? = nil) -> Matrix<Float> {
      let width = shape.columns(buffer)
      return Matrix(
        gradients + shape.offset(buffer), rows: rows, columns: columns ?? width,
        stride: Shape.stride(columns ?? width))
    }

    /// The keys of all tokens' dropout masks.
    var tokenKeys: UnsafeMutablePointer<UInt32> { keys }
    /// The keys of the first tokens.
    var firstTokenKeys: UnsafeMutablePointer<UInt32> { keys + shape.rows }

    /// The input of layer `index`, or the encoder's result where `index` is the number of layers.
    func input(_ index: Int, rows: Int) -> Matrix<Float> {
      matrix(inputs + index * shape.hidden, rows, shape.width)
    }

    private func matrix(
      _ pointer: UnsafeMutablePointer<Float>, _ rows: Int, _ columns: Int
    ) -> Matrix<Float> {
      Matrix(pointer, rows: rows, columns: columns, stride: Shape.stride(columns))
    }

    /// The buffers of a layer for T tokens, of which the layer computes `rows` rows.
    func layer(
      _ index: Int, tokens: Int, rows: Int, dropout: LayerDropout, isFirstTokens: Bool
    ) -> LayerActivations {
      var next = kept + (recomputes ? 0 : index) * shape.kept
      func take(_ count: Int) -> UnsafeMutablePointer<Float> {
        defer { next += count }
        return next
      }
      let wide = matrix(take(shape.wide), tokens, 3 * shape.width)
      let context = matrix(take(shape.hidden), rows, shape.width)
      let attentionSum = matrix(take(shape.hidden), rows, shape.width)
      let middle = matrix(take(shape.hidden), rows, shape.width)
      let sum = matrix(take(shape.hidden), rows, shape.width)
      let preActivation = matrix(take(shape.inner), rows, shape.innerWidth)
      let inner = matrix(take(shape.inner), rows, shape.innerWidth)
      let attentionNorm = NormMoments(
        means: take(shape.rows16), inverseDeviations: take(shape.rows16))
      let outputNorm = NormMoments(
        means: take(shape.rows16), inverseDeviations: take(shape.rows16))
      return LayerActivations(
        x: input(index, rows: tokens), queryKeyValue: wide, firstRows: shared(.firstRows, rows),
        context: context, attentionSum: attentionSum, attentionNorm: attentionNorm,
        middle: middle, preActivation: preActivation, inner: inner, sum: sum,
        outputNorm: outputNorm, output: input(index + 1, rows: rows), dropout: dropout,
        rowKeys: RowKeys(pointer: isFirstTokens ? firstTokenKeys : tokenKeys))
    }

    /// What is kept once. The head's rows are numbered in the order in which it computes them.
    enum Shared: Int {
      case embeddingSum, firstRows, headInput, headDense, headActivated, headNormalized,
        headGradient, headRows
    }

    func shared(_ buffer: Shared, _ rows: Int) -> Matrix<Float> {
      matrix(shared + buffer.rawValue * shape.hidden, rows, shape.width)
    }

    /// Up to three poolings side by side, [S, 3 D].
    func poolings(rows: Int, columns: Int) -> Matrix<Float> {
      matrix(shared + 8 * shape.hidden, rows, columns)
    }

    var embeddingNorm: NormMoments { statistics(0) }
    var headNorm: NormMoments { statistics(1) }

    private func statistics(_ index: Int) -> NormMoments {
      let first = shared + 8 * shape.hidden + shape.wide + 2 * index * shape.rows16
      return NormMoments(means: first, inverseDeviations: first + shape.rows16)
    }
  }
}

/// What the forward pass of a layer leaves for its backward pass: T tokens, of which R rows are computed;
/// R is the number of sequences where only first tokens are read.
struct LayerActivations {
  /// [T, D]
  let x: Matrix<Float>
  /// [T, 3 D]
  let queryKeyValue: Matrix<Float>
  /// The rows of `x` that are first tokens [S, D], where only they are read.
  let firstRows: Matrix<Float>
  /// The heads' results [R, D]
  let context: Matrix<Float>
  /// x + attention(x) [R, D]
  let attentionSum: Matrix<Float>
  let attentionNorm: NormMoments
  /// attentionNorm(attentionSum) [R, D]
  let middle: Matrix<Float>
  /// lin1(middle) [R, H]
  let preActivation: Matrix<Float>
  /// activation(preActivation) [R, H]
  let inner: Matrix<Float>
  /// middle + feedForward(middle) [R, D]
  let sum: Matrix<Float>
  let outputNorm: NormMoments
  /// outputNorm(sum) [R, D]
  let output: Matrix<Float>
  let dropout: LayerDropout
  /// The keys of the R rows.
  let rowKeys: RowKeys
}
