import SwiftletEncoder
import SwiftletKernelCore

/// What the files of sentence-transformers say about a model: `modules.json`, and the configurations
/// of its modules. A folder without them is pooled by the mean, as that library does.
struct SentenceModules {
  /// Where the encoder and its tokenizer lie.
  let folder: ModelFolder
  var poolings: [Pooling] = [.mean]
  private(set) var dense: SentenceHead.DenseModule?
  private(set) var normalizes = false
  private(set) var maximumLength: Int?
  private(set) var lowercases = false
  /// Whether the tokens of a prompt are pooled too.
  private(set) var poolsPrompts = true
  private(set) var prompts: [String: String] = [:]
  private(set) var defaultPrompt: String?

  init(directory: String) throws(SwiftletError) {
    folder = try ModelFolder(directory)
    try readPrompts(directory)
    try checkOrder()
    for module in folder.modules.dropFirst() { try read(module) }
    if let settings = try JSONTree("sentence_bert_config.json", in: folder.transformer) {
      maximumLength = settings["max_seq_length"]?.int
      lowercases = settings["do_lower_case"]?.bool ?? false
    }
    if let length = maximumLength, length < 1 {
      throw .invalidModel(
        reason: "max_seq_length in \(folder.transformer)/sentence_bert_config.json is \(length)")
    }
  }

  private mutating func readPrompts(_ directory: String) throws(SwiftletError) {
    let name = "config_sentence_transformers.json"
    guard let settings = try JSONTree(name, in: directory) else { return }
    for (key, value) in settings["prompts"]?.members ?? [] { prompts[key] = value.string }
    defaultPrompt = settings["default_prompt_name"]?.string
    if let defaultPrompt, prompts[defaultPrompt] == nil {
      throw .invalidModel(
        reason: "\(directory)/\(name) has no prompt \"\(defaultPrompt)\", its default_prompt_name")
    }
  }

  /// Modules are run in one order, whatever the list says; so a list that says another is refused.
  private func checkOrder() throws(SwiftletError) {
    let order = ["Pooling", "Dense", "Normalize"]
    var next = order.startIndex
    for module in folder.modules.dropFirst() {
      guard let place = order[next...].firstIndex(of: module.type) else {
        throw .unsupportedModel(
          reason: "\(ModelFiles.path("modules.json", in: folder.directory)) has a module "
            + "\"\(module.type)\" where Swiftlet runs none; it runs Transformer, Pooling, Dense and "
            + "Normalize, in this order and each once")
      }
      next = place + 1
    }
  }

  private mutating func read(_ module: ModelFolder.Module) throws(SwiftletError) {
    switch module.type {
    case "Pooling": try readPooling(module.path)
    case "Dense": try readDense(module.path)
    default: normalizes = true
    }
  }

  private mutating func readPooling(_ folder: String) throws(SwiftletError) {
    guard let settings = try JSONTree("config.json", in: folder) else {
      throw .missingFile(reason: "there is no \(folder)/config.json, which says how to pool")
    }
    poolsPrompts = settings["include_prompt"]?.bool ?? true
    let modes = try modes(settings, folder)
    guard (1...3).contains(modes.count) else {
      throw .unsupportedModel(
        reason:
          "\(folder)/config.json names \(modes.count) ways to pool; Swiftlet joins one to three")
    }
    poolings = modes
  }

  private func modes(_ settings: JSONTree, _ folder: String) throws(SwiftletError) -> [Pooling] {
    if let value = settings["pooling_mode"] {
      let names = value.string.map { [$0] } ?? value.elements.compactMap(\.string)
      return try names.map { (name) throws(SwiftletError) in
        guard let mode = Pooling(rawValue: name) else {
          throw .unsupportedModel(
            reason: "\(folder)/config.json pools by \"\(name)\", which Swiftlet does not know")
        }
        return mode
      }
    }
    let keys: [(String, Pooling)] = [
      ("cls_token", .cls), ("max_tokens", .max), ("mean_tokens", .mean),
      ("mean_sqrt_len_tokens", .meanSquareRoot), ("weightedmean_tokens", .weightedMean),
      ("lasttoken", .last),
    ]
    let modes = keys.filter { settings["pooling_mode_\($0.0)"]?.bool == true }.map(\.1)
    return modes.isEmpty ? [.mean] : modes
  }

  private mutating func readDense(_ folder: String) throws(SwiftletError) {
    guard let settings = try JSONTree("config.json", in: folder),
      let inputs = settings["in_features"]?.int, let outputs = settings["out_features"]?.int,
      (1...1 << 20).contains(inputs), (1...1 << 20).contains(outputs)
    else {
      throw .invalidModel(
        reason: "\(folder)/config.json must give in_features and out_features of the Dense module")
    }
    guard settings["use_residual"]?.bool != true else {
      throw .unsupportedModel(reason: "\(folder) is a Dense module with a residual")
    }
    let name = settings["activation_function"]?.string ?? "torch.nn.modules.activation.Tanh"
    let activations: [Substring: Activation] = [
      "Tanh": .tanh, "Identity": .linear, "ReLU": .relu, "GELU": .gelu, "Sigmoid": .sigmoid,
      "SiLU": .silu,
    ]
    guard let activation = name.split(separator: ".").last.flatMap({ activations[$0] }) else {
      throw .unsupportedModel(
        reason: "\(folder) has the activation \"\(name)\", which Swiftlet does not know here")
    }
    dense = SentenceHead.DenseModule(
      directory: folder, inputs: inputs, outputs: outputs,
      hasBias: settings["bias"]?.bool ?? true, activation: activation)
  }
}
