import SwiftletSystem

/// The right-hand side of a product, a panel at a time.
@usableFromInline
package protocol PanelSupply: BitwiseCopyable {
  /// The length of the sums.
  var steps: Int { get }
  /// The columns of the product.
  var columns: Int { get }
  /// Some steps of the panel that begins with a column, for a number of tiles one after another;
  /// `next` comes after it.
  func panel(
    _ column: Int, _ steps: Range<Int>, next: (column: Int, step: Int), tiles: Int
  ) -> PanelSource
}

/// A panel as the tiles read it, and what comes after it.
///
/// A core waits long for memory, so while the tiles of one panel compute, they fetch the next: each
/// of them an equal part, or a little more where that leaves something out, step by step. A tile that
/// is alone fetches what it will need itself.
@usableFromInline
package struct PanelSource: BitwiseCopyable {
  @usableFromInline let pointer: UnsafeRawPointer
  @usableFromInline let steps: Int
  @usableFromInline let stepBytes: Int
  @usableFromInline let ahead: Ahead

  /// Where the next line to fetch lies, and how far it is to the one after it.
  @usableFromInline
  struct Ahead: BitwiseCopyable {
    @usableFromInline var pointer: UnsafeRawPointer
    @usableFromInline let stepBytes: Int
    /// Whether it goes into the first-level cache: where few tiles are soon through with a panel, or
    /// the panel leaves room for it there.
    @usableFromInline let isSoon: Bool

    @inlinable @inline(__always)
    init(pointer: UnsafeRawPointer, stepBytes: Int, isSoon: Bool) {
      self.pointer = pointer
      self.stepBytes = stepBytes
      self.isSoon = isSoon
    }
  }

  @inlinable @inline(__always)
  init(pointer: UnsafeRawPointer, steps: Int, stepBytes: Int, ahead: Ahead) {
    self.pointer = pointer
    self.steps = steps
    self.stepBytes = stepBytes
    self.ahead = ahead
  }
}

extension PackedMatrix: PanelSupply {
  @inlinable @inline(__always)
  package func panel(
    _ column: Int, _ steps: Range<Int>, next: (column: Int, step: Int), tiles: Int
  ) -> PanelSource {
    let pointer = line(column, steps.lowerBound)
    // One tile alone is through with a panel as fast as memory sends it: it looks ahead just far enough
    // for memory to answer.
    let ahead =
      tiles > 1
      ? PanelSource.Ahead(
        pointer: following(next) ?? pointer, stepBytes: (stepBytes + tiles - 1) / tiles,
        isSoon: tiles < 4 || steps.count * stepBytes <= 32 << 10)
      : PanelSource.Ahead(pointer: pointer + bytesAhead, stepBytes: stepBytes, isSoon: true)
    return PanelSource(
      pointer: pointer, steps: steps.count, stepBytes: stepBytes, ahead: ahead)
  }

  /// 8 to 16 KB measured alike, 4 KB slower by a fifth.
  @inlinable @inline(__always)
  var bytesAhead: Int { 12288 }

  /// A step of the panel that begins with a column.
  @inlinable @inline(__always)
  func line(_ column: Int, _ step: Int) -> UnsafeRawPointer { block(column) + step * stepBytes }

  /// Whoever has some panels is likely to get the ones that follow.
  @inlinable @inline(__always)
  func following(_ next: (column: Int, step: Int)) -> UnsafeRawPointer? {
    next.column < columns ? line(next.column, next.step) : nil
  }
}

/// Weights that are stored as float16 and widened, exactly, a panel at a time: for products of many
/// tiles, which would otherwise widen each number over and over.
@usableFromInline
package struct WidenedMatrix<Halves: Arithmetic>: PanelSupply
where Halves.Weights == Halves.Vector {
  @usableFromInline let halves: PackedMatrix
  /// Room for the steps of a panel as float32, which stay in the second-level cache.
  @usableFromInline let scratch: UnsafeMutablePointer<Float>

  @inlinable @inline(__always)
  package init(_ halves: PackedMatrix, scratch: UnsafeMutablePointer<Float>) {
    self.halves = halves
    self.scratch = scratch
  }

  @inlinable @inline(__always)
  package var steps: Int { halves.steps }

  @inlinable @inline(__always)
  package var columns: Int { halves.columns }

  @inlinable @inline(__always)
  package func panel(
    _ column: Int, _ steps: Range<Int>, next: (column: Int, step: Int), tiles: Int
  ) -> PanelSource {
    let lanes = Halves.Vector.laneCount
    let pointer = halves.line(column, steps.lowerBound)
    var source = pointer
    var target = scratch
    // Widening fetches its part of the next panel, as the tiles do.
    var ahead = halves.following(next) ?? pointer
    let aheadBytes = (halves.stepBytes + tiles) / (tiles + 1)
    for _ in 0..<steps.count {
      Halves.load(source).store(to: target)
      Halves.load(source + Halves.bytesPerStep).store(to: target + lanes)
      Halves.Vector.prefetchLater(ahead)
      source += halves.stepBytes
      target += 2 * lanes
      ahead += aheadBytes
    }
    return PanelSource(
      pointer: scratch, steps: steps.count, stepBytes: 2 * lanes * MemoryLayout<Float>.stride,
      ahead: PanelSource.Ahead(pointer: ahead, stepBytes: aheadBytes, isSoon: false))
  }
}
