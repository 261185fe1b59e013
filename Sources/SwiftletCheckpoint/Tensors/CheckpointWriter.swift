import SwiftletJSON
package import SwiftletSafetensors
import SwiftletSystem

/// Writes checkpoints as transformers' `save_pretrained` does: `config.json` and `model.safetensors`, or
/// shards and their index for a large model.
package enum CheckpointWriter {
  /// The default size of transformers' shards.
  package static let shardBytes = 50_000_000_000

  /// Writes tensors, named as in transformers, into an existing folder. Files appear one after another:
  /// write into a ``StagedFolder`` to make them appear together.
  ///
  /// Fills shards in the order of the tensors; a tensor larger than a shard gets its own. Keeps the keys
  /// of `original`, a `config.json`, that a ``ModelConfiguration`` does not hold.
  package static func write(
    _ tensors: [SafetensorsWriter.Tensor], configuration: ModelConfiguration,
    keeping original: UnsafeBufferPointer<UInt8>? = nil, to folder: String,
    shardBytes: Int = shardBytes
  ) throws(CheckpointError) {
    let text = try ConfigurationText.text(
      of: configuration, dataTypes: Set(tensors.map(\.dataType)), keeping: original)
    try write(text, to: folder + "/config.json")
    let shards = Shards(tensors, limit: shardBytes)
    for (index, shard) in shards.tensors.enumerated() {
      do throws(SafetensorsError) {
        try SafetensorsWriter.write(
          shard, metadata: ["format": "pt"], to: "\(folder)/\(shards.name(index))")
      } catch {
        throw .unwritable(reason: error.description)
      }
    }
    if shards.tensors.count > 1 {
      try write(shards.index, to: folder + "/model.safetensors.index.json")
    }
  }

  /// Writes a checkpoint in today's spelling, without tensors that transformers does not save:
  /// `position_ids` and copies of tied weights. Keeps the keys of the `config.json` in its directory.
  ///
  /// Floats become numbers of the type `floats`, float32, float16 or bfloat16; without it they keep theirs.
  package static func rewrite(
    _ checkpoint: CheckpointReader, configuration: ModelConfiguration, to folder: String,
    floats: DataType? = nil, shardBytes: Int = shardBytes
  ) throws(CheckpointError) {
    guard !checkpoint.isQuantized else { throw .alreadyQuantized(path: checkpoint.directory) }
    let tensors = checkpoint.tensors(of: configuration, floats: floats)
    let original = try ConfigurationText.original(in: checkpoint.directory)
    try withExtendedLifetime(original) { () throws(CheckpointError) in
      try write(
        tensors, configuration: configuration,
        keeping: original.bytes.assumingMemoryBound(to: UInt8.self), to: folder,
        shardBytes: shardBytes)
    }
  }

  private static func write(_ text: [UInt8], to path: String) throws(CheckpointError) {
    do throws(FileError) {
      try text.withUnsafeBufferPointer { (bytes) throws(FileError) in
        try FileWriting.create(path, with: UnsafeRawBufferPointer(bytes))
      }
    } catch {
      throw .unwritable(reason: "\(path) can't be written: \(error.reason)")
    }
  }
}

/// The tensors of each file.
private struct Shards {
  private(set) var tensors: [[SafetensorsWriter.Tensor]] = [[]]
  private var totalBytes = 0
  private var totalElements = 0

  init(_ all: [SafetensorsWriter.Tensor], limit: Int) {
    var bytes = 0
    for tensor in all {
      let elements = tensor.shape.reduce(1, &*)
      let size = elements &* (tensor.dataType.bitWidth / 8)
      if bytes > 0, size > limit &- bytes {
        tensors.append([])
        bytes = 0
      }
      tensors[tensors.count - 1].append(tensor)
      // The writer refuses sizes that overflow.
      bytes &+= size
      totalBytes &+= size
      totalElements &+= elements
    }
  }

  func name(_ index: Int) -> String {
    tensors.count == 1
      ? "model.safetensors"
      : "model-\(Self.padded(index + 1))-of-\(Self.padded(tensors.count)).safetensors"
  }

  private static func padded(_ number: Int) -> String {
    String(repeating: "0", count: max(0, 5 - "\(number)".count)) + "\(number)"
  }

  /// `model.safetensors.index.json` in the layout of Python's `json`.
  var index: [UInt8] {
    var places: [JSONValue.Member] = []
    for (index, shard) in tensors.enumerated() {
      let file = JSONValue.string(name(index))
      places += shard.map { ($0.name, file) }
    }
    places.sort { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    let sizes: [JSONValue.Member] = [
      ("total_parameters", .int(totalElements)), ("total_size", .int(totalBytes)),
    ]
    let index = JSONValue.object([("metadata", .object(sizes)), ("weight_map", .object(places))])
    return index.document
  }
}
