package import SwiftletSafetensors

/// The weights of a model directory in files of PyTorch: `pytorch_model.bin`, or else
/// `pytorch_model.bin.index.json` and its shards, as transformers does.
///
/// Tensors that a shard holds but the index does not list are ignored.
package final class PyTorchCheckpoint: TensorSource {
  package let tensors: [TensorInfo]
  package let paths: [String]
  private let files: [PyTorchFile]
  private let stored: [ExactName: StoredTensor]

  package static let singleName = "pytorch_model.bin"
  package static let indexName = "pytorch_model.bin.index.json"

  /// Opens the weights in `directory`; nil if it has none.
  ///
  /// - Throws: `missingWeights` for files that are missing or unreadable, `weights` for others, `memory`.
  package init?(
    directory: String, loading: SafetensorsFile.Loading
  ) throws(CheckpointError) {
    let directory = directory.hasSuffix("/") ? directory : directory + "/"
    guard let shards = try Self.shards(in: directory, loading) else { return nil }
    files = shards.map(\.file)
    paths = files.map(\.path)
    tensors = shards.flatMap(\.tensors).map(\.info)
    stored = Dictionary(
      shards.flatMap(\.tensors).map { (ExactName($0.info.name), $0) },
      uniquingKeysWith: { first, _ in first })
  }

  private static func shards(
    in directory: String, _ loading: SafetensorsFile.Loading
  ) throws(CheckpointError) -> [Shard]? {
    if let file = try Shard(directory + singleName, loading) { return [file] }
    let index: ShardIndex
    do throws(SafetensorsError) {
      guard let found = try ShardIndex(path: directory + indexName) else { return nil }
      index = found
    } catch {
      throw CheckpointError(error)
    }
    let opened = try index.openShards(
      directory: directory, converting: { CheckpointError($0) }
    ) { (path) throws(CheckpointError) in
      try Shard(path, loading)
    } holds: {
      $0.names.contains(ExactName($1))
    }
    return opened.files.enumerated().map { position, shard in
      shard.keeping { opened.fileIndices[ExactName($0)] == position }
    }
  }

  package var metadata: [String: String] { [:] }

  package func tensor(_ name: String) -> TensorInfo? { stored(name)?.info }

  package func stored(_ name: String) -> StoredTensor? { stored[ExactName(name)] }

  package func releaseMappedPages() {
    for file in files { file.releaseMappedPages() }
  }
}

/// One file of a checkpoint.
private struct Shard {
  let file: PyTorchFile
  private(set) var tensors: [StoredTensor]
  let names: Set<ExactName>

  /// Opens a file; nil if it does not exist.
  init?(_ path: String, _ loading: SafetensorsFile.Loading) throws(CheckpointError) {
    do throws(PyTorchError) {
      file = try PyTorchFile(path: path, loading: loading)
      tensors = try file.storedTensors()
    } catch {
      if case .fileNotFound = error { return nil }
      throw CheckpointError(error)
    }
    names = Set(tensors.map { ExactName($0.info.name) })
  }

  /// The shard with the tensors that `isIncluded` accepts.
  func keeping(_ isIncluded: (String) -> Bool) -> Shard {
    var shard = self
    shard.tensors.removeAll { !isIncluded($0.info.name) }
    return shard
  }
}
