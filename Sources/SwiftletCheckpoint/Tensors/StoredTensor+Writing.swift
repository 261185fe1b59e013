package import SwiftletSafetensors
import SwiftletSystem

extension StoredTensor {
  package var isFloatingPoint: Bool { info.dataType.isWideFloat }

  package func asFloat32(named name: String? = nil) -> SafetensorsWriter.Tensor {
    converted(to: .f32, named: name)
  }

  /// Converts floats to float32, float16 or bfloat16 while it writes, one piece at a time. Rounds to the
  /// nearest number, and to the even one of two, as PyTorch does.
  package func converted(
    to target: DataType, named name: String? = nil
  ) -> SafetensorsWriter.Tensor {
    if target != .f32, target == info.dataType { return asStored(named: name) }
    return .init(name: name ?? info.name, dataType: target, shape: info.shape) { sink in
      let buffer = try AlignedBuffer<Float>(uninitialized: 1 << 18, purpose: "converting weights")
      for first in stride(from: 0, to: info.elementCount, by: buffer.count) {
        let elements = first..<min(first + buffer.count, info.elementCount)
        readFloats(elements, into: buffer.pointer)
        release(elements)
        try sink.write(
          FloatNarrowing.narrow(
            UnsafeMutableBufferPointer(start: buffer.pointer, count: elements.count), to: target))
      }
    }
  }

  package func asStored(named name: String? = nil) -> SafetensorsWriter.Tensor {
    .init(name: name ?? info.name, dataType: info.dataType, shape: info.shape) { sink in
      try sink.write(bytes)
    }
  }
}

/// Converts float32 in place to a type of 16 bits.
private enum FloatNarrowing {
  /// Returns the bytes of the converted numbers, at the beginning of `values`.
  static func narrow(
    _ values: UnsafeMutableBufferPointer<Float>, to dataType: DataType
  ) -> UnsafeRawBufferPointer {
    switch dataType {
    case .f16: return narrow(values) { Float16($0).bitPattern }
    case .bf16: return narrow(values, brainFloat)
    default:
      requirePrecondition(dataType == .f32, "\(dataType.rawValue) is not a type of weights")
      return UnsafeRawBufferPointer(values)
    }
  }

  private static func narrow(
    _ values: UnsafeMutableBufferPointer<Float>, _ convert: (Float) -> UInt16
  ) -> UnsafeRawBufferPointer {
    let bytes = UnsafeMutableRawBufferPointer(values)
    for index in values.indices {
      // Overwrites floats before this one, which have been read.
      bytes.storeBytes(of: convert(values[index]), toByteOffset: 2 * index, as: UInt16.self)
    }
    return UnsafeRawBufferPointer(rebasing: bytes[..<(2 * values.count)])
  }

  /// The upper half of the bits, rounded to nearest, ties to even.
  private static func brainFloat(_ value: Float) -> UInt16 {
    if value.isNaN { return 0x7FC0 }
    let bits = value.bitPattern
    // The sum carries into the exponent where rounding reaches the next power of two, up to infinity.
    return UInt16(truncatingIfNeeded: (bits + 0x7FFF + (bits >> 16 & 1)) >> 16)
  }
}
