import SwiftletCheckpoint
import SwiftletSafetensors
import SwiftletSystem

/// The word embeddings as Swiftlet quantises them: x[r, c] ≈ q[r, c] · scale[r], by the rule of
/// ``Int8Weight`` for each row.
struct Int8Table {
  /// [rows]
  let scales: [Float]
  let columns: Int
  private let source: Source

  private enum Source {
    /// [rows, columns]
    case floats(StoredTensor)
    case bytes(QuantizedTable)
  }

  /// Quantises a float table [rows, columns].
  init(quantizing tensor: StoredTensor) throws(ONNXExportError) {
    columns = tensor.info.shape[1]
    source = .floats(tensor)
    let row = try Int8Weight.rowBuffer(columns)
    scales = (0..<tensor.info.shape[0]).map { index in
      tensor.readFloats(index * row.count..<(index + 1) * row.count, into: row.pointer)
      return Int8Weight.scale(Int8Weight.largestMagnitude(row))
    }
  }

  init(_ table: QuantizedTable) {
    columns = table.columns
    source = .bytes(table)
    scales = (0..<table.rows).map(table.scale)
  }

  /// q: [rows, columns].
  var payload: Payload {
    Payload(byteCount: scales.count * columns) { (sink) throws(ONNXExportError) in
      try forEachRow { (row, _) throws(ONNXExportError) in
        try sink.write(UnsafeRawBufferPointer(row))
      }
    }
  }

  /// q · scale: float32 [rows, columns].
  var floats: Payload {
    Payload(byteCount: 4 * scales.count * columns) { (sink) throws(ONNXExportError) in
      let floats = try Int8Weight.rowBuffer(columns)
      try forEachRow { (row, scale) throws(ONNXExportError) in
        for column in 0..<columns { floats[column] = Float(row[column]) * scale }
        try sink.write(UnsafeRawBufferPointer(start: floats.pointer, count: 4 * columns))
      }
    }
  }

  /// Calls `body` with the bytes and the scale of each row.
  private func forEachRow(
    _ body: (UnsafeBufferPointer<Int8>, Float) throws(ONNXExportError) -> Void
  ) throws(ONNXExportError) {
    let bytes = try reserving { () throws(MemoryError) in
      try AlignedBuffer<Int8>(uninitialized: columns, purpose: "quantising weights")
    }
    let row = UnsafeMutableBufferPointer(start: bytes.pointer, count: columns)
    let floats = try Int8Weight.rowBuffer(columns)
    for (index, scale) in scales.enumerated() {
      let elements = index * columns..<(index + 1) * columns
      switch source {
      case .bytes(let table):
        UnsafeMutableRawBufferPointer(row).copyMemory(
          from: UnsafeRawBufferPointer(rebasing: table.values.bytes[elements]))
      case .floats(let tensor):
        tensor.readFloats(elements, into: floats.pointer)
        let factor = scale > 0 ? 127 / Int8Weight.largestMagnitude(floats) : 0
        for column in 0..<columns {
          row[column] =
            factor > 0 ? Int8((floats[column] * factor).rounded(.toNearestOrEven)) : 0
        }
      }
      try body(UnsafeBufferPointer(row), scale)
    }
    if case .floats(let tensor) = source { tensor.releasePages(0..<tensor.info.elementCount) }
  }
}
