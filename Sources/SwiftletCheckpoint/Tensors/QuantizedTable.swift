package import SwiftletSafetensors

/// A table of ``QuantizedFormat``: x[r, c] = q[r, c] · scale[r].
package struct QuantizedTable: Sendable {
  /// q, I8 [rows, columns]
  package let values: StoredTensor
  /// F32 [rows], finite and not negative
  package let scales: StoredTensor
  package let rows: Int
  package let columns: Int

  /// Checks the types of tensors that have the shapes of a table, and all scales.
  ///
  /// - Throws: `wrongType`, `invalidScale`.
  init(
    values: StoredTensor, scales: StoredTensor, directory: String
  ) throws(CheckpointError) {
    for (tensor, type) in [(values, DataType.i8), (scales, DataType.f32)]
    where tensor.info.dataType != type {
      throw .wrongType(
        path: directory, tensor: tensor.info.name, expected: type.rawValue,
        found: tensor.info.dataType.rawValue)
    }
    (self.values, self.scales) = (values, scales)
    (rows, columns) = (values.info.shape[0], values.info.shape[1])
    for row in 0..<rows {
      let scale = self.scale(row)
      guard scale >= 0, scale.isFinite else {
        throw .invalidScale(
          path: directory, tensor: scales.info.name, row: row, found: "\(scale)")
      }
    }
  }

  /// The scale of a row.
  package func scale(_ row: Int) -> Float {
    var scale: Float = 0
    scales.readFloats(row..<row + 1, into: &scale)
    return scale
  }

  /// Writes what some of the rows stand for as float32, one row after another.
  package func readFloats(_ rows: Range<Int>, into target: UnsafeMutablePointer<Float>) {
    let bytes = values.bytes
    for (index, row) in rows.enumerated() {
      let scale = scale(row)
      for column in 0..<columns {
        let byte = bytes.load(fromByteOffset: row * columns + column, as: Int8.self)
        target[index * columns + column] = Float(byte) * scale
      }
    }
  }

  /// Releases the memory of rows that will not be read again.
  package func release(_ rows: Range<Int>) {
    values.release(rows.lowerBound * columns..<rows.upperBound * columns)
  }
}

extension CheckpointReader {
  /// Whether a parameter is stored as a ``QuantizedTable``: the word embeddings from version 2 on, and a
  /// decoder without a tensor of its own that is tied to them.
  package func isTable(_ parameter: Parameter) -> Bool {
    let words = Architecture.wordEmbeddings + ".weight"
    return quantization == .two
      && (parameter.name == words || parameter.tiedTo == words && isTied(parameter))
  }

  /// The table that holds the word embeddings; `shape` is that of the parameter.
  ///
  /// - Throws: `missingTensors`, `wrongShape`, `wrongType`, `invalidScale`.
  package func wordTable(shape: [Int]) throws(CheckpointError) -> QuantizedTable {
    let table = QuantizedFormat.Table.words
    return try QuantizedTable(
      values: try stored(table.values, shape: shape),
      scales: try stored(table.scale, shape: [shape[0]]), directory: directory)
  }
}
