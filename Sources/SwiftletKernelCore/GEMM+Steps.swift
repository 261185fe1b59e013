import SwiftletSystem

/// The steps of a tile, with what runs between them where the processor has room for it: fetching the next
/// panel, and completing the results of the tile before (``LateResults``). Without both it is
///
///     for step in steps { sums.accumulate(a[step], b[step]) }
extension GEMM {
  /// Adds the products of a panel's steps to the sums of a tile.
  @inlinable @inline(__always)
  static func run<Block: TileBlock, Ending: Epilogue>(
    _ sums: inout Block, _ a: UnsafePointer<Math.Element>, stride: Int, _ panel: PanelSource,
    _ ahead: inout PanelSource.Ahead, _ late: inout LateResults<Ending>
  ) where Block.Math == Math, Ending.Vector == Vector {
    if ahead.isSoon {
      run(&sums, a, stride: stride, panel, &ahead, &late, fetching: fetchStep)
    } else {
      run(&sums, a, stride: stride, panel, &ahead, &late, fetching: Vector.prefetchLater)
    }
  }

  @inlinable @inline(__always)
  static func run<Block: TileBlock, Ending: Epilogue>(
    _ sums: inout Block, _ a: UnsafePointer<Math.Element>, stride: Int, _ panel: PanelSource,
    _ ahead: inout PanelSource.Ahead, _ late: inout LateResults<Ending>,
    fetching: (UnsafeRawPointer) -> Void
  ) where Block.Math == Math, Ending.Vector == Vector {
    var a = a
    var b = panel.pointer
    var next = ahead.pointer
    if Math.takesStepsInPairs {
      var pairs = panel.steps / 2
      while pairs > 0 {
        let count = late.isEmpty ? pairs : min(pairs, late.pairsBetween)
        for _ in 0..<count {
          let second = b + panel.stepBytes
          sums.accumulate(
            Vector.anonymous(a), stride: stride, TileWeights(b), TileWeights(second))
          fetching(next)
          fetching(next + ahead.stepBytes)
          a += 2 * Math.elementsPerStep
          b = second + panel.stepBytes
          next += 2 * ahead.stepBytes
        }
        pairs -= count
        late.completeNext()
      }
    }
    for _ in 0..<(Math.takesStepsInPairs ? panel.steps % 2 : panel.steps) {
      sums.accumulate(Vector.anonymous(a), stride: stride, TileWeights(b))
      fetching(next)
      a += Math.elementsPerStep
      b += panel.stepBytes
      next += ahead.stepBytes
    }
    ahead.pointer = next
  }

  /// Asks for as many lines as a step of a panel has, for the tile that is alone. (To ask only that one
  /// takes a branch, which cost the others more than a line too many.)
  @inlinable @inline(__always)
  static func fetchStep(_ pointer: UnsafeRawPointer) {
    Vector.prefetch(pointer)
    if 2 * Math.bytesPerStep > 64 { Vector.prefetch(pointer + 64) }
  }
}
