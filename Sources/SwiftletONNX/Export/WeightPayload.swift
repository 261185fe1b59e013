import SwiftletSafetensors
import SwiftletSystem

extension Payload {
  /// The elements of a tensor as float32, in the checkpoint's order.
  static func float32(_ tensor: StoredTensor) -> Payload {
    Payload(byteCount: 4 * tensor.info.elementCount) { (sink) throws(ONNXExportError) in
      let buffer = try floatBuffer(pieceCount)
      for first in stride(from: 0, to: tensor.info.elementCount, by: pieceCount) {
        let elements = first..<min(first + pieceCount, tensor.info.elementCount)
        tensor.readFloats(elements, into: buffer.pointer)
        tensor.releasePages(elements)
        try sink.write(UnsafeRawBufferPointer(start: buffer.pointer, count: 4 * elements.count))
      }
    }
  }

  /// The elements of a matrix [N, K] as float32, transposed: [K, N].
  static func transposed(_ tensor: StoredTensor) -> Payload {
    let (rows, columns) = (tensor.info.shape[0], tensor.info.shape[1])
    return Payload(byteCount: 4 * tensor.info.elementCount) { (sink) throws(ONNXExportError) in
      // A piece has whole rows of the result, which are columns of the checkpoint.
      let width = max(1, min(columns, pieceCount / max(1, rows)))
      let piece = try floatBuffer(width * rows)
      let line = try floatBuffer(width)
      for first in stride(from: 0, to: columns, by: width) {
        let count = min(width, columns - first)
        for row in 0..<rows {
          let start = row * columns + first
          tensor.readFloats(start..<start + count, into: line.pointer)
          for column in 0..<count { piece[column * rows + row] = line[column] }
        }
        try sink.write(UnsafeRawBufferPointer(start: piece.pointer, count: 4 * count * rows))
      }
      tensor.releasePages(0..<tensor.info.elementCount)
    }
  }

  /// The elements that a buffer holds.
  private static var pieceCount: Int { 1 << 18 }

  private static func floatBuffer(
    _ count: Int
  ) throws(ONNXExportError) -> AlignedBuffer<Float> {
    try reserving { () throws(MemoryError) in
      try AlignedBuffer<Float>(uninitialized: count, purpose: "converting weights")
    }
  }
}
