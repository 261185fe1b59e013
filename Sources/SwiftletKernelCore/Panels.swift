/// The right-hand side of a product, a panel at a time.
@usableFromInline
package protocol PanelSupply: BitwiseCopyable {
  /// The length of the sums.
  var steps: Int { get }
  /// The columns of the product.
  var columns: Int { get }
  /// The steps of the panel that begins at `column`, for `tiles` tiles one after another; `next` is
  /// read afterwards.
  func panel(
    _ column: Int, _ steps: Range<Int>, next: (column: Int, step: Int), tiles: Int
  ) -> PanelSource
}

/// A panel as the tiles read it, and what they prefetch.
///
/// Memory latency is long, so the tiles of one panel prefetch the next panel while they compute,
/// each an equal part, rounded up, step by step. A single tile prefetches its own panel.
@usableFromInline
package struct PanelSource: BitwiseCopyable {
  @usableFromInline let pointer: UnsafeRawPointer
  @usableFromInline let steps: Int
  @usableFromInline let stepBytes: Int
  @usableFromInline let prefetch: Prefetch

  /// The next address to prefetch, and the distance to the one after it.
  @usableFromInline
  struct Prefetch: BitwiseCopyable {
    @usableFromInline var pointer: UnsafeRawPointer
    @usableFromInline let stepBytes: Int
    /// Whether to prefetch into L1: if few tiles finish a panel soon, or the panel leaves room in
    /// L1.
    @usableFromInline let intoL1: Bool

    @inlinable @inline(__always)
    init(pointer: UnsafeRawPointer, stepBytes: Int, intoL1: Bool) {
      self.pointer = pointer
      self.stepBytes = stepBytes
      self.intoL1 = intoL1
    }
  }

  @inlinable @inline(__always)
  init(pointer: UnsafeRawPointer, steps: Int, stepBytes: Int, prefetch: Prefetch) {
    self.pointer = pointer
    self.steps = steps
    self.stepBytes = stepBytes
    self.prefetch = prefetch
  }
}

extension PackedMatrix: PanelSupply {
  @inlinable @inline(__always)
  package func panel(
    _ column: Int, _ steps: Range<Int>, next: (column: Int, step: Int), tiles: Int
  ) -> PanelSource {
    let pointer = address(column, steps.lowerBound)
    // A single tile reads a panel as fast as memory delivers it, so it prefetches a fixed distance
    // ahead.
    let prefetch =
      tiles > 1
      ? PanelSource.Prefetch(
        pointer: start(next) ?? pointer, stepBytes: (stepBytes + tiles - 1) / tiles,
        intoL1: tiles < 4 || steps.count * stepBytes <= 32 << 10)
      : PanelSource.Prefetch(
        pointer: pointer + prefetchDistance, stepBytes: stepBytes, intoL1: true)
    return PanelSource(
      pointer: pointer, steps: steps.count, stepBytes: stepBytes, prefetch: prefetch)
  }

  /// In bytes: 8 to 16 KB measured the same, 4 KB a fifth slower.
  @inlinable @inline(__always)
  var prefetchDistance: Int { 12288 }

  /// The address of a step of the panel that begins at a column.
  @inlinable @inline(__always)
  func address(_ column: Int, _ step: Int) -> UnsafeRawPointer { block(column) + step * stepBytes }

  /// The address to prefetch for `next`; nil after the last panel. A thread that has some panels is
  /// likely to get the following ones.
  @inlinable @inline(__always)
  func start(_ next: (column: Int, step: Int)) -> UnsafeRawPointer? {
    next.column < columns ? address(next.column, next.step) : nil
  }
}

/// Weights stored as float16, widened exactly, a panel at a time: for products of many tiles, which
/// would otherwise widen each number repeatedly.
@usableFromInline
package struct WidenedMatrix<Dot: DotProduct>: PanelSupply
where Dot.Weights == Dot.Vector {
  @usableFromInline let packed: PackedMatrix
  /// The steps of a panel as float32, which stay in the L2 cache.
  @usableFromInline let scratch: UnsafeMutablePointer<Float>

  @inlinable @inline(__always)
  package init(_ packed: PackedMatrix, scratch: UnsafeMutablePointer<Float>) {
    self.packed = packed
    self.scratch = scratch
  }

  @inlinable @inline(__always)
  package var steps: Int { packed.steps }

  @inlinable @inline(__always)
  package var columns: Int { packed.columns }

  @inlinable @inline(__always)
  package func panel(
    _ column: Int, _ steps: Range<Int>, next: (column: Int, step: Int), tiles: Int
  ) -> PanelSource {
    let lanes = Dot.Vector.laneCount
    let pointer = packed.address(column, steps.lowerBound)
    var source = pointer
    var target = scratch
    // Widening prefetches its part of the next panel, as the tiles do.
    var prefetch = packed.start(next) ?? pointer
    let prefetchBytes = (packed.stepBytes + tiles) / (tiles + 1)
    for _ in 0..<steps.count {
      Dot.load(source).store(to: target)
      Dot.load(source + Dot.bytesPerStep).store(to: target + lanes)
      Dot.Vector.prefetchL2(prefetch)
      source += packed.stepBytes
      target += 2 * lanes
      prefetch += prefetchBytes
    }
    return PanelSource(
      pointer: scratch, steps: steps.count, stepBytes: 2 * lanes * MemoryLayout<Float>.stride,
      prefetch: PanelSource.Prefetch(pointer: prefetch, stepBytes: prefetchBytes, intoL1: false))
  }
}
