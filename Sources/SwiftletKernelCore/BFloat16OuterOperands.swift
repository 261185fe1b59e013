/// Operands of an outer product in bfloat16: a step is a pair of tokens.
///
/// The product of a pair adds its second element first, so the earlier token is the second one: every sum
/// runs over the tokens in their order and is rounded to float32 after each. An odd last token is paired with
/// a product of -0, which changes no sum. A sum that a later call continues therefore has the bits of a
/// single call, wherever the tokens are divided.
@usableFromInline
package struct BFloat16OuterOperands<Vector: BFloat16Vector>: OuterProductOperands {
  @usableFromInline package typealias Element = UInt16
  @usableFromInline let x: Matrix<UInt16>
  @usableFromInline let g: Matrix<Float>

  /// `x` [T / 2][K][2] is what ``roundPairs(_:_:into:)`` writes; `g` [T, N] is rounded when it is packed.
  @inlinable @inline(__always)
  package init(_ x: Matrix<UInt16>, _ g: Matrix<Float>) {
    self.x = x
    self.g = g
  }

  @inlinable @inline(__always)
  package var steps: Int { x.rows }

  @inlinable @inline(__always)
  package var columns: Int { x.columns / 2 }

  @inlinable @inline(__always)
  package func source(
    _ range: Range<Int>, scratch: UnsafeMutablePointer<Float>
  ) -> OuterProductSource<UInt16> {
    OuterProductSource(x.rows(range))
  }

  /// `lanes` is a range of the panel's columns.
  @inlinable @inline(__always)
  package func pack(
    _ range: Range<Int>, firstColumn: Int, _ lanes: Range<Int>,
    into panel: UnsafeMutablePointer<Float>
  ) {
    let width = 2 * Vector.laneCount
    var target = UnsafeMutableRawPointer(panel).assumingMemoryBound(to: UInt16.self)
    for step in range {
      let line = g.row(2 * step) + firstColumn
      for lane in stride(from: 0, to: width, by: Vector.laneCount) {
        let later =
          2 * step + 1 < g.rows
          ? Self.load(line + g.stride, lanes, from: lane) : Vector(repeating: -0.0)
        Vector.storeBFloat16Pairs(
          later, Self.load(line, lanes, from: lane), to: target + 2 * lane)
      }
      target += 2 * width
    }
  }

  /// The vector of the columns from `first` on, of which only those in `lanes` are loaded; the
  /// other lanes are zeros.
  @inlinable @inline(__always)
  static func load(
    _ line: UnsafePointer<Float>, _ lanes: Range<Int>, from first: Int
  ) -> Vector {
    if lanes.lowerBound <= first, lanes.upperBound >= first + Vector.laneCount {
      return Vector(loading: line + first)
    }
    return withUnsafeTemporaryAllocation(of: Float.self, capacity: Vector.laneCount) { buffer in
      let base = buffer.baseAddress.unsafelyUnwrapped
      for lane in 0..<Vector.laneCount {
        base[lane] = lanes.contains(first + lane) ? line[first + lane] : 0
      }
      return Vector(loading: base)
    }
  }

  /// Rounds some pairs of rows of `input` [T, K] to rows of pairs [T / 2][K][2], the later token first. A
  /// missing later row becomes zeros. The rows of `output` extend to whole vectors, whose surplus elements
  /// become zeros.
  @inlinable @inline(__always)
  package static func roundPairs(
    _ input: Matrix<Float>, _ pairs: Range<Int>, into output: Matrix<UInt16>
  ) {
    for pair in pairs {
      let line = input.row(2 * pair)
      let hasLater = 2 * pair + 1 < input.rows
      let target = output.row(pair)
      Vector.forEach(input.columns) { column, rest in
        let later =
          hasLater ? Vector(loadingUpTo: rest, from: line + input.stride + column) : .zero
        Vector.storeBFloat16Pairs(
          later, Vector(loadingUpTo: rest, from: line + column), to: target + 2 * column)
      }
    }
  }
}
