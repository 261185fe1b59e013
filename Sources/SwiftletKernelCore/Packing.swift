/// Lays weights [N, K], as checkpoints store them, into the panels that the products read.
///
/// Compiled once, for any CPU: packing is bound by memory, and int8 weights become the same bytes
/// everywhere.
package enum Packing {
  /// The rows of one panel, each `depth` floats at any address; column c of the product is row c.
  package typealias Rows = UnsafeBufferPointer<UnsafeRawPointer>

  private typealias Float32x4 = SIMD4<Float>
  private typealias Int32x4 = SIMD4<Int32>

  /// Rows are read by whole cache lines: if many rows share a cache set, a line is evicted before
  /// its next quarter is read.
  private static let lineCount = 16

  /// Packs one panel [K][width] of floats; `panel` is zeroed where there are no rows.
  package static func float32(
    _ rows: Rows, depth: Int, into panel: UnsafeMutablePointer<Float>, width: Int
  ) {
    let wholeRows = rows.count / 4 * 4
    let wholeDepth = depth / 4 * 4
    for first in stride(from: 0, to: wholeDepth, by: lineCount) {
      let end = min(first + lineCount, wholeDepth)
      for row in stride(from: 0, to: wholeRows, by: 4) {
        for k in stride(from: first, to: end, by: 4) {
          let columns = FourColumns(
            load(rows[row], k), load(rows[row + 1], k), load(rows[row + 2], k),
            load(rows[row + 3], k))
          columns.store(to: panel + k * width + row, stride: width)
        }
      }
    }
    for row in rows.indices {
      for k in (row < wholeRows ? wholeDepth : 0)..<depth {
        panel[k * width + row] = rows[row].loadUnaligned(fromByteOffset: 4 * k, as: Float.self)
      }
    }
  }

  /// Packs some columns of `weights` [N, K] as one panel [N][width], for a product that sums over N.
  /// `panel` is zeroed where there are no columns.
  package static func transposed(
    _ weights: Matrix<Float>, columns: Range<Int>, into panel: UnsafeMutablePointer<Float>,
    width: Int
  ) {
    for row in 0..<weights.rows {
      (panel + row * width).update(
        from: weights.row(row) + columns.lowerBound, count: columns.count)
    }
  }

  /// Packs one panel [K][width] of float16; `panel` is zeroed where there are no rows.
  package static func float16(
    _ rows: Rows, depth: Int, into panel: UnsafeMutablePointer<UInt16>, width: Int
  ) {
    let load = { (row: Int, k: Int) in
      rows[row].loadUnaligned(fromByteOffset: 2 * k, as: SIMD4<UInt16>.self)
    }
    let wholeRows = rows.count / 4 * 4
    let wholeDepth = depth / 4 * 4
    for first in stride(from: 0, to: wholeDepth, by: 2 * lineCount) {
      let end = min(first + 2 * lineCount, wholeDepth)
      for row in stride(from: 0, to: wholeRows, by: 4) {
        for k in stride(from: first, to: end, by: 4) {
          let (a, b, c, d) = (load(row, k), load(row + 1, k), load(row + 2, k), load(row + 3, k))
          for lane in 0..<4 {
            UnsafeMutableRawPointer(panel + (k + lane) * width + row).storeBytes(
              of: SIMD4(a[lane], b[lane], c[lane], d[lane]), as: SIMD4<UInt16>.self)
          }
        }
      }
    }
    for row in rows.indices {
      for k in (row < wholeRows ? wholeDepth : 0)..<depth {
        panel[k * width + row] = rows[row].loadUnaligned(fromByteOffset: 2 * k, as: UInt16.self)
      }
    }
  }

  /// Packs one panel [K / 2][width][2] of bfloat16. The caller has zeroed `panel`, so that missing rows
  /// and the second element of a last odd column are zeros.
  package static func bfloat16(
    _ rows: Rows, depth: Int, into panel: UnsafeMutablePointer<UInt16>, width: Int
  ) {
    // A pair is moved as one float.
    UnsafeMutableRawPointer(panel).withMemoryRebound(
      to: Float.self, capacity: depth / 2 * width
    ) { float32(rows, depth: depth / 2, into: $0, width: width) }
    guard depth % 2 == 1 else { return }
    let last = panel + (depth - 1) * width
    for row in rows.indices {
      last[2 * row] = rows[row].loadUnaligned(fromByteOffset: 2 * (depth - 1), as: UInt16.self)
    }
  }

  /// Quantises one panel to [K / 4][width][4] bytes: q[k] = round(w[k] / scale) with
  /// scale = max |w| / 127 for each row, halves to even.
  ///
  /// `scales` and `start`, of the panel's width, receive the scales and -128 Σₖ q[k]. A row that is
  /// zero becomes zeros with the scale 0, one with infinities or NaN zeros with the scale NaN.
  /// `panel`, `scales` and `start` are zeroed where there are no rows.
  package static func int8(
    _ rows: Rows, depth: Int, into panel: UnsafeMutableRawPointer, width: Int,
    scales: UnsafeMutablePointer<Float>, start: UnsafeMutablePointer<Int32>
  ) {
    for row in stride(from: 0, to: rows.count, by: 4) {
      var factors = Float32x4(repeating: 0)
      var mask = Int32x4(repeating: 0)
      for lane in 0..<min(4, rows.count - row) {
        let largest = largestMagnitude(rows[row + lane], count: depth)
        guard largest.isFinite else {
          scales[row + lane] = .nan
          continue
        }
        // A row whose largest magnitude is about 0 quantises to zeros; 127 / largest would
        // overflow.
        guard largest > 127 / .greatestFiniteMagnitude else { continue }
        factors[lane] = 127 / largest
        mask[lane] = -1
        scales[row + lane] = largest / 127
      }
      // Lanes without a row repeat the first one, and are masked out.
      let lane = { rows[row + $0 < rows.count ? row + $0 : row] }
      let sums = quantize(
        (lane(0), lane(1), lane(2), lane(3)), depth: depth, factors, mask, into: panel + 4 * row,
        stepBytes: 4 * width)
      for lane in 0..<min(4, rows.count - row) { start[row + lane] = -128 &* sums[lane] }
    }
  }

  /// Quantises four rows; returns the sums of their bytes.
  private static func quantize(
    _ rows: (UnsafeRawPointer, UnsafeRawPointer, UnsafeRawPointer, UnsafeRawPointer), depth: Int,
    _ factors: Float32x4, _ mask: Int32x4, into target: UnsafeMutableRawPointer, stepBytes: Int
  ) -> Int32x4 {
    var sums = Int32x4(repeating: 0)
    let wholeSteps = depth / 4
    for step in 0..<wholeSteps {
      let k = 4 * step
      let block = FourColumns(load(rows.0, k), load(rows.1, k), load(rows.2, k), load(rows.3, k))
      (target + step * stepBytes).storeBytes(
        of: word(block, factors, mask, &sums), as: Int32x4.self)
    }
    let rest = depth - 4 * wholeSteps
    if rest > 0 {
      let k = 4 * wholeSteps
      let block = FourColumns(
        load(rows.0, k, count: rest), load(rows.1, k, count: rest), load(rows.2, k, count: rest),
        load(rows.3, k, count: rest))
      (target + wholeSteps * stepBytes).storeBytes(
        of: word(block, factors, mask, &sums), as: Int32x4.self)
    }
    return sums
  }

  /// Quantises four elements of each of four columns, and adds them to the sums.
  @inline(__always)
  private static func word(
    _ block: FourColumns, _ factors: Float32x4, _ mask: Int32x4, _ sums: inout Int32x4
  ) -> Int32x4 {
    let a = rounded(block.a, factors, mask, &sums)
    let b = rounded(block.b, factors, mask, &sums)
    let c = rounded(block.c, factors, mask, &sums)
    let d = rounded(block.d, factors, mask, &sums)
    let low = Int32x4(repeating: 0xFF)
    return (a & low) | ((b & low) &<< Int32x4(repeating: 8))
      | ((c & low) &<< Int32x4(repeating: 16)) | (d &<< Int32x4(repeating: 24))
  }

  /// Adding 1.5 * 2^23 leaves the nearest integer in the low byte.
  @inline(__always)
  private static func rounded(
    _ values: Float32x4, _ factors: Float32x4, _ mask: Int32x4, _ sums: inout Int32x4
  ) -> Int32x4 {
    let shifted = values * factors + Float32x4(repeating: 12_582_912)
    let byte = unsafeBitCast(shifted, to: Int32x4.self) & mask
    let shift = Int32x4(repeating: 24)
    sums = sums &+ ((byte &<< shift) &>> shift)
    return byte
  }

  /// The largest magnitude of a row; NaN if the row contains NaN, whose bits compare above
  /// infinity.
  static func largestMagnitude(_ row: UnsafeRawPointer, count: Int) -> Float {
    var first = Int32x4(repeating: 0)
    var second = Int32x4(repeating: 0)
    let whole = count / 8 * 8
    for k in stride(from: 0, to: whole, by: 8) {
      first = larger(first, magnitudes(row, k))
      second = larger(second, magnitudes(row, k + 4))
    }
    var largest = larger(first, second).max()
    for k in whole..<count {
      let bits = row.loadUnaligned(fromByteOffset: 4 * k, as: Int32.self)
      largest = max(largest, bits & .max)
    }
    return Float(bitPattern: UInt32(largest))
  }

  @inline(__always)
  private static func magnitudes(_ row: UnsafeRawPointer, _ k: Int) -> Int32x4 {
    row.loadUnaligned(fromByteOffset: 4 * k, as: Int32x4.self) & Int32x4(repeating: .max)
  }

  @inline(__always)
  private static func larger(_ left: Int32x4, _ right: Int32x4) -> Int32x4 {
    left.replacing(with: right, where: left .< right)
  }

  @inline(__always)
  private static func load(_ row: UnsafeRawPointer, _ k: Int) -> Float32x4 {
    row.loadUnaligned(fromByteOffset: 4 * k, as: Float32x4.self)
  }

  /// The first `count` < 4 floats from k on, padded with zeros.
  private static func load(_ row: UnsafeRawPointer, _ k: Int, count: Int) -> Float32x4 {
    var result = Float32x4(repeating: 0)
    for lane in 0..<count {
      result[lane] = row.loadUnaligned(fromByteOffset: 4 * (k + lane), as: Float.self)
    }
    return result
  }
}

/// Four rows of four floats, transposed.
@usableFromInline
struct FourColumns: BitwiseCopyable {
  @usableFromInline let a: SIMD4<Float>
  @usableFromInline let b: SIMD4<Float>
  @usableFromInline let c: SIMD4<Float>
  @usableFromInline let d: SIMD4<Float>

  @inlinable @inline(__always)
  init(_ w: SIMD4<Float>, _ x: SIMD4<Float>, _ y: SIMD4<Float>, _ z: SIMD4<Float>) {
    a = SIMD4(w[0], x[0], y[0], z[0])
    b = SIMD4(w[1], x[1], y[1], z[1])
    c = SIMD4(w[2], x[2], y[2], z[2])
    d = SIMD4(w[3], x[3], y[3], z[3])
  }

  /// Stores the columns as rows, `stride` floats apart.
  @inlinable @inline(__always)
  func store(to target: UnsafeMutablePointer<Float>, stride: Int) {
    let raw = UnsafeMutableRawPointer(target)
    raw.storeBytes(of: a, as: SIMD4<Float>.self)
    raw.storeBytes(of: b, toByteOffset: 4 * stride, as: SIMD4<Float>.self)
    raw.storeBytes(of: c, toByteOffset: 8 * stride, as: SIMD4<Float>.self)
    raw.storeBytes(of: d, toByteOffset: 12 * stride, as: SIMD4<Float>.self)
  }
}
