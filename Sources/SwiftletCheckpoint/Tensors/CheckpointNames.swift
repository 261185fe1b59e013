package import SwiftletSafetensors

/// The tensors of a checkpoint by the names that transformers has for them, whichever wrapper the
/// model was saved in: `torch.compile` puts `_orig_mod.` into the names, `DataParallel` and
/// `DistributedDataParallel` put `module.` there, before the model's own prefix or behind it.
package struct CheckpointNames: Sendable {
  let checkpoint: SafetensorsCheckpoint
  /// `distilbert.` or `bert.` where the checkpoint has a head, nothing where it is the bare model.
  let prefix: String
  /// Wrapped names by what they wrap.
  private let wrapped: [String: String]

  /// - Throws: `ambiguousTensor` if two tensors have one name once their wrappers are off.
  package init(_ checkpoint: SafetensorsCheckpoint, directory: String) throws(CheckpointError) {
    self.checkpoint = checkpoint
    var wrapped: [String: String] = [:]
    for tensor in checkpoint.tensors {
      let name = Self.unwrapped(tensor.name)
      guard name != tensor.name else { continue }
      let other = checkpoint.tensor(name)?.name ?? wrapped.updateValue(tensor.name, forKey: name)
      guard let other else { continue }
      throw .ambiguousTensor(path: directory, names: [other, tensor.name])
    }
    self.wrapped = wrapped
    let word = Architecture.wordEmbeddings + ".weight"
    prefix =
      Architecture.allCases.map(\.prefix).first {
        checkpoint.tensor($0 + word) != nil || wrapped[$0 + word] != nil
      } ?? ""
  }

  /// A name without the parts that are wrappers.
  package static func unwrapped(_ name: String) -> String {
    guard wrappers.contains(where: { name.contains($0) }) else { return name }
    return name.split(separator: ".", omittingEmptySubsequences: false)
      .filter { !wrappers.contains(String($0)) }.joined(separator: ".")
  }

  private static let wrappers = ["_orig_mod", "module"]

  /// The tensor of a name without wrappers; nil if there is none.
  func tensor(_ name: String) -> TensorInfo? {
    checkpoint.tensor(name) ?? wrapped[name].flatMap { checkpoint.tensor($0) }
  }

  /// The tensor of a name of the body or a head: with or without the prefix, and with the `gamma` and
  /// `beta` that layer normalisation had in the first releases.
  func find(_ name: String) -> TensorInfo? {
    if let tensor = tensor(name) ?? tensor(prefix + name) { return tensor }
    guard let first = LayerNormSpelling.first(name) else { return nil }
    return tensor(prefix + first) ?? tensor(first)
  }
}

/// `gamma` and `beta`, which the first releases of BERT called weight and bias of layer normalisation.
enum LayerNormSpelling {
  /// Nil for a name that has no other spelling.
  static func first(_ name: String) -> String? {
    replaced(name, ".weight", ".gamma") ?? replaced(name, ".bias", ".beta")
  }

  static func current(_ name: String) -> String {
    replaced(name, ".gamma", ".weight") ?? replaced(name, ".beta", ".bias") ?? name
  }

  private static func replaced(_ name: String, _ end: String, _ other: String) -> String? {
    guard name.hasSuffix(end), name.contains("LayerNorm.") || name.contains("layer_norm.") else {
      return nil
    }
    return name.dropLast(end.count) + other
  }
}
