import SwiftletKernelCore

/// `word_embeddings` [vocab_size, D], of which a pass reads one row for each token.
enum WordEmbeddings: Sendable {
  case float32(Matrix<Float>)
  /// For precision int8.
  case int8(QuantizedRows)

  /// out[D] = word[id, :] + kind + position, in this order.
  func add(
    _ id: Int, _ kind: UnsafePointer<Float>?, _ position: UnsafePointer<Float>,
    into out: UnsafeMutablePointer<Float>, _ table: KernelTable
  ) {
    switch self {
    case .float32(let rows):
      let word = rows.row(id)
      guard let kind else {
        for column in 0..<rows.columns { out[column] = word[column] + position[column] }
        return
      }
      for column in 0..<rows.columns {
        out[column] = word[column] + kind[column] + position[column]
      }
    case .int8(let rows): table.rows.embed(rows, id, kind, position, out)
    }
  }

  /// Fetches a row ahead: the table is larger than any cache, and the rows are scattered.
  func prefetch(_ id: Int, _ table: KernelTable) {
    switch self {
    case .float32(let rows):
      table.rows.prefetch(rows.row(id), rows.columns * MemoryLayout<Float>.stride)
    case .int8(let rows): table.rows.prefetch(rows.row(id), rows.columns)
    }
  }
}
