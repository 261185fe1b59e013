/// Packs a float matrix that a pass has computed, for a product of the same pass.
@usableFromInline
package enum PanelPacking<Vector: KernelVector> {
  @inlinable @inline(__always)
  static var panelWidth: Int { 2 * Vector.laneCount }

  /// Packs rows as the columns of the product: row j of `source` [N, K] becomes column j of its panel
  /// [K][width]. The last panel is padded with zeros.
  @inlinable @inline(__always)
  package static func columns(
    _ source: Matrix<Float>, into target: UnsafeMutablePointer<Float>
  ) {
    let panel = panelWidth
    let depth = source.columns
    for first in stride(from: 0, to: source.rows, by: panel) {
      let out = target + first * depth
      let width = min(panel, source.rows - first)
      let whole = depth % 4 == 0 ? width / 4 * 4 : 0
      if width < panel {
        for offset in stride(from: 0, to: panel * depth, by: Vector.laneCount) {
          Vector.zero.store(to: out + offset)
        }
      }
      for row in stride(from: 0, to: whole, by: 4) {
        for k in stride(from: 0, to: depth, by: 4) {
          transposeFour(
            source.row(first + row) + k, stride: source.stride, into: out + k * panel + row,
            stride: panel)
        }
      }
      for lane in whole..<width {
        let row = source.row(first + lane)
        for k in 0..<depth { out[k * panel + lane] = row[k] }
      }
    }
  }

  /// Packs rows as the depth of the product: row k of `source` [K, N] becomes step k of every panel. The
  /// last panel is padded with zeros.
  @inlinable @inline(__always)
  package static func rows(_ source: Matrix<Float>, into target: UnsafeMutablePointer<Float>) {
    let lanes = Vector.laneCount
    let panel = panelWidth
    var out = target
    for column in stride(from: 0, to: source.columns, by: panel) {
      let width = min(panel, source.columns - column)
      for row in 0..<source.rows {
        let line = source.row(row) + column
        if width == panel {
          Vector(loading: line).store(to: out)
          Vector(loading: line + lanes).store(to: out + lanes)
        } else {
          for lane in 0..<panel { out[lane] = lane < width ? line[lane] : 0 }
        }
        out += panel
      }
    }
  }

  /// Four rows of four floats become columns.
  @inlinable @inline(__always)
  static func transposeFour(
    _ source: UnsafePointer<Float>, stride: Int, into target: UnsafeMutablePointer<Float>,
    stride targetStride: Int
  ) {
    let row = { UnsafeRawPointer(source + $0 * stride).loadUnaligned(as: SIMD4<Float>.self) }
    FourColumns(row(0), row(1), row(2), row(3)).store(to: target, stride: targetStride)
  }
}
