import SwiftletCheckpoint
import SwiftletSafetensors
import SwiftletSystem

/// The weights of a linear layer as Swiftlet quantises them: w[n, k] ≈ q[n, k] · scale[n] with
/// scale[n] = max |w[n, :]| / 127 and q rounded to the nearest integer, halves to even.
///
/// `docs/quantized-format.md` has the rules for rows of zeros, infinities and NaN.
struct Int8Weight {
  let inputs: Int
  let outputs: Int
  /// [N]
  let scales: [Float]
  private let source: Source

  private enum Source {
    /// [N, K]
    case floats(StoredTensor)
    /// [P, S, 32, 4], of which the outputs begin at a row.
    case panels(StoredTensor, firstRow: Int)
  }

  /// Quantises a float matrix [N, K].
  init(quantizing tensor: StoredTensor) throws(ONNXExportError) {
    (outputs, inputs) = (tensor.info.shape[0], tensor.info.shape[1])
    source = .floats(tensor)
    let row = try Self.rowBuffer(inputs)
    scales = (0..<outputs).map { output in
      tensor.readFloats(output * row.count..<(output + 1) * row.count, into: row.pointer)
      return Self.scale(Self.largestMagnitude(row))
    }
  }

  /// Takes some outputs of a matrix in ``QuantizedFormat``.
  init(
    panels: StoredTensor, scales: StoredTensor, inputs: Int, outputs: Range<Int>
  ) throws(ONNXExportError) {
    guard panels.info.dataType == .i8 else {
      throw .checkpoint(
        .wrongType(
          path: panels.path, tensor: panels.info.name, expected: "I8",
          found: panels.info.dataType.rawValue))
    }
    self.inputs = inputs
    self.outputs = outputs.count
    self.scales = scales.floats(outputs)
    source = .panels(panels, firstRow: outputs.lowerBound)
  }

  /// q transposed: [K, N].
  var payload: Payload {
    Payload(byteCount: inputs * outputs) { (sink) throws(ONNXExportError) in
      let bytes = try reserving { () throws(MemoryError) in
        try AlignedBuffer<Int8>(count: inputs * outputs, purpose: "quantising weights")
      }
      switch source {
      case .floats(let tensor): try quantize(tensor, into: bytes.pointer)
      case .panels(let tensor, let firstRow):
        unpack(tensor.bytes, firstRow, into: bytes.pointer)
      }
      try sink.write(UnsafeRawBufferPointer(start: bytes.pointer, count: bytes.count))
    }
  }

  private func quantize(
    _ tensor: StoredTensor, into bytes: UnsafeMutablePointer<Int8>
  ) throws(ONNXExportError) {
    let row = try Self.rowBuffer(inputs)
    for output in 0..<outputs {
      tensor.readFloats(output * inputs..<(output + 1) * inputs, into: row.pointer)
      let largest = Self.largestMagnitude(row)
      guard Self.scale(largest) > 0 else { continue }
      let factor = 127 / largest
      for k in 0..<inputs {
        bytes[k * outputs + output] = Int8((row[k] * factor).rounded(.toNearestOrEven))
      }
    }
    tensor.releasePages(0..<tensor.info.elementCount)
  }

  private func unpack(
    _ panels: UnsafeRawBufferPointer, _ firstRow: Int, into bytes: UnsafeMutablePointer<Int8>
  ) {
    let width = QuantizedFormat.panelWidth
    let steps = (inputs + 3) / 4
    for output in 0..<outputs {
      let (panel, column) = (firstRow + output).quotientAndRemainder(dividingBy: width)
      for k in 0..<inputs {
        let place = ((panel * steps + k / 4) * width + column) * 4 + k % 4
        bytes[k * outputs + output] = panels.load(fromByteOffset: place, as: Int8.self)
      }
    }
  }

  /// 0 for a row of zeros or magnitudes that 127 can't be divided by, NaN for one that is not
  /// finite.
  static func scale(_ largest: Float) -> Float {
    guard largest.isFinite else { return .nan }
    return largest > 127 / .greatestFiniteMagnitude ? largest / 127 : 0
  }

  /// NaN if a value is NaN.
  static func largestMagnitude(_ row: borrowing AlignedBuffer<Float>) -> Float {
    var largest: Float = 0
    for index in 0..<row.count {
      let magnitude = row[index].magnitude
      if magnitude > largest || magnitude.isNaN { largest = magnitude }
      if largest.isNaN { break }
    }
    return largest
  }

  static func rowBuffer(
    _ count: Int
  ) throws(ONNXExportError) -> AlignedBuffer<Float> {
    try reserving { () throws(MemoryError) in
      try AlignedBuffer<Float>(uninitialized: count, purpose: "quantising weights")
    }
  }
}
