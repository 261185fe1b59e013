package import SwiftletKernels
import SwiftletMemory
package import SwiftletSafetensors

/// Reads tensors by the names of transformers' DistilBERT, whichever of their spellings a checkpoint
/// uses, checks their shapes, and keeps count of what was read.
package final class CheckpointReader {
  package let directory: String
  private let checkpoint: SafetensorsCheckpoint
  /// `distilbert.` where the checkpoint has a head, nothing where it is the bare model.
  private let prefix: String
  private var unread: Set<[UInt8]>

  package init(
    directory: String, loading: SafetensorsFile.Loading
  ) throws(EncoderError) {
    self.directory = directory
    do throws(SafetensorsError) {
      checkpoint = try SafetensorsCheckpoint(directory: directory, loading: loading)
    } catch {
      switch error {
      case .noWeights, .fileNotFound, .unreadable, .missingShards:
        throw .missingWeights(reason: error.description)
      default: throw .weights(reason: error.description)
      }
    }
    let word = "embeddings.word_embeddings.weight"
    prefix = checkpoint.tensor("distilbert." + word) != nil ? "distilbert." : ""
    unread = Set(checkpoint.tensors.map { Array($0.name.utf8) })
    // Older versions of transformers stored the numbers 0, 1, 2 …, which nobody needs.
    unread.remove(Array((prefix + "embeddings.position_ids").utf8))
  }

  /// Tensors that nothing has read so far, in the file's order.
  package var unreadTensors: [String] {
    checkpoint.tensors.map(\.name).filter { unread.contains(Array($0.utf8)) }
  }

  package func contains(_ name: String) -> Bool { find(name) != nil }

  /// The checkpoint's own name for a tensor of the body: with or without the prefix, and with the
  /// `gamma` and `beta` that layer normalisation had in the first releases.
  private func find(_ name: String) -> TensorInfo? {
    if let tensor = checkpoint.tensor(name) ?? checkpoint.tensor(prefix + name) { return tensor }
    guard name.contains("LayerNorm.") || name.contains("layer_norm.") else { return nil }
    let legacy: String
    if name.hasSuffix(".weight") {
      legacy = name.dropLast(".weight".count) + ".gamma"
    } else {
      legacy = name.dropLast(".bias".count) + ".beta"
    }
    return checkpoint.tensor(prefix + legacy) ?? checkpoint.tensor(legacy)
  }

  /// Reads a tensor of any number type as float32 into `target`, which has room for `shape`.
  package func read(
    _ name: String, shape: [Int], into target: UnsafeMutablePointer<Float>
  ) throws(EncoderError) {
    let tensor = try tensor(name, shape: shape)
    do throws(SafetensorsError) {
      try checkpoint.readFloats(
        tensor, into: UnsafeMutableBufferPointer(start: target, count: tensor.elementCount))
    } catch {
      throw .weights(reason: error.description)
    }
    unread.remove(Array(tensor.name.utf8))
  }

  /// The tensor of a name, which must have this shape: to be asked before memory is allocated by sizes
  /// that only the configuration vouches for.
  @discardableResult
  private func tensor(_ name: String, shape: [Int]) throws(EncoderError) -> TensorInfo {
    guard let tensor = find(name) else {
      throw .missingTensors(path: directory, names: [name])
    }
    guard tensor.shape == shape else {
      throw .wrongShape(
        path: directory, tensor: tensor.name, expected: shape, found: tensor.shape)
    }
    return tensor
  }

  /// Throws one error that names every tensor of `names` that is not there.
  package func require(_ names: [String]) throws(EncoderError) {
    let missing = names.filter { find($0) == nil }
    guard missing.isEmpty else { throw .missingTensors(path: directory, names: missing) }
  }

  /// A linear layer `name.weight` [outputs, inputs] and `name.bias` [outputs]; several names are
  /// laid one under another as one layer.
  package func linear(
    _ names: [String], inputs: Int, outputs: Int, in storage: WeightStorage, for kernels: Kernels
  ) throws(EncoderError) -> Linear {
    for name in names {
      try tensor(name + ".weight", shape: [outputs, inputs])
      try tensor(name + ".bias", shape: [outputs])
    }
    return try storage.linear(inputs: inputs, outputs: outputs * names.count, for: kernels) {
      (rows, bias) throws(EncoderError) in
      for (index, name) in names.enumerated() {
        try read(
          name + ".weight", shape: [outputs, inputs], into: rows.row(index * outputs))
        try read(name + ".bias", shape: [outputs], into: bias + index * outputs)
      }
    }
  }

  /// A layer normalisation `name.weight` and `name.bias`.
  func norm(
    _ name: String, count: Int, in storage: WeightStorage
  ) throws(EncoderError) -> NormWeights {
    try tensor(name + ".weight", shape: [count])
    try tensor(name + ".bias", shape: [count])
    let weight = storage.allocate(count)
    let bias = storage.allocate(count)
    try read(name + ".weight", shape: [count], into: weight)
    try read(name + ".bias", shape: [count], into: bias)
    return NormWeights(weight: weight, bias: bias)
  }

  /// A table `name` [rows, columns].
  func table(
    _ name: String, rows: Int, columns: Int, in storage: WeightStorage
  ) throws(EncoderError) -> Matrix<Float> {
    try tensor(name, shape: [rows, columns])
    let pointer = storage.allocate(rows * columns)
    try read(name, shape: [rows, columns], into: pointer)
    return Matrix(pointer, rows: rows, columns: columns)
  }
}
