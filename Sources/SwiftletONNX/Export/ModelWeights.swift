import Glibc
import SwiftletCheckpoint
import SwiftletSafetensors

/// Finds the parameters of a model in its checkpoint.
struct ModelWeights {
  private let checkpoint: CheckpointReader
  private let configuration: ModelConfiguration
  private let parameters: [String: Parameter]
  private let hasHead: Bool

  /// Throws if tensors are missing or have other shapes; names all that are missing.
  init(
    _ checkpoint: CheckpointReader, _ configuration: ModelConfiguration, head: ModelHead?
  ) throws(ONNXExportError) {
    self.checkpoint = checkpoint
    self.configuration = configuration
    let all = configuration.parameters(head: head)
    parameters = Dictionary(all.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    hasHead = head != nil
    try reading { () throws(CheckpointError) in
      checkpoint.isQuantized
        ? try checkpoint.check(
          all.filter { !$0.isQuantized }, QuantizedFormat.layers(configuration))
        : try checkpoint.check(all)
    }
  }

  var isQuantized: Bool { checkpoint.isQuantized }
  var directory: String { checkpoint.directory }

  /// The name of a parameter in a checkpoint that transformers saves.
  func savedName(_ name: String) -> String {
    let architecture = configuration.architecture
    return hasHead && architecture.isBody(name) ? architecture.prefix + name : name
  }

  func parameter(_ name: String) throws(ONNXExportError) -> Parameter {
    guard let parameter = parameters[name] else {
      throw .checkpoint(.missingTensors(path: checkpoint.directory, names: [name]))
    }
    return parameter
  }

  func tensor(_ name: String) throws(ONNXExportError) -> StoredTensor {
    let parameter = try parameter(name)
    return try reading { () throws(CheckpointError) in try checkpoint.tensor(parameter) }
  }

  /// The name of the parameter with which this one shares its tensor, or, with `orCopied`, of which it is
  /// a copy.
  func tiedName(of name: String, orCopied: Bool) throws(ONNXExportError) -> String? {
    let parameter = try parameter(name)
    guard let other = parameter.tiedTo, parameters[other] != nil else { return nil }
    if checkpoint.isTied(parameter) { return other }
    guard orCopied else { return nil }
    let (left, right) = (try tensor(name), try tensor(other))
    guard left.info.dataType == right.info.dataType, left.info.shape == right.info.shape,
      let first = left.bytes.baseAddress, let second = right.bytes.baseAddress
    else { return nil }
    return memcmp(first, second, left.info.byteCount) == 0 ? other : nil
  }

  /// The word embeddings as int8, from floats or from ``QuantizedFormat``; nil if a version of the format
  /// stores them as floats.
  func int8Words() throws(ONNXExportError) -> Int8Table? {
    let parameter = try parameter(Architecture.wordEmbeddings + ".weight")
    if checkpoint.isTable(parameter) {
      return Int8Table(
        try reading { () throws(CheckpointError) in
          try checkpoint.wordTable(shape: parameter.shape)
        })
    }
    return isQuantized ? nil : try Int8Table(quantizing: try tensor(parameter.name))
  }

  /// A linear layer of the body as int8, from floats or from ``QuantizedFormat``.
  func int8(_ layer: BodyLayer) throws(ONNXExportError) -> Int8Weight {
    guard isQuantized else {
      return try Int8Weight(quantizing: try tensor(layer.name + ".weight"))
    }
    let format = QuantizedFormat.Layer(layer.linear, of: layer.index, configuration)
    let shape = try parameter(layer.name + ".weight").shape
    let (weight, scale) = try reading { () throws(CheckpointError) in
      (
        try checkpoint.stored(format.weight, shape: format.weightShape),
        try checkpoint.tensor(format.scale, shape: [format.paddedOutputs])
      )
    }
    return try Int8Weight(
      panels: weight, scales: scale, inputs: shape[1],
      outputs: layer.part * shape[0]..<(layer.part + 1) * shape[0])
  }

  /// The bias of a linear layer of the body, which ``QuantizedFormat`` stores for all parts.
  func bias(_ layer: BodyLayer) throws(ONNXExportError) -> [Float] {
    let outputs = try parameter(layer.name + ".bias").shape[0]
    let format = QuantizedFormat.Layer(layer.linear, of: layer.index, configuration)
    let tensor = try reading { () throws(CheckpointError) in
      try checkpoint.tensor(format.bias, shape: [format.outputs])
    }
    return tensor.floats(layer.part * outputs..<(layer.part + 1) * outputs)
  }
}

/// A linear layer of transformers within a transformer layer.
struct BodyLayer {
  /// The index of the transformer layer.
  let index: Int
  let linear: LinearName
  /// The index among the layers of transformers that make `linear`.
  let part: Int
  /// Without the prefix of the body.
  let name: String
}

extension StoredTensor {
  /// Releases the pages of a range of elements in a mapped file. Other memory is kept, because the
  /// elements are read again for the next graph.
  func releasePages(_ elements: Range<Int>) {
    if memory.isMapped { release(elements) }
  }

  /// A range of elements as float32.
  func floats(_ elements: Range<Int>) -> [Float] {
    [Float](unsafeUninitializedCapacity: elements.count) { buffer, count in
      if let base = buffer.baseAddress { readFloats(elements, into: base) }
      count = elements.count
    }
  }
}
