/// The inner loop of a tile, interleaved with prefetches of the next panel and with the deferred
/// epilogue of the previous tile (``DeferredEpilogue``). Without both it is
///
///     for step in steps { sums.accumulate(a[step], b[step]) }
extension GEMM {
  /// Adds the products of a panel's steps to the sums of a tile.
  @inlinable @inline(__always)
  static func run<Block: TileBlock, E: Epilogue>(
    _ sums: inout Block, _ a: UnsafePointer<Dot.Element>, stride: Int, _ panel: PanelSource,
    _ prefetch: inout PanelSource.Prefetch, _ deferred: inout DeferredEpilogue<E>
  ) where Block.Dot == Dot, E.Vector == Vector {
    if prefetch.intoL1 {
      run(&sums, a, stride: stride, panel, &prefetch, &deferred, prefetching: prefetchStep)
    } else {
      run(&sums, a, stride: stride, panel, &prefetch, &deferred, prefetching: Vector.prefetchL2)
    }
  }

  @inlinable @inline(__always)
  static func run<Block: TileBlock, E: Epilogue>(
    _ sums: inout Block, _ a: UnsafePointer<Dot.Element>, stride: Int, _ panel: PanelSource,
    _ prefetch: inout PanelSource.Prefetch, _ deferred: inout DeferredEpilogue<E>,
    prefetching: (UnsafeRawPointer) -> Void
  ) where Block.Dot == Dot, E.Vector == Vector {
    var a = a
    var b = panel.pointer
    var next = prefetch.pointer
    if Dot.takesStepsInPairs {
      var pairs = panel.steps / 2
      while pairs > 0 {
        let count = deferred.isEmpty ? pairs : min(pairs, deferred.pairsBetween)
        for _ in 0..<count {
          let second = b + panel.stepBytes
          sums.accumulate(
            Vector.laundered(a), stride: stride, TileWeights(b), TileWeights(second))
          prefetching(next)
          prefetching(next + prefetch.stepBytes)
          a += 2 * Dot.elementsPerStep
          b = second + panel.stepBytes
          next += 2 * prefetch.stepBytes
        }
        pairs -= count
        deferred.completeNext()
      }
    }
    for _ in 0..<(Dot.takesStepsInPairs ? panel.steps % 2 : panel.steps) {
      sums.accumulate(Vector.laundered(a), stride: stride, TileWeights(b))
      prefetching(next)
      a += Dot.elementsPerStep
      b += panel.stepBytes
      next += prefetch.stepBytes
    }
    prefetch.pointer = next
  }

  /// Prefetches all lines of a step. Only a single tile needs the second line, but a branch around
  /// it costs other tiles more than the line does.
  @inlinable @inline(__always)
  static func prefetchStep(_ pointer: UnsafeRawPointer) {
    Vector.prefetch(pointer)
    if 2 * Dot.bytesPerStep > 64 { Vector.prefetch(pointer + 64) }
  }
}
