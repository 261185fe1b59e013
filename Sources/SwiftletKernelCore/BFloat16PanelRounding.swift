/// Rounds packed weights w [N, K] of float32 to the panels of bfloat16 that the products of training read,
/// after a step of the optimiser has changed the weights.
@usableFromInline
package enum BFloat16PanelRounding<Vector: BFloat16Vector> {
  @inlinable @inline(__always)
  static var width: Int { PanelPacking<Vector>.panelWidth }

  /// Rounds panels.
  ///
  /// - Parameters:
  ///   - range: The panels of `source` to round.
  ///   - source: The weights, with K steps and N columns.
  ///   - forward: For y = x wᵀ: panels [K / 2][width][2], as many as `source` has.
  ///   - backward: For dx = dy w: panels [N / 2][width][2] for all K columns. A panel of `source` fills
  ///     its own steps of every panel. The last panel is padded with zeros.
  @inlinable @inline(__always)
  package static func panels(
    _ range: Range<Int>, of source: PackedMatrix, forward: UnsafeMutablePointer<UInt16>,
    backward: UnsafeMutablePointer<UInt16>
  ) {
    let steps = (source.steps + 1) / 2
    let backwardSteps = (source.columns + 1) / 2
    for panel in range {
      let firstN = panel * width
      let columns = min(width, source.columns - firstN)
      let floats = source.block(firstN).assumingMemoryBound(to: Float.self)
      pairRows(floats, rows: source.steps, into: forward + 2 * panel * steps * width)
      for firstK in stride(from: 0, to: source.steps, by: width) {
        let out = backward + 2 * width * (firstK / width * backwardSteps + firstN / 2)
        transpose(
          floats + firstK * width, rows: min(width, source.steps - firstK), columns: columns,
          into: out)
      }
    }
  }

  /// Steps 2 k and 2 k + 1 of a panel of floats become step k of its pairs; a missing one is zeros.
  @inlinable @inline(__always)
  static func pairRows(
    _ panel: UnsafePointer<Float>, rows: Int, into target: UnsafeMutablePointer<UInt16>
  ) {
    var out = target
    for row in stride(from: 0, to: rows, by: 2) {
      let line = panel + row * width
      for lane in stride(from: 0, to: width, by: Vector.laneCount) {
        let second = row + 1 < rows ? Vector(loading: line + width + lane) : .zero
        Vector.storeBFloat16Pairs(Vector(loading: line + lane), second, to: out + 2 * lane)
      }
      out += 2 * width
    }
  }

  /// Rounds a block of k rows and n columns, and transposes its pairs of neighbouring columns. An odd
  /// last column is paired with zeros, the padding of `source`.
  @inlinable @inline(__always)
  static func transpose(
    _ block: UnsafePointer<Float>, rows: Int, columns: Int,
    into target: UnsafeMutablePointer<UInt16>
  ) {
    let pairs = width / 2
    withUnsafeTemporaryAllocation(of: Float.self, capacity: width * pairs) { buffer in
      // A pair is moved as one float.
      let rounded = buffer.baseAddress.unsafelyUnwrapped
      for row in 0..<width {
        let words = UnsafeMutableRawPointer(rounded + row * pairs).assumingMemoryBound(
          to: UInt16.self)
        for lane in stride(from: 0, to: width, by: Vector.laneCount) {
          let lanes = row < rows ? Vector(loading: block + row * width + lane) : .zero
          lanes.storeBFloat16(to: words + lane)
        }
      }
      let out = UnsafeMutableRawPointer(target).assumingMemoryBound(to: Float.self)
      guard columns == width else {
        for step in 0..<(columns + 1) / 2 {
          for row in 0..<width { out[step * width + row] = rounded[row * pairs + step] }
        }
        return
      }
      for row in stride(from: 0, to: width, by: 4) {
        for pair in stride(from: 0, to: pairs, by: 4) {
          PanelPacking<Vector>.transposeFour(
            rounded + row * pairs + pair, stride: pairs, into: out + pair * width + row,
            stride: width)
        }
      }
    }
  }
}
