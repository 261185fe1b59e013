import SwiftletJSON
import SwiftletTokenizer

/// The settings of sentence-transformers for a transformer module.
///
/// A key that changes answers and that Swiftlet does not support is an error.
struct SentenceSettings {
  /// The model's task, by the names of sentence-transformers.
  enum Task: String {
    case embedding = "feature-extraction"
    case classification = "sequence-classification"

    fileprivate var output: (method: String, module: String) {
      switch self {
      case .embedding: ("last_hidden_state", "token_embeddings")
      case .classification: ("logits", "scores")
      }
    }
  }

  /// The names of the file in all releases; the first one that exists and is not empty is used.
  static let files = [
    "sentence_bert_config.json", "sentence_roberta_config.json",
    "sentence_distilbert_config.json", "sentence_camembert_config.json",
    "sentence_albert_config.json", "sentence_xlm-roberta_config.json",
    "sentence_xlnet_config.json",
  ]

  /// Settings that override the tokenizer's files.
  private(set) var overrides = TokenizerOverrides()
  /// The maximum number of tokens of a text, which overrides the tokenizer's.
  private(set) var maxLength: Int?
  /// The maximum number of tokens of a text embedded as a query.
  private(set) var queryLength: Int?
  /// The maximum number of tokens of a text embedded as a document.
  private(set) var documentLength: Int?
  /// Whether queries are padded with tokens that the model attends to.
  private(set) var expandsQueries = false

  init() {}

  /// Reads the settings in a transformer's folder.
  init(directory: String, for task: Task) throws(SwiftletError) {
    for file in Self.files {
      guard let tree = try JSONValue(file, in: directory), !tree.members.isEmpty else { continue }
      try read(tree, ModelFiles.path(file, in: directory), task)
      return
    }
  }

  private mutating func read(
    _ tree: JSONValue, _ path: String, _ task: Task
  ) throws(SwiftletError) {
    for (key, _) in tree.members where !Self.keys.contains(key) {
      throw Self.unsupported(path, "the key \"\(key)\"")
    }
    try Self.check(tree, path, task)
    let names = ["tokenizer_args", "processor_kwargs"]
    let tokenizer = names.lazy.compactMap { name in tree[name].map { (name, $0) } }.first
    if let (name, keys) = tokenizer {
      overrides.keys = TokenizerOverrides.Keys(json: keys.json, path: "\(path), \"\(name)\"")
    }
    // Even null overrides the older key.
    if tokenizer?.1.members.contains(where: { $0.key == "model_max_length" }) != true {
      overrides.modelMaxLength = try tree.count("max_seq_length", path)
    }
    overrides.lowercasesFirst = tree["do_lower_case"]?.bool ?? false
    queryLength = try tree.count("query_length", path)
    documentLength = try tree.count("document_length", path)
    expandsQueries = tree["query_expansion"] != nil
    try readCall(tree["processing_kwargs"], path)
  }

  /// Reads the arguments of tokenizer calls; `common` overrides `text`.
  private mutating func readCall(_ tree: JSONValue?, _ path: String) throws(SwiftletError) {
    for section in ["text", "common"] {
      guard let arguments = tree?[section] else { continue }
      for (key, value) in arguments.members {
        switch key {
        case "max_length": maxLength = try arguments.count(key, path)
        case "truncation" where value.bool == true || value.string == "longest_first": break
        case "padding", "padding_side", "pad_to_multiple_of", "return_tensors",
          "return_attention_mask", "verbose":
          break
        default: throw Self.unsupported(path, "\"\(key)\" in \"processing_kwargs\"")
        }
      }
    }
  }

  private static func check(_ tree: JSONValue, _ path: String, _ task: Task) throws(SwiftletError) {
    if let found = tree["transformer_task"]?.string, found != task.rawValue {
      throw unsupported(path, "the \"transformer_task\" \"\(found)\"")
    }
    if let found = tree["tokenizer_name_or_path"]?.string {
      throw unsupported(path, "a tokenizer of another folder, \"\(found)\"")
    }
    for name in ["model_args", "model_kwargs", "config_args", "config_kwargs"] {
      for (key, _) in tree[name]?.members ?? [] where !harmless.contains(key) {
        throw unsupported(path, "\"\(key)\" in \"\(name)\"")
      }
    }
    guard let modalities = tree["modality_config"] else { return }
    let (method, module) = task.output
    if modalities["message"] != nil { throw unsupported(path, "texts as chat messages") }
    for (_, value) in modalities.members.filter({ $0.key == "text" }) {
      let output = value["method_output_name"]
      let name = output?.string ?? output?.elements.map { $0.string ?? "" }.joined(separator: ".")
      guard value["method"]?.string == "forward", name == method else {
        throw unsupported(path, "the output \"\(name ?? "")\" in \"modality_config\"")
      }
    }
    if let name = tree["module_output_name"]?.string, name != module {
      throw unsupported(path, "the \"module_output_name\" \"\(name)\"")
    }
  }

  private static func unsupported(_ path: String, _ what: String) -> SwiftletError {
    .unsupportedModel(reason: "\(path) has \(what), which Swiftlet does not support")
  }

  private static let keys: Set<String> = [
    "max_seq_length", "do_lower_case", "tokenizer_args", "processor_kwargs", "model_args",
    "model_kwargs", "config_args", "config_kwargs", "processing_kwargs", "query_length",
    "document_length", "query_expansion", "transformer_task", "modality_config",
    "module_output_name", "unpad_inputs", "tokenizer_name_or_path", "backend",
  ]

  /// Keys about how a model is found, stored and run, which do not change answers in float32.
  private static let harmless: Set<String> = [
    "attn_implementation", "cache_dir", "code_revision", "device_map", "dtype", "export",
    "file_name", "force_download", "local_files_only", "low_cpu_mem_usage", "output_attentions",
    "output_hidden_states", "provider", "return_dict", "revision", "subfolder", "token",
    "torch_dtype", "trust_remote_code", "use_auth_token", "use_cache", "use_safetensors",
  ]
}
