import SwiftletSafetensors

/// Finds the tensors of a checkpoint by their names in transformers.
///
/// Ignores the wrappers in which a model was saved: `torch.compile` adds `_orig_mod.` to the names,
/// `DataParallel` and `DistributedDataParallel` add `module.`, before or behind the model's own prefix.
package struct CheckpointNames: Sendable {
  let checkpoint: any TensorSource
  /// `distilbert.` or `bert.` if the checkpoint has a head, empty for a bare model.
  let prefix: String
  /// Names with a wrapper, by their names without it.
  private let wrapped: [String: String]
  /// The stored name of each name that exists; nil if names are stored as they are.
  var sources: [String: String]?

  /// - Throws: `ambiguousTensor` if two tensors have the same name without wrappers.
  package init(_ checkpoint: any TensorSource, directory: String) throws(CheckpointError) {
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
    let words = [Architecture.wordEmbeddings + ".weight", QuantizedFormat.Table.words.values]
    prefix =
      Architecture.allCases.map(\.prefix).first { prefix in
        words.contains { checkpoint.tensor(prefix + $0) != nil || wrapped[prefix + $0] != nil }
      } ?? ""
  }

  /// The name without wrappers.
  package static func unwrapped(_ name: String) -> String {
    guard wrappers.contains(where: { name.contains($0) }) else { return name }
    return name.split(separator: ".", omittingEmptySubsequences: false)
      .filter { !wrappers.contains(String($0)) }.joined(separator: ".")
  }

  private static let wrappers = ["_orig_mod", "module"]

  /// The tensor with a name, apart from wrappers.
  func tensor(_ name: String) -> TensorInfo? {
    checkpoint.tensor(name) ?? wrapped[name].flatMap { checkpoint.tensor($0) }
  }

  /// The tensor of the body or a head that has a name in one of its spellings: with or without the prefix,
  /// and with ``LayerNormSpelling``.
  func find(_ name: String) -> TensorInfo? {
    guard let name = sources.map({ $0[name] }) ?? name else { return nil }
    if let tensor = tensor(name) ?? tensor(prefix + name) { return tensor }
    guard let first = LayerNormSpelling.first(name) else { return nil }
    return tensor(prefix + first) ?? tensor(first)
  }
}

/// The first releases of BERT called weight and bias of layer normalisation `gamma` and `beta`.
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
