package import SwiftletSafetensors
import SwiftletSystem

extension StoredTensor {
  package var isFloatingPoint: Bool { info.dataType.isWideFloat }

  /// Converts while it writes, one piece at a time.
  package func asFloat32(named name: String? = nil) -> SafetensorsWriter.Tensor {
    .init(name: name ?? info.name, dataType: .f32, shape: info.shape) { sink in
      let buffer = try AlignedBuffer<Float>(uninitialized: 1 << 18, purpose: "converting weights")
      for first in stride(from: 0, to: info.elementCount, by: buffer.count) {
        let elements = first..<min(first + buffer.count, info.elementCount)
        readFloats(elements, into: buffer.pointer)
        release(elements)
        try sink.write(
          UnsafeRawBufferPointer(
            start: buffer.pointer, count: elements.count * MemoryLayout<Float>.stride))
      }
    }
  }

  package func asStored(named name: String? = nil) -> SafetensorsWriter.Tensor {
    .init(name: name ?? info.name, dataType: info.dataType, shape: info.shape) { sink in
      try sink.write(bytes)
    }
  }
}
