import SwiftletCheckpoint
import SwiftletKernelCore
import SwiftletRuntime
import SwiftletSafetensors
import SwiftletSystem

/// Loads one part of a model, its body or a head.
///
/// Checks all parameters first. The part then asks for its layers by name, whose shapes come from the
/// parameters, and ``fill(on:)`` packs the weights at the end.
struct WeightLoader {
  let checkpoint: CheckpointReader
  private let kernels: Kernels
  private let storage = WeightStorage()
  private let parameters: [String: Parameter]

  /// `layers` are stored as int8; `parameters` leaves theirs out.
  ///
  /// - Throws: `missingTensors` with all names, `wrongShape`, and `weights` for tensors without floats.
  init(
    _ parameters: [Parameter], quantized layers: [QuantizedFormat.Layer] = [],
    of checkpoint: CheckpointReader, for kernels: Kernels
  ) throws(CheckpointError) {
    try checkpoint.check(parameters, layers)
    self.checkpoint = checkpoint
    self.kernels = kernels
    self.parameters = Dictionary(uniqueKeysWithValues: parameters.map { ($0.name, $0) })
  }

  /// Packs the weights of all requested layers on all threads of `pool`, and returns their memory.
  func fill(on pool: WorkerPool) throws(CheckpointError) -> WeightStorage {
    try reserving { () throws(MemoryError) in try storage.fill(on: pool) }
    return storage
  }

  /// A linear layer `name.weight` [outputs, inputs] and `name.bias` [outputs], zeros without a bias.
  /// Several layers of one size become one, with their outputs one after another.
  func linear(_ names: String...) throws(CheckpointError) -> Linear { try linear(names) }

  func linear(_ names: [String]) throws(CheckpointError) -> Linear {
    var parts: [StoredMatrix] = []
    for name in names {
      let weight = parameter(name + ".weight")
      parts.append(
        StoredMatrix(
          tensor: try checkpoint.tensor(weight), rows: weight.shape[0], columns: weight.shape[1],
          isShared: checkpoint.isTied(weight)))
    }
    let outputs = parts.reduce(0) { $0 + $1.rows }
    let bias = try reserving { () throws(MemoryError) in
      try storage.allocate(WeightStorage.padded(outputs))
    }
    for (index, name) in names.enumerated() {
      guard let parameter = parameters[name + ".bias"] else { continue }
      let count = parameter.shape[0]
      try checkpoint.tensor(parameter).readFloats(0..<count, into: bias + index * count)
    }
    return try reserving { () throws(MemoryError) in
      try storage.linear(parts, bias: bias, for: kernels)
    }
  }

  /// A layer normalisation `name.weight` and `name.bias`.
  func norm(_ name: String, epsilon: Float) throws(CheckpointError) -> LayerNorm {
    LayerNorm(
      weight: try vector(name + ".weight"), bias: try vector(name + ".bias"), epsilon: epsilon)
  }

  private func vector(_ name: String) throws(CheckpointError) -> UnsafePointer<Float> {
    let parameter = parameter(name)
    let count = parameter.shape[0]
    let floats = try reserving { () throws(MemoryError) in try storage.allocate(count) }
    try checkpoint.tensor(parameter).readFloats(0..<count, into: floats)
    return UnsafePointer(floats)
  }

  /// A table `name.weight` [rows, columns], of which a pass reads a few rows. A table of float32 stays in
  /// the file: a start does not wait for it, and only touched pages take memory.
  func table(_ name: String) throws(CheckpointError) -> Matrix<Float> {
    let parameter = parameter(name + ".weight")
    let (rows, columns) = (parameter.shape[0], parameter.shape[1])
    let tensor = try checkpoint.tensor(parameter)
    if let floats = tensor.elements(.f32, as: Float.self) {
      storage.keep(tensor.file)
      return Matrix(UnsafeMutablePointer(mutating: floats), rows: rows, columns: columns)
    }
    return try reserving { () throws(MemoryError) in
      try storage.table(StoredMatrix(tensor: tensor, rows: rows, columns: columns))
    }
  }

  private func parameter(_ name: String) -> Parameter {
    guard let parameter = parameters[name] else { stop("\(name) is not a parameter of this part") }
    return parameter
  }
}

extension WeightLoader {
  /// A linear layer that is stored as int8. It stays in the file if `sharesWeights` and the file is
  /// mapped; otherwise it is copied into huge pages, which are read faster.
  func quantizedLinear(_ layer: QuantizedFormat.Layer) throws(CheckpointError) -> Linear {
    let padded = layer.paddedOutputs
    let weight = try checkpoint.stored(layer.weight, shape: layer.weightShape)
    let scale = try checkpoint.stored(layer.scale, shape: [padded])
    let start = try checkpoint.stored(layer.start, shape: [padded])
    let bias = try checkpoint.tensor(layer.bias, shape: [layer.outputs])
    let floats = try reserving { () throws(MemoryError) in try storage.allocate(padded) }
    bias.readFloats(0..<layer.outputs, into: floats)
    return Linear(
      int8: try place(weight, .i8, as: Int8.self),
      scales: try place(scale, .f32, as: Float.self),
      start: try place(start, .i32, as: Int32.self), bias: floats, inputs: layer.inputs,
      outputs: layer.outputs)
  }

  private func place<Element: BitwiseCopyable & Sendable>(
    _ tensor: StoredTensor, _ dataType: DataType, as type: Element.Type
  ) throws(CheckpointError) -> UnsafePointer<Element> {
    guard tensor.info.dataType == dataType else {
      throw .wrongType(
        path: checkpoint.directory, tensor: tensor.info.name, expected: dataType.rawValue,
        found: tensor.info.dataType.rawValue)
    }
    if checkpoint.sharesWeights, tensor.file.isMapped,
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

/// A matrix in a file.
private struct StoredMatrix: WeightSource {
  let tensor: StoredTensor
  let rows: Int
  let columns: Int
  /// Whether another layer also reads it from the file, so that its pages are not released.
  var isShared = false

  var float32: UnsafeRawPointer? {
    tensor.info.dataType == .f32 ? tensor.bytes.baseAddress : nil
  }

  var float16: UnsafeRawPointer? {
    tensor.info.dataType == .f16 ? tensor.bytes.baseAddress : nil
  }

  func read(_ rows: Range<Int>, into target: UnsafeMutablePointer<Float>) {
    tensor.readFloats(elements(rows), into: target)
  }

  func release(_ rows: Range<Int>) {
    if !isShared { tensor.release(elements(rows)) }
  }

  private func elements(_ rows: Range<Int>) -> Range<Int> {
    rows.lowerBound * columns..<rows.upperBound * columns
  }
}
