/// The bytes of a NumPy file (`.npy`, format 1.0) with rows of float32, little endian.
///
/// The header has room for any number of rows; it is written first without one, and again at the end.
final class ArrayFile {
  static let headerLength = 128

  private let columns: Int
  private(set) var rowCount = 0

  init(columns: Int) { self.columns = columns }

  /// The header for the rows so far.
  func header() -> [UInt8] {
    let shape = "'shape': (\(rowCount), \(columns)), "
    let text = "{'descr': '<f4', 'fortran_order': False, " + shape + "}"
    let length = Self.headerLength - 10
    let padding = String(repeating: " ", count: max(0, length - 1 - text.utf8.count))
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length), 0]
      + Array((text + padding + "\n").utf8)
  }

  /// The bytes of a row for a text that has no vector: NaN in every column.
  func missingRow() -> [UInt8] { row([Float](repeating: .nan, count: columns)) }

  /// The bytes of the next row.
  func row(_ values: [Float]) -> [UInt8] {
    rowCount += 1
    var bytes: [UInt8] = []
    bytes.reserveCapacity(values.count * 4)
    for value in values {
      let bits = value.bitPattern
      for shift in stride(from: 0, to: 32, by: 8) {
        bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(shift)))
      }
    }
    return bytes
  }
}
