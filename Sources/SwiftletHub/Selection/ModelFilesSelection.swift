#if Hub
import SwiftletTokenizer

/// Which files of a repository a model needs: its settings, its tokenizer, and weights in one format.
struct ModelFilesSelection {
  private let listing: TreeListing

  init(_ listing: TreeListing) { self.listing = listing }

  /// Files beside the weights, which are small: they are downloaded first, so that a model that Swiftlet
  /// does not support is refused before its weights are.
  var settings: [String] { present(Self.settingsNames) }

  /// Files of one module of sentence-transformers, in the folder `name`; without the weights of the
  /// transformer itself.
  func settings(ofModule name: String) -> [String] {
    present(Self.settingsNames.map { Self.path($0, in: name) })
  }

  private static let settingsNames =
    ["config.json"] + Tokenizer.files + [
      "adapter_config.json", "modules.json", "config_sentence_transformers.json",
      "sentence_bert_config.json", "sentence_roberta_config.json",
      "sentence_distilbert_config.json", "sentence_camembert_config.json",
      "sentence_albert_config.json", "sentence_xlm-roberta_config.json",
      "sentence_xlnet_config.json", "training.json",
    ]

  /// The weights of a model, in the folder `name`.
  enum Weights: Equatable {
    /// All files of the weights.
    case files([String])
    /// The index of weights in several files, which lists them.
    case index(String)
  }

  /// The weights in the first format of which the folder has files: safetensors, then PyTorch, then
  /// ONNX; nil if it has none.
  func weights(in folder: String) -> Weights? {
    for name in ["model.safetensors", "pytorch_model.bin"] {
      let path = Self.path(name, in: folder)
      if has(path) { return .files([path]) }
      let index = path + ".index.json"
      if has(index) { return .index(index) }
    }
    let graphs = [
      "onnx/model.onnx", "model.onnx", "onnx/model_quantized.onnx", "model_quantized.onnx",
    ]
    for name in graphs {
      let path = Self.path(name, in: folder)
      guard has(path) else { continue }
      // Large graphs have their tensors in a file beside them.
      return .files([path] + present([path + "_data", path + ".data"]))
    }
    return nil
  }

  /// Names that a repository without weights has instead, for the error.
  var otherWeights: [String] {
    let suffixes = [
      ".safetensors", ".bin", ".h5", ".msgpack", ".onnx", ".gguf", ".pt", ".pth", ".ckpt", ".ot",
    ]
    return listing.entries.map(\.path).filter { path in suffixes.contains { path.hasSuffix($0) } }
  }

  private func has(_ path: String) -> Bool { listing[path] != nil }

  private func present(_ paths: [String]) -> [String] { paths.filter(has) }

  static func path(_ name: String, in folder: String) -> String {
    folder.isEmpty ? name : "\(folder)/\(name)"
  }
}
#endif
