package import SwiftletCheckpoint
import SwiftletKernelCore
package import SwiftletRuntime
import SwiftletSafetensors

/// Writes a checkpoint in ``QuantizedFormat``: the linear layers of the body and the word embeddings as
/// int8, quantised as a load does it, and everything else as it is.
package enum CheckpointQuantizer {
  /// Quantises a checkpoint and writes the file `path`, whole or not at all.
  ///
  /// Takes the memory of the int8 weights, and computes on all threads of `pool`.
  ///
  /// - Returns: the bytes of the int8 weights.
  /// - Throws: `notQuantizable` for word embeddings with an infinity or NaN.
  @discardableResult
  package static func quantize(
    _ checkpoint: CheckpointReader, configuration: ModelConfiguration, to path: String,
    pool: WorkerPool
  ) throws(CheckpointError) -> Int {
    let kernels: Kernels
    do throws(KernelsError) {
      kernels = try Kernels(backend: .native, precision: .int8)
    } catch {
      throw .kernels(reason: error.description)
    }
    guard !checkpoint.isQuantized else { throw .alreadyQuantized(path: checkpoint.directory) }
    let encoder = try Encoder(
      configuration: configuration, checkpoint: checkpoint, kernels: kernels, pool: pool)
    var metadata = checkpoint.checkpoint.metadata
    metadata[QuantizedFormat.formatKey] = QuantizedFormat.name
    metadata[QuantizedFormat.versionKey] = QuantizedFormat.version.rawValue
    let layers = layers(of: encoder, prefix: checkpoint.prefix)
    let words = try words(of: encoder, checkpoint)
    do throws(SafetensorsError) {
      try SafetensorsWriter.write(
        layers + checkpoint.otherTensors(encoder.configuration) + words,
        metadata: metadata, layout: .asGiven, to: path)
    } catch {
      throw .unwritable(reason: error.description)
    }
    return (layers + words).filter { $0.dataType == .i8 }.reduce(0) { $0 + $1.shape.reduce(1, *) }
  }

  /// Whether ``quantize(_:configuration:to:pool:)`` wrote a file.
  package static func hasWritten(_ path: String) -> Bool {
    let file = try? SafetensorsFile(path: path)
    return file?.metadata[QuantizedFormat.formatKey] == QuantizedFormat.name
  }

  /// The biases come last: the sizes of all other arrays are multiples of 64 bytes, so that all of them
  /// begin on cache lines.
  private static func layers(of encoder: Encoder, prefix: String) -> [SafetensorsWriter.Tensor] {
    var weights: [SafetensorsWriter.Tensor] = []
    var biases: [SafetensorsWriter.Tensor] = []
    for (index, layer) in encoder.layers.enumerated() {
      for name in LinearName.allCases {
        guard let matrix = layer.linear(name).quantizedWeights else { continue }
        let stored = QuantizedFormat.Layer(name, of: index, encoder.configuration)
        let padded = [stored.paddedOutputs]
        weights += [
          tensor(
            prefix + stored.weight, .i8, stored.weightShape, matrix.packed.pointer, encoder),
          tensor(prefix + stored.scale, .f32, padded, UnsafeRawPointer(matrix.scales), encoder),
          tensor(prefix + stored.start, .i32, padded, UnsafeRawPointer(matrix.start), encoder),
        ]
        biases.append(
          .init(
            name: prefix + stored.bias, shape: [stored.outputs],
            floats: Array(layer.linear(name).biases)))
      }
    }
    return weights + biases
  }

  /// The scales and bytes of the word embeddings, the bytes last: their size may be odd.
  private static func words(
    of encoder: Encoder, _ checkpoint: CheckpointReader
  ) throws(CheckpointError) -> [SafetensorsWriter.Tensor] {
    guard case .int8(let rows) = encoder.embeddings.word else { return [] }
    let table = QuantizedFormat.Table.words
    if let damaged = (0..<rows.rows).first(where: { rows.scales[$0].isNaN }) {
      let name = Architecture.wordEmbeddings + ".weight"
      throw .notQuantizable(
        path: checkpoint.directory, tensor: checkpoint.resolvedName(name) ?? name, row: damaged)
    }
    return [
      tensor(
        checkpoint.prefix + table.scale, .f32, [rows.rows], UnsafeRawPointer(rows.scales),
        encoder),
      tensor(
        checkpoint.prefix + table.values, .i8, [rows.rows, rows.columns],
        UnsafeRawPointer(rows.values), encoder),
    ]
  }

  /// A tensor in the encoder's memory.
  private static func tensor(
    _ name: String, _ dataType: DataType, _ shape: [Int], _ pointer: UnsafeRawPointer,
    _ encoder: Encoder
  ) -> SafetensorsWriter.Tensor {
    nonisolated(unsafe) let pointer = pointer
    let count = shape.reduce(dataType.bitWidth / 8, *)
    return .init(name: name, dataType: dataType, shape: shape) { sink in
      try withExtendedLifetime(encoder) {
        try sink.write(UnsafeRawBufferPointer(start: pointer, count: count))
      }
    }
  }
}

extension CheckpointReader {
  /// All tensors except those that become int8 and the position ids: norms, heads, the embeddings of
  /// positions and types. Their order keeps each one aligned for its type.
  fileprivate func otherTensors(
    _ configuration: ModelConfiguration
  ) -> [SafetensorsWriter.Tensor] {
    let quantized = configuration.parameters().filter(\.isQuantized).map(\.name)
    let words = Architecture.wordEmbeddings + ".weight"
    let left = Set(
      (quantized + [words, Architecture.positionIDs]).map {
        Array((resolvedName($0) ?? "").utf8)
      })
    let others = checkpoint.tensors.filter { !left.contains(Array($0.name.utf8)) }
      .compactMap { checkpoint.stored($0.name) }.map { tensor in
        let name = CheckpointNames.unwrapped(tensor.info.name)
        return tensor.info.dataType == .f64
          ? tensor.asFloat32(named: name) : tensor.asStored(named: name)
      }
    let floats: [DataType] = [.f32, .f16, .bf16]
    return floats.flatMap { type in others.filter { $0.dataType == type } }
      + others.filter { !floats.contains($0.dataType) }
  }
}
