import Swiftlet

/// Embeddings as a NumPy file (`.npy`, format 1.0): a row of little-endian float32 for each text.
///
/// The header has room for any number of rows; it is written first for none, and again at the end.
struct ArrayRenderer: AnswerRenderer {
  private static let headerLength = 128

  private let columns: Int
  private var rowCount = 0

  init(columns: Int) { self.columns = columns }

  /// - Throws: `CommandFailure` if the start of `sink` cannot be written again.
  init(columns: Int, for sink: OutputSink) throws(CommandFailure) {
    guard sink.isSeekable else {
      throw CommandFailure(
        "cannot write an array to \(sink.name): its first bytes say how many rows it has, and are "
          + "written last; name a file", .cannotCreate)
    }
    self.init(columns: columns)
  }

  func begin(with rows: [AnsweredText<Embedding>]) -> [UInt8] { header() }

  /// An empty text has NaN in every column.
  mutating func bytes(of row: AnsweredText<Embedding>) -> [UInt8] {
    rowCount += 1
    var bytes: [UInt8] = []
    bytes.reserveCapacity(columns * 4)
    for value in row.answer?.vector ?? Array(repeating: .nan, count: columns) {
      let bits = value.bitPattern
      for shift in stride(from: 0, to: 32, by: 8) {
        bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(shift)))
      }
    }
    return bytes
  }

  func finish() -> [UInt8]? { header() }

  /// The header for the rows so far.
  private func header() -> [UInt8] {
    let shape = "'shape': (\(rowCount), \(columns)), "
    let text = "{'descr': '<f4', 'fortran_order': False, " + shape + "}"
    let length = Self.headerLength - 10
    let padding = String(repeating: " ", count: max(0, length - 1 - text.utf8.count))
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length), 0]
      + Array((text + padding + "\n").utf8)
  }
}
