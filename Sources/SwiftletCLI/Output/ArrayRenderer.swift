import Swiftlet

/// Embeddings as a NumPy file (`.npy`, format 1.0): a row of little-endian float32 for each text.
///
/// The header has room for any number of rows; it is written first for none, and again at the end. A
/// pipe gets all bytes at the end, from a temporary file.
struct ArrayRenderer: AnswerRenderer {
  private static let headerLength = 128

  private let columns: Int
  private var rowCount = 0

  init(columns: Int) { self.columns = columns }

  /// Prepares `sink` for the header.
  ///
  /// - Throws: `CommandFailure` for a terminal, and if a pipe's rows cannot be held.
  init(columns: Int, for sink: OutputSink, on terminal: Terminal) throws(CommandFailure) {
    guard !terminal.isTerminal else {
      throw CommandFailure(
        "an array is binary and not shown on a terminal; write it to a file with --output, or to"
          + " another program", .usage)
    }
    try sink.prepareToOverwriteStart()
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

  mutating func skip(_ rows: Int) { rowCount += rows }

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
