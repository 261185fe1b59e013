import SwiftletJSON
import SwiftletSafetensors
import SwiftletSystem
import SwiftletTokenizer

/// Explains a folder that is not a model saved by transformers, and what to do.
struct ForeignFolder {
  private let directory: String
  private let entries: [String]

  init(_ directory: String, _ entries: [String]) {
    self.directory = directory
    self.entries = entries.sorted()
  }

  /// Names of weights that loading reads or explains.
  static let knownWeights: Set<String> = [
    "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin",
    "pytorch_model.bin.index.json", "tf_model.h5", "tf_model.h5.index.json", "flax_model.msgpack",
    "flax_model.msgpack.index.json", "model.onnx", "model_quantized.onnx", "onnx",
    "openvino_model.bin", "openvino",
  ]

  private func path(_ name: String) -> String { ModelFiles.path(name, in: directory) }

  // MARK: Adapters

  /// The reason if the folder has an adapter, even beside its model: transformers applies it, so
  /// the model alone has other answers.
  var adapter: String? {
    guard entries.contains("adapter_config.json") else { return nil }
    let settings = try? JSONValue("adapter_config.json", in: directory)
    let base = settings?["base_model_name_or_path"]?.string ?? "the base model"
    let merged = directory.trimmingSlashes + "-merged"
    let tokenizer = ModelFiles.hasTokenizer(directory) ? directory : base
    let command = Self.mergeCommand(
      settings?["task_type"]?.string, adapter: directory, tokenizer: tokenizer, merged: merged,
      labelCount: labelCount)
    return
      "\(directory) has a PEFT adapter (adapter_config.json) for \(base); merge it first, in Python "
      + "(pip install peft transformers): \(command)"
  }

  /// The number of labels of the adapter's head; nil if it is unknown.
  private var labelCount: Int? {
    guard let file = try? SafetensorsFile(path: path("adapter_model.safetensors")) else {
      return nil
    }
    return file.tensors.first { $0.name.hasSuffix("classifier.weight") }?.shape.first
  }

  private static func mergeCommand(
    _ task: String?, adapter: String, tokenizer: String, merged: String, labelCount: Int?
  ) -> String {
    let names = [
      "SEQ_CLS": "SequenceClassification", "TOKEN_CLS": "TokenClassification",
      "QUESTION_ANS": "QuestionAnswering", "FEATURE_EXTRACTION": "FeatureExtraction",
    ]
    let name = task.flatMap { names[$0] }
    let labels = labelCount.map { ", num_labels=\($0)" } ?? ""
    return "python3 -c 'from transformers import AutoTokenizer as T; from peft import AutoPeftModel"
      + (name.map { "For\($0)" } ?? "") + " as M; M.from_pretrained(\"\(adapter)\""
      + (name?.hasSuffix("Classification") == true ? labels : "")
      + ").merge_and_unload().save_pretrained(\"\(merged)\"); T.from_pretrained(\"\(tokenizer)\")"
      + ".save_pretrained(\"\(merged)\")'"
  }

  // MARK: Incomplete folders

  /// The reason if a link is broken, because a snapshot of the Hub's cache was copied without its
  /// blobs.
  var brokenLinks: String? {
    let parts = Self.knownWeights.union(Tokenizer.files + ["config.json", "modules.json"])
    let broken = entries.filter { parts.contains($0) && !FileStatus.exists(path($0)) }
    guard let name = broken.first else { return nil }
    return
      "\(path(name)) is a broken link; a snapshot of the Hub's cache needs the blobs beside it: copy "
      + "it with cp -rL, or download it with \"hf download --local-dir\""
  }

  /// Explains a folder without config.json.
  var withoutConfiguration: SwiftletError {
    let here = "there is no config.json in \(directory)"
    if entries.isEmpty {
      return .missingFile(
        reason: "\(directory) is an empty folder; expected config.json, model.safetensors and a "
          + "vocabulary: download the model into it with \"hf download\"")
    }
    let weights = entries.first(where: isWeights)
    if weights == nil, let error = withoutWeights { return error }
    if weights == nil, ModelFiles.hasTokenizer(directory) {
      return .missingFile(
        reason: "\(here): it has only a tokenizer; add config.json and model.safetensors of the "
          + "model, or name the model's folder")
    }
    if let weights {
      return .missingFile(
        reason:
          "\(here), which describes the weights in \(weights); copy it from the source of the "
          + "weights")
    }
    return .missingFile(
      reason:
        "\(here); expected config.json, model.safetensors and a vocabulary, found "
        + listed(entries))
  }

  private func isWeights(_ name: String) -> Bool {
    name.hasSuffix(".safetensors") || Self.knownWeights.contains(name)
  }

  /// Explains a folder without known names of weights; nil if it is not recognised.
  var withoutWeights: SwiftletError? {
    if let foldersBelow {
      return .missingFile(reason: "\(directory) is not the folder of a model: \(foldersBelow)")
    }
    return otherWeights.map { .unsupportedModel(reason: $0) }
  }

  /// Describes subfolders that are models, except modules of sentence-transformers.
  private var foldersBelow: String? {
    if entries.contains("modules.json") { return nil }
    let models = entries.filter(isModel)
    guard !models.isEmpty else { return nil }
    let checkpoints = models.compactMap(Self.step(of:))
    if let last = checkpoints.max() {
      let count = checkpoints.count
      return "it has \(count == 1 ? "a" : "\(count)") training checkpoint\(count == 1 ? "" : "s"); "
        + "name one, such as the last: \(path("checkpoint-\(last)"))"
    }
    return models.count == 1
      ? "the model is one folder below; name \(path(models[0]))"
      : "it has \(models.count) folders of models; name one: "
        + models.prefix(4).map(path).joined(separator: ", ")
  }

  private func isModel(_ name: String) -> Bool {
    let below = ModelFiles.entries(of: path(name))
    if ["modules.json", "adapter_config.json", "snapshots"].contains(where: below.contains) {
      return true
    }
    return below.contains("config.json")
      && (Self.step(of: name) != nil || below.contains(where: isWeights))
  }

  /// Returns the training step in the name of a checkpoint.
  private static func step(of name: String) -> Int? {
    name.hasPrefix("checkpoint-") ? Int(name.dropFirst("checkpoint-".count)) : nil
  }

  // MARK: Other weights

  /// The reason if the folder has weights in a recognised format that Swiftlet does not read.
  private var otherWeights: String? {
    if entries.contains("saved_model.pb") {
      return
        "\(directory) is a TensorFlow SavedModel; load the model in Python with the transformers class "
        + "that it was made with, and save it with save_pretrained"
    }
    if entries.contains(where: { $0.hasPrefix("model.ckpt") || $0.hasSuffix(".ckpt.index") }) {
      return
        "\(directory) is a TensorFlow 1 checkpoint; convert it in Python with transformers 4 "
        + "(convert_bert_original_tf_checkpoint_to_pytorch), and save it with save_pretrained"
    }
    for name in entries where !Self.trainingFiles.contains(name) {
      guard let format = ForeignFormats.format(of: name) else { continue }
      return
        "\(path(name)) is \(format.name), which Swiftlet does not read; \(format.advice(for: path(name)))"
    }
    return nil
  }

  /// Files that a trainer saves besides the weights.
  private static let trainingFiles: Set<String> = [
    "training_args.bin", "optimizer.pt", "optimizer.bin", "scheduler.pt", "scheduler.bin",
    "rng_state.pth", "scaler.pt",
  ]

  private func listed(_ names: [String]) -> String {
    names.prefix(4).joined(separator: ", ")
      + (names.count > 4 ? " and \(names.count - 4) more" : "")
  }
}

extension String {
  /// The path without trailing slashes.
  fileprivate var trimmingSlashes: String {
    let end = lastIndex { $0 != "/" }
    return end.map { String(self[...$0]) } ?? self
  }
}
