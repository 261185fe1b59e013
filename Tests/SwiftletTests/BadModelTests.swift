import Swiftlet
import Testing

/// A flaw of a model, and the text of its error.
struct Damage: Sendable, CustomTestStringConvertible {
  enum Kind: Sendable { case missingFile, invalidModel, unsupportedModel }

  let testDescription: String
  let kind: Kind
  /// The parts of the description beside the model's path.
  let words: [String]
  let apply: @Sendable (TemporaryModel) throws -> Void

  init(
    _ name: String, _ kind: Kind, _ words: [String],
    apply: @escaping @Sendable (TemporaryModel) throws -> Void
  ) {
    testDescription = name
    self.kind = kind
    self.words = words
    self.apply = apply
  }

  /// A value, as JSON, in config.json.
  static func configuration(
    _ key: String, _ json: String?, _ words: [String], _ kind: Kind = .invalidModel
  ) -> Damage {
    Damage("\(key): \(json ?? "absent")", kind, ["config.json"] + words) {
      try $0.change("config.json", [key: json])
    }
  }

  /// The error on loading.
  func check(_ fixture: String = "single-label", loading: WeightLoading) throws {
    let model = try TemporaryModel(copying: fixture)
    try apply(model)
    let error = #expect(throws: SwiftletError.self) {
      _ = try model.classifier(loading: loading)
    }
    guard let error else { return }
    let found: Kind? =
      switch error {
      case .missingFile: .missingFile
      case .invalidModel: .invalidModel
      case .unsupportedModel: .unsupportedModel
      default: nil
      }
    #expect(found == kind, "\(error)")
    for word in words + [model.path] {
      #expect(error.description.contains(word), "\(word) is not in: \(error.description)")
    }
  }
}

struct BadModelTests {
  @Test(
    arguments: files + configurations + sizes + labels + tensors, [WeightLoading.mapped, .read])
  func `a bad model is refused with the reason and the place`(
    damage: Damage, loading: WeightLoading
  ) throws {
    try damage.check(loading: loading)
  }

  @Test(arguments: 0..<50, [WeightLoading.mapped, .read])
  func `weights cut short anywhere are refused`(part: Int, loading: WeightLoading) throws {
    try Damage("cut", .invalidModel, ["model.safetensors"]) {
      try $0.truncate("model.safetensors", to: $0.size("model.safetensors") * part / 50)
    }.check(loading: loading)
  }

  @Test(arguments: [("/nonexistent/model", "no folder /nonexistent/model"), ("", "is empty")])
  func `a missing directory is an error`(path: String, words: String) {
    let error = #expect(throws: SwiftletError.self) { _ = try Classifier(directory: path) }
    guard case .missingFile(let reason) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(reason.contains(words))
  }

  @Test func `a file is refused as a model`() {
    let path = Fixture.path("plain/vocab.txt")
    let error = #expect(throws: SwiftletError.self) { _ = try Classifier(directory: path) }
    guard case .missingFile(let reason) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(reason.contains(path) && reason.contains("name the folder"))
  }

  @Test
  func `a checkpoint that lacks the head of its architecture names the head's tensors`() throws {
    let model = try TemporaryModel(copying: "bare")
    try model.change(
      "config.json", ["architectures": #"["DistilBertForSequenceClassification"]"#])
    let error = #expect(throws: SwiftletError.self) { _ = try model.classifier() }
    let description = error?.description ?? ""
    for word in ["pre_classifier.weight", "classifier.bias", model.path] {
      #expect(description.contains(word), "\(description)")
    }
  }

  @Test func `a token beyond the embeddings is an error with its text's place`() throws {
    let model = try TemporaryModel(copying: "single-label")
    try model.write(try model.text("vocab.txt") + "zebra\n", to: "vocab.txt")
    let classifier = try model.classifier()
    #expect(try classifier.classify(["good", "bad"]).count == 2)
    let error = #expect(throws: SwiftletError.self) {
      _ = try classifier.classify(["good", "a zebra"])
    }
    #expect(error == .text(.unknownToken(id: 165, vocabularySize: 165), index: 1))
    #expect(error?.description.contains("text 2") == true)
  }

  /// Without special tokens in tokenizer.json, an empty text has no token to classify.
  @Test func `a text without tokens is an error, alone and in a batch`() throws {
    let model = try TemporaryModel(copying: "tokenizer-json")
    try model.change("tokenizer.json", ["post_processor": "null"])
    let settings = ["tokenizer_class": "\"PreTrainedTokenizerFast\""]
    try model.change("tokenizer_config.json", settings)
    let classifier = try model.classifier()
    #expect(try classifier.classify("good").tokenCount == 1)
    #expect(try classifier.classify(["good", "bad film"]).count == 2)
    for texts in [[""], ["good", "", "bad"], ["good", " "]] {
      let error = #expect(throws: SwiftletError.self) { _ = try classifier.classify(texts) }
      let place = texts.count == 1 ? "text 1" : "text 2"
      #expect(error?.description.contains("\(place) has no tokens") == true)
    }
  }

  @Test(arguments: ["null", #"{"bits": 8, "quant_method": "swiftlet-int8", "version": 2}"#])
  func `a null quantization_config and Swiftlet's own are accepted`(json: String) throws {
    let model = try TemporaryModel(copying: "single-label")
    try model.change("config.json", ["quantization_config": json])
    #expect(try model.classifier().classify("good").scores.count == 3)
  }

  @Test func `surplus files are ignored`() throws {
    let model = try TemporaryModel(copying: "single-label")
    try model.write("not JSON", to: "training_args.json")
    try model.write("", to: "pytorch_model.bin")
    #expect(try model.classifier().classify("good").scores.count == 3)
  }
}

extension BadModelTests {
  private static let files = [
    Damage("no config.json", .missingFile, ["there is no config.json"]) {
      try $0.remove("config.json")
    },
    Damage("no weights", .missingFile, ["no weights", "model.safetensors"]) {
      try $0.remove("model.safetensors")
    },
    Damage("a broken file of PyTorch only", .invalidModel, ["pytorch_model.bin", "torch.save"]) {
      try $0.remove("model.safetensors")
      try $0.write("x", to: "pytorch_model.bin")
    },
    Damage("no vocabulary", .missingFile, ["vocab.txt", "tokenizer.json"]) {
      try $0.remove("vocab.txt")
    },
    Damage("an empty config.json", .invalidModel, ["config.json"]) {
      try $0.write("", to: "config.json")
    },
    Damage("empty weights", .invalidModel, ["model.safetensors"]) {
      try $0.write("", to: "model.safetensors")
    },
    Damage("an empty vocabulary", .invalidModel, ["vocab.txt"]) {
      try $0.write("", to: "vocab.txt")
    },
    Damage("an empty tokenizer_config.json", .invalidModel, ["tokenizer_config.json"]) {
      try $0.write("", to: "tokenizer_config.json")
    },
    Damage("a config.json that is no JSON", .invalidModel, ["config.json", "byte"]) {
      try $0.write("{\"dim\": 12,,}", to: "config.json")
    },
    Damage("a config.json that is a list", .invalidModel, ["config.json"]) {
      try $0.write("[1, 2]", to: "config.json")
    },
    Damage("a config.json with a key twice", .invalidModel, ["config.json", "dim"]) {
      try $0.write("{\"dim\": 12, \"dim\": 13}", to: "config.json")
    },
    Damage("a config.json nested too deep", .invalidModel, ["config.json"]) {
      try $0.write(String(repeating: "{\"a\":", count: 100_000), to: "config.json")
    },
    Damage("a tokenizer.json cut short", .invalidModel, ["tokenizer.json"]) {
      try $0.write("{\"version\": \"1.0\", ", to: "tokenizer.json")
    },
    Damage("a Git LFS pointer", .missingFile, ["model.safetensors", "git lfs pull"]) {
      try $0.write("version https://git-lfs.github.com/spec/v1\n", to: "model.safetensors")
    },
  ]

  private static let configurations: [Damage] = [
    .configuration("pruned_heads", "{\"0\": [1]}", ["pruned_heads"], .unsupportedModel),
    .configuration(
      "quantization_config", #"{"load_in_8bit": true, "quant_method": "bitsandbytes"}"#,
      ["bitsandbytes", "quantization_config", "float weights"], .unsupportedModel),
    .configuration(
      "quantization_config", #"{"bits": 4}"#, ["quant_method", "float weights"], .unsupportedModel),
    .configuration("quantization_config", "\"gptq\"", []),
    .configuration("quantization_config", #"{"quant_method": 8}"#, []),
    .configuration("activation", "\"prelu\"", ["activation", "prelu"]),
    .configuration("activation", "7", []),
    .configuration("problem_type", "\"ranking\"", ["problem_type", "ranking", "regression"]),
    .configuration("problem_type", "1", []),
  ]

  private static let sizes: [Damage] = [
    .configuration("n_heads", "5", ["5 heads", "12"]),
    .configuration("n_heads", "0", ["n_heads"]),
    .configuration("n_layers", "0", ["n_layers"]),
    .configuration("n_layers", "100000", ["n_layers"]),
    .configuration("dim", "0", ["dim", "0"]),
    .configuration("dim", "-12", ["dim", "-12"]),
    .configuration("dim", "1e30", []),
    .configuration("dim", "12.5", []),
    .configuration("dim", "\"12\"", []),
    .configuration("dim", "99999999999999999999", []),
    .configuration("dim", "9223372036854775807", ["dim"]),
    .configuration("hidden_size", "13", ["dim", "hidden_size", "13"]),
    .configuration("vocab_size", "0", ["vocab_size"]),
    .configuration("hidden_dim", "-1", ["hidden_dim"]),
    .configuration("max_position_embeddings", "0", ["max_position_embeddings"]),
  ]

  private static let labels: [Damage] = [
    .configuration("id2label", "{\"0\": \"a\", \"2\": \"c\"}", ["id2label", "\"2\""]),
    .configuration("id2label", "{\"0\": \"a\", \"x\": \"c\"}", ["id2label", "\"x\""]),
    .configuration("id2label", "{\"-1\": \"a\"}", ["id2label", "\"-1\""]),
    .configuration("id2label", "{\"0\": \"a\", \"00\": \"c\"}", ["id2label"]),
    .configuration("id2label", "{\"0\": [1]}", []),
    .configuration("id2label", "[\"a\"]", []),
    .configuration("num_labels", "2", ["num_labels", "2", "3"]),
    .configuration("num_labels", "0", ["num_labels"]),
    .configuration("num_labels", "1e9", []),
    Damage("four labels for a classifier of three", .invalidModel, ["classifier", "4", "3"]) {
      let labels = "{\"0\": \"a\", \"1\": \"b\", \"2\": \"c\", \"3\": \"d\"}"
      try $0.change("config.json", ["id2label": labels])
    },
  ]

  /// Sizes that differ from the weights'; the loader must not allocate by them.
  private static let tensors: [Damage] =
    [
      ("dim", "24", "pre_classifier"), ("dim", "268435455", "pre_classifier"),
      ("hidden_dim", "18", "ffn.lin1"), ("hidden_dim", "268435456", "ffn.lin1"),
      ("vocab_size", "166", "word_embeddings"), ("vocab_size", "268435456", "word_embeddings"),
      ("max_position_embeddings", "161", "position_embeddings"),
      ("max_position_embeddings", "268435456", "position_embeddings"),
    ].map { key, value, tensor in
      Damage("\(key) \(value)", .invalidModel, [tensor, value]) {
        try $0.change("config.json", [key: value])
      }
    } + [
      Damage("a layer too many", .invalidModel, ["transformer.layer.1.attention.q_lin"]) {
        try $0.change("config.json", ["n_layers": "2"])
      },
      Damage("no pre_classifier.bias", .invalidModel, ["\"pre_classifier.bias\""]) {
        try $0.changeTensors { $0.removeAll { $0.name == "pre_classifier.bias" } }
      },
      Damage("no word embeddings", .invalidModel, ["embeddings.word_embeddings.weight"]) {
        try $0.changeTensors { $0.removeAll { $0.name.contains("word_embeddings") } }
      },
      Damage("a norm of the wrong shape", .invalidModel, ["sa_layer_norm.weight", "[13]", "[12]"]) {
        try $0.changeTensors { tensors in
          tensors = tensors.map {
            $0.name.hasSuffix("sa_layer_norm.weight") ? .init(name: $0.name, shape: [13]) : $0
          }
        }
      },
      Damage("a matrix transposed", .invalidModel, ["ffn.lin1.weight", "[12, 17]", "[17, 12]"]) {
        try $0.changeTensors { tensors in
          tensors = tensors.map {
            $0.name.hasSuffix("ffn.lin1.weight") ? .init(name: $0.name, shape: [12, 17]) : $0
          }
        }
      },
      Damage("no tensors at all", .invalidModel, ["pre_classifier.weight"]) {
        try $0.changeTensors { $0 = [] }
      },
    ]
}
