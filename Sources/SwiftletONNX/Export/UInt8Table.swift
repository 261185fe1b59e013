import SwiftletCheckpoint
import SwiftletSafetensors
import SwiftletSystem

/// A table of embeddings as bytes with one scale: x ≈ (q - zeroPoint) · scale, as ONNX Runtime's
/// `quantize_dynamic` writes it.
struct UInt8Table {
  let scale: Float
  let zeroPoint: UInt8
  private let tensor: StoredTensor

  /// Throws for infinities and NaN, which no scale can hold.
  init(quantizing tensor: StoredTensor) throws(ONNXExportError) {
    self.tensor = tensor
    var (least, greatest): (Float, Float) = (0, 0)
    try Self.forEachPiece(of: tensor) { (piece, _) throws(ONNXExportError) in
      for value in piece {
        guard value.isFinite else {
          throw .checkpoint(
            .weights(
              reason:
                "tensor \"\(tensor.info.name)\" in \(tensor.path) has the value \(value), "
                + "which can't be quantised; export the model without --quantize dynamic"))
        }
        least = min(least, value)
        greatest = max(greatest, value)
      }
    }
    // Halves first: the difference of two finite floats may be infinite.
    let scale = (greatest / 2 - least / 2) / 127.5
    self.scale = scale > 0 ? scale : 1
    zeroPoint = UInt8(min(255, (-least / self.scale).rounded(.toNearestOrEven)))
  }

  var payload: Payload {
    Payload(byteCount: tensor.info.elementCount) { (sink) throws(ONNXExportError) in
      let bytes = try reserving { () throws(MemoryError) in
        try AlignedBuffer<UInt8>(uninitialized: Self.pieceCount, purpose: "quantising weights")
      }
      try Self.forEachPiece(of: tensor) { (piece, elements) throws(ONNXExportError) in
        for (index, value) in piece.enumerated() {
          let level = (value / scale).rounded(.toNearestOrEven) + Float(zeroPoint)
          bytes[index] = UInt8(max(0, min(255, level)))
        }
        try sink.write(UnsafeRawBufferPointer(start: bytes.pointer, count: piece.count))
        tensor.releasePages(elements)
      }
    }
  }

  private static let pieceCount = 1 << 18

  private static func forEachPiece(
    of tensor: StoredTensor,
    _ body: (UnsafeBufferPointer<Float>, Range<Int>) throws(ONNXExportError) -> Void
  ) throws(ONNXExportError) {
    let buffer = try reserving { () throws(MemoryError) in
      try AlignedBuffer<Float>(uninitialized: pieceCount, purpose: "quantising weights")
    }
    for first in stride(from: 0, to: tensor.info.elementCount, by: pieceCount) {
      let elements = first..<min(first + pieceCount, tensor.info.elementCount)
      tensor.readFloats(elements, into: buffer.pointer)
      try body(UnsafeBufferPointer(start: buffer.pointer, count: elements.count), elements)
    }
  }
}
