import Glibc
import SwiftletSafetensors

extension CheckpointReader {
  /// All tensors under the names by which transformers saves them today, in the file's order.
  func tensors(of architecture: Architecture, asFloat32: Bool) -> [SafetensorsWriter.Tensor] {
    let kept = checkpoint.tensors.compactMap { checkpoint.stored($0.name) }.filter(isSaved)
    let names = kept.map { bareName($0.info.name) }
    // A model without a head is saved as its body, without prefix.
    let hasHead = names.contains { !isBody($0, of: architecture) }
    return zip(kept, names).map { tensor, name in
      let saved = hasHead && isBody(name, of: architecture) ? architecture.prefix + name : name
      return asFloat32 && tensor.isFloatingPoint
        ? tensor.asFloat32(named: saved) : tensor.asStored(named: saved)
    }
  }

  /// Without wrappers and prefix, and with today's names for what layer normalisation had.
  private func bareName(_ name: String) -> String {
    let name = CheckpointNames.unwrapped(name)
    let bare = name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name
    guard bare.contains("LayerNorm.") || bare.contains("layer_norm.") else { return bare }
    if bare.hasSuffix(".gamma") { return bare.dropLast("gamma".count) + "weight" }
    if bare.hasSuffix(".beta") { return bare.dropLast("beta".count) + "bias" }
    return bare
  }

  private func isBody(_ bareName: String, of architecture: Architecture) -> Bool {
    let parts =
      switch architecture {
      case .distilBERT: ["embeddings.", "transformer."]
      case .bert: ["embeddings.", "encoder.", "pooler."]
      }
    return parts.contains { bareName.hasPrefix($0) }
  }

  /// Not the numbers 0, 1, 2 …, and not what is a second copy of something tied to it.
  private func isSaved(_ tensor: StoredTensor) -> Bool {
    switch bareName(tensor.info.name) {
    case "embeddings.position_ids": false
    case "vocab_projector.weight", "cls.predictions.decoder.weight":
      !isCopy(tensor, of: "embeddings.word_embeddings.weight")
    case "cls.predictions.decoder.bias": !isCopy(tensor, of: "cls.predictions.bias")
    default: true
    }
  }

  private func isCopy(_ tensor: StoredTensor, of name: String) -> Bool {
    guard let name = resolvedName(name), let other = checkpoint.stored(name),
      tensor.info.dataType == other.info.dataType, tensor.info.shape == other.info.shape,
      let left = tensor.bytes.baseAddress, let right = other.bytes.baseAddress
    else { return false }
    return memcmp(left, right, tensor.info.byteCount) == 0
  }
}
