import SwiftletEncoder
import SwiftletJSON
import SwiftletKernelCore

/// The modules of a sentence-transformers model: `modules.json` and the modules' configurations.
/// Without them the model uses mean pooling, as in sentence-transformers.
struct SentenceModules {
  /// The folders of the encoder and its tokenizer.
  let folder: ModelFolder
  var poolings: [Pooling] = [.mean]
  private(set) var dense: SentenceHead.DenseModule?
  private(set) var normalizes = false
  /// Settings of the tokenizer and the maximum lengths.
  private(set) var settings = SentenceSettings()
  /// Whether the tokens of a prompt are pooled too.
  private(set) var poolsPrompts = true
  private(set) var prompts = Prompts()
  /// The number of elements to which embeddings are truncated.
  private(set) var dimensions: Int?

  init(directory: String) throws(SwiftletError) {
    folder = try ModelFolder(directory)
    let configuration = try SentenceConfiguration(folder)
    switch configuration.modelType {
    case SentenceConfiguration.sentenceModel: break
    // Like sentence-transformers, uses the encoder of a cross-encoder with mean pooling.
    case SentenceConfiguration.crossEncoder: return
    default:
      throw .unsupportedModel(
        reason:
          "\(ModelFiles.path(SentenceConfiguration.file, in: directory)) has the model_type "
          + "\(configuration.modelType); Swiftlet embeds with a SentenceTransformer")
    }
    prompts = configuration.prompts
    dimensions = configuration.dimensions
    try checkOrder()
    for module in folder.modules.dropFirst() { try read(module) }
    guard !folder.modules.isEmpty else { return }
    settings = try SentenceSettings(directory: folder.transformer, for: .embedding)
  }

  /// Throws unless the modules are in the only order that the head supports.
  private func checkOrder() throws(SwiftletError) {
    let order = ["Pooling", "Dense", "Normalize"]
    var next = order.startIndex
    for module in folder.modules.dropFirst() {
      guard let place = order[next...].firstIndex(of: module.type) else {
        throw .unsupportedModel(
          reason: "\(ModelFiles.path("modules.json", in: folder.directory)) has a module "
            + "\"\(module.type)\" at an unsupported position; Swiftlet supports Transformer, Pooling, "
            + "Dense and Normalize, in this order and each once")
      }
      next = place + 1
    }
  }

  private mutating func read(_ module: ModelFolder.Module) throws(SwiftletError) {
    switch module.type {
    case "Pooling": try readPooling(module.path)
    case "Dense": try readDense(module.path)
    default:
      normalizes = true
      if let settings = try JSONValue("config.json", in: module.path) {
        try checkNames(settings, module.path)
      }
    }
  }

  /// Throws if a module reads or writes something other than embeddings.
  private func checkNames(_ settings: JSONValue, _ folder: String) throws(SwiftletError) {
    for key in ["module_input_name", "module_output_name"] {
      guard let name = settings[key]?.string, name != "sentence_embedding" else { continue }
      throw .unsupportedModel(
        reason: "\(folder)/config.json has the \"\(key)\" \"\(name)\"; Swiftlet supports only "
          + "\"sentence_embedding\"")
    }
  }

  private mutating func readPooling(_ folder: String) throws(SwiftletError) {
    guard let settings = try JSONValue("config.json", in: folder) else {
      throw .missingFile(reason: "there is no \(folder)/config.json, which says how to pool")
    }
    poolsPrompts = settings["include_prompt"]?.bool ?? true
    let modes = try modes(settings, folder)
    guard (1...3).contains(modes.count) else {
      throw .unsupportedModel(
        reason:
          "\(folder)/config.json has \(modes.count) pooling modes; Swiftlet supports 1 to 3")
    }
    poolings = modes
  }

  private func modes(_ settings: JSONValue, _ folder: String) throws(SwiftletError) -> [Pooling] {
    if let value = settings["pooling_mode"] {
      let names = value.string.map { [$0] } ?? value.elements.compactMap(\.string)
      return try names.map { (name) throws(SwiftletError) in
        guard let mode = Pooling(rawValue: name) else {
          throw .unsupportedModel(
            reason:
              "\(folder)/config.json has the pooling mode \"\(name)\", which Swiftlet does not "
              + "support")
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
    guard let settings = try JSONValue("config.json", in: folder),
      let inputs = settings["in_features"]?.int, let outputs = settings["out_features"]?.int,
      (1...1 << 20).contains(inputs), (1...1 << 20).contains(outputs)
    else {
      throw .invalidModel(
        reason: "\(folder)/config.json must have in_features and out_features of the Dense module, "
          + "from 1 to \(1 << 20)")
    }
    guard settings["use_residual"]?.bool != true else {
      throw .unsupportedModel(
        reason: "\(folder) is a Dense module with a residual, which Swiftlet does not support")
    }
    try checkNames(settings, folder)
    let name = settings["activation_function"]?.string ?? "torch.nn.modules.activation.Tanh"
    let activations: [Substring: Activation] = [
      "Tanh": .tanh, "Identity": .linear, "ReLU": .relu, "GELU": .gelu, "Sigmoid": .sigmoid,
      "SiLU": .silu,
    ]
    guard name.hasPrefix("torch."),
      let activation = name.split(separator: ".").last.flatMap({ activations[$0] })
    else {
      throw .unsupportedModel(
        reason:
          "\(folder) has the activation \"\(name)\", which Swiftlet does not support in a Dense "
          + "module")
    }
    dense = SentenceHead.DenseModule(
      directory: folder, inputs: inputs, outputs: outputs,
      hasBias: settings["bias"]?.bool ?? true, activation: activation)
  }
}
