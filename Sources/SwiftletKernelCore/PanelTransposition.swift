/// Packs weights w [N, K] for the backward product dx = dy w from the panels of the forward product
/// y = x wᵀ, after a step of the optimiser has changed those.
///
/// A panel [K][width] of `source` meets a panel [N][width] of the target in a block of width x width,
/// which is contiguous in both: it is transposed in the cache.
@usableFromInline
package enum PanelTransposition<Vector: KernelVector> {
  /// Writes some panels of the target. `source` has K steps and N columns of floats; the target has N
  /// steps and K columns, of which the last panel is padded with zeros.
  @inlinable @inline(__always)
  package static func panels(
    _ range: Range<Int>, of source: PackedMatrix, into target: UnsafeMutablePointer<Float>
  ) {
    let width = PanelPacking<Vector>.panelWidth
    for panel in range {
      let firstK = panel * width
      let height = min(width, source.steps - firstK)
      let out = target + panel * source.columns * width
      for firstN in stride(from: 0, to: source.columns, by: width) {
        let block = source.block(firstN).assumingMemoryBound(to: Float.self) + firstK * width
        let count = min(width, source.columns - firstN)
        if height == width, count == width {
          transpose(block, into: out + firstN * width)
        } else {
          transpose(block, rows: height, columns: count, into: out + firstN * width)
        }
      }
    }
  }

  /// A whole block.
  @inlinable @inline(__always)
  static func transpose(_ block: UnsafePointer<Float>, into out: UnsafeMutablePointer<Float>) {
    let width = PanelPacking<Vector>.panelWidth
    for row in stride(from: 0, to: width, by: 4) {
      for column in stride(from: 0, to: width, by: 4) {
        PanelPacking<Vector>.transposeFour(
          block + row * width + column, stride: width, into: out + column * width + row,
          stride: width)
      }
    }
  }

  /// A block at an edge. The target's rows are padded with zeros.
  @inlinable @inline(__always)
  static func transpose(
    _ block: UnsafePointer<Float>, rows: Int, columns: Int, into out: UnsafeMutablePointer<Float>
  ) {
    let width = PanelPacking<Vector>.panelWidth
    for column in 0..<columns {
      for row in 0..<width {
        out[column * width + row] = row < rows ? block[row * width + column] : 0
      }
    }
  }
}
