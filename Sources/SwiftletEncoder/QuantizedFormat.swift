import SwiftletKernelCore
import SwiftletKernels
import SwiftletMemory
import SwiftletSafetensors

/// Checkpoints whose linear layers are stored as int8, packed as the products read them, the same
/// bytes on every CPU; `docs/quantized-format.md` describes them.
enum QuantizedFormat {
  static let name = "swiftlet-int8"
  /// To be raised with any change that this reader would misunderstand.
  static let version = "1"

  /// The keys of the file's metadata.
  static let formatKey = "format"
  static let versionKey = "format_version"

  /// Everything that is mapped and multiplied begins at a multiple of this in the file.
  static let alignment = 64

  /// Whether a checkpoint is in this format, which must then be of the version that is known.
  static func isFormat(
    of checkpoint: SafetensorsCheckpoint, directory: String
  ) throws(EncoderError) -> Bool {
    guard let metadata = checkpoint.files.first?.metadata, metadata[formatKey] == name else {
      return false
    }
    guard metadata[versionKey] == version else {
      throw .unknownFormat(path: directory, found: metadata[versionKey] ?? "none")
    }
    return true
  }

  /// The names of a linear layer's tensors.
  struct Names {
    /// I8 [outputs / 32, inputs / 4, 32, 4], both rounded up and padded with zeros.
    let weight: String
    /// F32 [outputs, padded]
    let scale: String
    /// I32 [outputs, padded]: -128 Σ weights
    let start: String
    /// F32 [outputs]
    let bias: String

    init(_ layer: String) {
      weight = layer + ".weight.int8"
      scale = layer + ".weight.scale"
      start = layer + ".weight.start"
      bias = layer + ".bias"
    }

    var all: [String] { [weight, scale, start, bias] }
  }

  static func shape(inputs: Int, outputs: Int) -> [Int] {
    let width = QuantizedMatrix.panelWidth
    return [
      (outputs + width - 1) / width, QuantizedMatrix.steps(depth: inputs), width, 4,
    ]
  }
}

extension CheckpointReader {
  /// A linear layer that is stored as int8: where it lies, if it is to be shared and lies on cache
  /// lines of a mapped file, else to be copied into `storage`, whose huge pages are read faster.
  func quantizedLinear(
    _ name: String, inputs: Int, outputs: Int, in storage: WeightStorage
  ) throws(EncoderError) -> Linear {
    let names = QuantizedFormat.Names(name)
    let padded = WeightStorage.padded(outputs)
    let weight = try stored(
      names.weight, shape: QuantizedFormat.shape(inputs: inputs, outputs: outputs))
    let scale = try stored(names.scale, shape: [padded])
    let start = try stored(names.start, shape: [padded])
    let bias = try tensor(names.bias, shape: [outputs])
    let floats = try reserving { () throws(MemoryError) in try storage.allocate(padded) }
    bias.readFloats(0..<outputs, into: floats)
    return storage.linear(
      weights: try place(weight, .i8, as: Int8.self, in: storage),
      scales: try place(scale, .f32, as: Float.self, in: storage),
      start: try place(start, .i32, as: Int32.self, in: storage), bias: floats, inputs: inputs,
      outputs: outputs)
  }

  private func place<Element: BitwiseCopyable & Sendable>(
    _ tensor: StoredTensor, _ dataType: DataType, as type: Element.Type, in storage: WeightStorage
  ) throws(EncoderError) -> UnsafePointer<Element> {
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
