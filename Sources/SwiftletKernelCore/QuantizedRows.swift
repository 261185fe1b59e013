/// A table of bytes with a scale for each row: x[r, c] ≈ q[r, c] * scale[r]. A view, which does not
/// own the memory.
@usableFromInline
package struct QuantizedRows: BitwiseCopyable, @unchecked Sendable {
  /// q, one row after another.
  @usableFromInline package let values: UnsafePointer<Int8>
  @usableFromInline package let scales: UnsafePointer<Float>
  package let rows: Int
  @usableFromInline package let columns: Int

  package init(
    _ values: UnsafePointer<Int8>, scales: UnsafePointer<Float>, rows: Int, columns: Int
  ) {
    self.values = values
    self.scales = scales
    self.rows = rows
    self.columns = columns
  }

  /// The bytes of a row.
  @inlinable
  package func row(_ index: Int) -> UnsafePointer<Int8> { values + index * columns }
}

extension QuantizedRows {
  /// Quantises one row by the rule of ``Packing/int8``: q[c] = round(x[c] * 127 / max |x|), halves to
  /// even. A row that is zero becomes zeros with the scale 0, one with infinities or NaN zeros with
  /// the scale NaN.
  ///
  /// Compiled once, for any CPU, so that the bytes are the same everywhere.
  ///
  /// - Parameters:
  ///   - row: The floats, at any address.
  ///   - count: The number of floats and of bytes.
  ///   - target: Receives the bytes.
  /// - Returns: The scale, max |x| / 127.
  package static func quantize(
    _ row: UnsafeRawPointer, count: Int, into target: UnsafeMutablePointer<Int8>
  ) -> Float {
    let largest = Packing.largestMagnitude(row, count: count)
    guard largest.isFinite, largest > 127 / .greatestFiniteMagnitude else {
      target.update(repeating: 0, count: count)
      return largest.isFinite ? 0 : .nan
    }
    let factor = 127 / largest
    let whole = count / 4 * 4
    for index in stride(from: 0, to: whole, by: 4) {
      let values = row.loadUnaligned(fromByteOffset: 4 * index, as: SIMD4<Float>.self)
      let bits = unsafeBitCast(values * factor + Self.magic, to: SIMD4<UInt32>.self)
      UnsafeMutableRawPointer(target + index).storeBytes(
        of: SIMD4<UInt8>(truncatingIfNeeded: bits), as: SIMD4<UInt8>.self)
    }
    for index in whole..<count {
      let value = row.loadUnaligned(fromByteOffset: 4 * index, as: Float.self)
      target[index] = Int8(truncatingIfNeeded: (value * factor + Self.magic).bitPattern)
    }
    return largest / 127
  }

  /// Replaces a row of floats by what its quantised form stands for; `bytes` has room for `count`.
  package static func round(
    _ row: UnsafeMutablePointer<Float>, count: Int, through bytes: UnsafeMutablePointer<Int8>
  ) {
    let scale = quantize(UnsafeRawPointer(row), count: count, into: bytes)
    for index in 0..<count { row[index] = Float(bytes[index]) * scale }
  }

  /// Adding 1.5 * 2^23 leaves the nearest integer in the low byte.
  private static var magic: Float { 12_582_912 }
}

/// The lookup of embeddings in a quantised table.
@usableFromInline
package enum EmbeddingSum<Vector: KernelVector> {
  /// out[c] = q[c] * scale + kind[c] + position[c], with the roundings of a table of floats that holds
  /// q[c] * scale: the same bits on every instruction set.
  ///
  /// `kind` is the row of the token type, nil in models without types, `position` that of the position.
  @inlinable @inline(__always)
  package static func row(
    _ words: QuantizedRows, _ id: Int, kind: UnsafePointer<Float>?,
    position: UnsafePointer<Float>, into out: UnsafeMutablePointer<Float>
  ) {
    let word = words.row(id)
    let scale = words.scales[id]
    let lanes = Vector.laneCount
    let whole = words.columns / lanes * lanes
    let factor = Vector(repeating: scale)
    if let kind {
      for index in stride(from: 0, to: whole, by: lanes) {
        let sum = Vector(loadingBytes: word + index) * factor + Vector(loading: kind + index)
        (sum + Vector(loading: position + index)).store(to: out + index)
      }
      for index in whole..<words.columns {
        out[index] = Float(word[index]) * scale + kind[index] + position[index]
      }
    } else {
      for index in stride(from: 0, to: whole, by: lanes) {
        (Vector(loadingBytes: word + index) * factor + Vector(loading: position + index))
          .store(to: out + index)
      }
      for index in whole..<words.columns {
        out[index] = Float(word[index]) * scale + position[index]
      }
    }
  }
}
