import Swiftlet
import SwiftletCheckpoint
import SwiftletJSON
import SwiftletSystem
import SwiftletTokenizer

/// The files that a trained model takes over from its base: those of the tokenizer, and for sentence
/// models the modules of sentence-transformers.
struct BaseFiles {
  private let source: ModelFolder
  private let isSentenceModel: Bool

  init(_ base: String, head: ModelHead?) throws(TrainingError) {
    do throws(SwiftletError) {
      source = try ModelLocation(base).folder()
    } catch {
      throw .unreadable(reason: error.description)
    }
    isSentenceModel = head == nil
  }

  /// The folder of the base's `config.json` and weights.
  var transformer: String { source.transformer }

  /// The folder of the transformer within the output, with a slash at the end; empty for the output.
  var place: String {
    guard isSentenceModel, let name = source.modules.first?.name, !name.isEmpty else { return "" }
    return name + "/"
  }

  /// The folder of the dense layer within the output; nil without one.
  var dense: String? { isSentenceModel ? source.modules.first(where: Self.isDense)?.name : nil }

  private static func isDense(_ module: ModelFolder.Module) -> Bool { module.type == "Dense" }

  /// Copies all files, without the weights of a dense layer unless `withDense`, and returns their names.
  func copy(
    to folder: StagedFolder, configuration: ModelConfiguration, withDense: Bool
  ) throws(TrainingError) -> [String] {
    var copied: [String] = []
    for name in Tokenizer.files
    where try copy(name, from: source.tokenizer, to: place + name, in: folder) {
      copied.append(place + name)
    }
    guard isSentenceModel else { return copied }
    guard !source.modules.isEmpty else {
      return copied + (try writeModules(to: folder, configuration))
    }
    for name in ["modules.json", "config_sentence_transformers.json"]
    where try copy(name, from: source.directory, to: name, in: folder) {
      copied.append(name)
    }
    for name in Self.sentenceFiles
    where try copy(name, from: source.transformer, to: place + name, in: folder) {
      copied.append(place + name)
    }
    for module in source.modules.dropFirst() where !module.name.isEmpty {
      let weights = Self.isDense(module) && !withDense ? [] : module.weightFiles
      for name in ["config.json"] + weights {
        let target = "\(module.name)/\(name)"
        if try copy(name, from: module.path, to: target, in: folder) { copied.append(target) }
      }
    }
    return copied
  }

  /// The names of sentence-transformers' settings in its releases.
  private static let sentenceFiles = [
    "bert", "roberta", "distilbert", "camembert", "albert", "xlm-roberta", "xlnet",
  ].map { "sentence_\($0)_config.json" }

  private func copy(
    _ name: String, from directory: String, to target: String, in folder: StagedFolder
  ) throws(TrainingError) -> Bool {
    try OutputFiles.copy(OutputFiles.path(name, in: directory), to: target, in: folder)
  }

  /// Writes what sentence-transformers makes of a plain model: mean pooling.
  private func writeModules(
    to folder: StagedFolder, _ configuration: ModelConfiguration
  ) throws(TrainingError) -> [String] {
    func module(_ index: Int, _ path: String, _ type: String) -> JSONValue {
      .object([
        ("idx", .int(index)), ("name", .string("\(index)")), ("path", .string(path)),
        ("type", .string("sentence_transformers.models.\(type)")),
      ])
    }
    let files: [(String, JSONValue)] = [
      ("modules.json", .array([module(0, "", "Transformer"), module(1, "1_Pooling", "Pooling")])),
      (
        "1_Pooling/config.json",
        .object([
          ("word_embedding_dimension", .int(configuration.hiddenSize)),
          ("pooling_mode_cls_token", .bool(false)), ("pooling_mode_mean_tokens", .bool(true)),
          ("pooling_mode_max_tokens", .bool(false)),
          ("pooling_mode_mean_sqrt_len_tokens", .bool(false)),
        ])
      ),
      (
        "sentence_bert_config.json",
        .object([
          ("max_seq_length", .int(configuration.maxPositions)), ("do_lower_case", .bool(false)),
        ])
      ),
    ]
    for (name, value) in files {
      try OutputFiles.write(value.document, to: name, in: folder)
    }
    return files.map(\.0)
  }
}
