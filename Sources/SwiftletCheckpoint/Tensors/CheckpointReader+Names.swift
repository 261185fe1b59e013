import Glibc
import SwiftletSafetensors

extension CheckpointReader {
  /// All tensors with the names that transformers gives them today, in the file's order. Floats become
  /// numbers of the type `floats`; without it they keep theirs.
  func tensors(
    of configuration: ModelConfiguration, floats: DataType?
  ) -> [SafetensorsWriter.Tensor] {
    let architecture = configuration.architecture
    let parameters = configuration.parametersOfHeads
    let kept = checkpoint.tensors.compactMap { checkpoint.stored($0.name) }
      .filter { isSaved($0, parameters) }
    let names = kept.map { bareName($0.info.name) }
    // A model without a head is saved as its body, without prefix.
    let hasHead = names.contains { !architecture.isBody($0) }
    return zip(kept, names).map { tensor, name in
      let saved = hasHead && architecture.isBody(name) ? architecture.prefix + name : name
      if let floats, tensor.isFloatingPoint { return tensor.converted(to: floats, named: saved) }
      return tensor.asStored(named: saved)
    }
  }

  /// The name in today's spelling, without wrappers and prefix.
  private func bareName(_ name: String) -> String {
    let name = CheckpointNames.unwrapped(name)
    let bare = name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name
    return LayerNormSpelling.current(bare)
  }

  /// Whether transformers saves a tensor: it skips position ids and copies of a tied tensor.
  private func isSaved(_ tensor: StoredTensor, _ parameters: [String: Parameter]) -> Bool {
    let name = bareName(tensor.info.name)
    guard name != Architecture.positionIDs else { return false }
    guard let other = parameters[name]?.tiedTo else { return true }
    return !isCopy(tensor, of: other)
  }

  private func isCopy(_ tensor: StoredTensor, of name: String) -> Bool {
    guard let name = resolvedName(name), let other = checkpoint.stored(name),
      tensor.info.dataType == other.info.dataType, tensor.info.shape == other.info.shape,
      let left = tensor.bytes.baseAddress, let right = other.bytes.baseAddress
    else { return false }
    return memcmp(left, right, tensor.info.byteCount) == 0
  }
}
