package import SwiftletSafetensors
import SwiftletSystem

/// Opens the weights of a model directory.
package enum CheckpointFiles {
  /// Opens the first of these that the directory has, as transformers does: `model.safetensors`, its shards,
  /// `pytorch_model.bin`, its shards.
  ///
  /// - Throws: `missingWeights`, `weights` and `memory`.
  package static func open(
    _ directory: String, loading: SafetensorsFile.Loading
  ) throws(CheckpointError) -> any TensorSource {
    do throws(SafetensorsError) {
      return try SafetensorsCheckpoint(directory: directory, loading: loading)
    } catch {
      if case .pickleCheckpoint = error,
        let checkpoint = try PyTorchCheckpoint(directory: directory, loading: loading)
      {
        return checkpoint
      }
      throw CheckpointError(error)
    }
  }
}

extension CheckpointError {
  init(_ error: SafetensorsError) {
    switch error {
    case .noMemory(let file, let bytes): self = .memory(MemoryError(bytes: bytes, purpose: file))
    case .noWeights, .fileNotFound, .unreadable, .standIn, .missingShards:
      self = .missingWeights(reason: error.description)
    default: self = .weights(reason: error.description)
    }
  }

  package init(_ error: PyTorchError) {
    switch error {
    case .memory(let error): self = .memory(error)
    case .fileNotFound, .unreadable: self = .missingWeights(reason: error.description)
    default: self = .weights(reason: error.description)
    }
  }
}
