import SwiftletCheckpoint
import SwiftletKernelCore
import SwiftletRuntime
import SwiftletSafetensors
import SwiftletSystem

extension CheckpointReader {
  /// A linear layer that is stored as int8: where it lies, if it is to be shared and lies on cache
  /// lines of a mapped file, else to be copied into `storage`, whose huge pages are read faster.
  func quantizedLinear(
    _ name: String, inputs: Int, outputs: Int, in storage: WeightStorage
  ) throws(CheckpointError) -> Linear {
    let names = QuantizedFormat.Names(name)
    let padded = WeightStorage.padded(outputs)
    let weight = try stored(
      names.weight, shape: QuantizedFormat.shape(inputs: inputs, outputs: outputs))
    let scale = try stored(names.scale, shape: [padded])
    let start = try stored(names.start, shape: [padded])
    let bias = try tensor(names.bias, shape: [outputs])
    let floats = try reserving { () throws(MemoryError) in try storage.allocate(padded) }
    bias.readFloats(0..<outputs, into: floats)
    return Linear(
      int8: try place(weight, .i8, as: Int8.self, in: storage),
      scales: try place(scale, .f32, as: Float.self, in: storage),
      start: try place(start, .i32, as: Int32.self, in: storage), bias: floats, inputs: inputs,
      outputs: outputs)
  }

  private func place<Element: BitwiseCopyable & Sendable>(
    _ tensor: StoredTensor, _ dataType: DataType, as type: Element.Type, in storage: WeightStorage
  ) throws(CheckpointError) -> UnsafePointer<Element> {
    guard tensor.info.dataType == dataType else {
      throw .wrongType(
        path: directory, tensor: tensor.info.name, expected: dataType.rawValue,
        found: tensor.info.dataType.rawValue)
    }
    if sharesWeights, tensor.file.isMapped,
      let elements = tensor.elements(dataType, as: type, alignment: QuantizedFormat.alignment)
    {
      storage.keep(tensor.file)
      return elements
    }
    guard let source = tensor.bytes.baseAddress else {
      stop("a layer has outputs, and a tensor of its shape has bytes")
    }
    return try reserving { () throws(MemoryError) in
      try storage.copy(source, count: tensor.info.elementCount, of: type) { tensor.release($0) }
    }
  }
}
