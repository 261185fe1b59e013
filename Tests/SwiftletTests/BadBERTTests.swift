import Swiftlet
import Testing

@Suite struct BadBERTTests {
  @Test(arguments: damages + tensors, [WeightLoading.mapped, .read])
  func `an unsupported BERT is refused with the reason and the place`(
    damage: Damage, loading: WeightLoading
  ) throws {
    try damage.check("bert-three-types", loading: loading)
  }

  @Test(arguments: [
    "roberta", "xlm-roberta", "camembert", "albert", "electra", "deberta", "deberta-v2", "mpnet",
    "modernbert", "nomic_bert", "bart", "t5", "gpt2", "BERT", "",
  ])
  func `another architecture is refused with the supported ones`(name: String) throws {
    let words = ["\"\(name)\"", "\"distilbert\"", "\"bert\""]
    for fixture in ["single-label", "bert"] {
      try Damage.configuration("model_type", "\"\(name)\"", words, .unsupportedModel)
        .check(fixture, loading: .mapped)
    }
  }

  @Test func `a checkpoint of the other architecture is refused with the missing tensors`() throws {
    try Damage("BERT by config.json", .invalidModel, ["lacks", "pooler.dense.weight"]) {
      try $0.change("config.json", ["model_type": "\"bert\""])
    }.check("single-label", loading: .mapped)
    try Damage("DistilBERT by config.json", .invalidModel, ["lacks", "pre_classifier.weight"]) {
      try $0.change("config.json", ["model_type": "\"distilbert\""])
    }.check("bert", loading: .mapped)
  }

  private static let damages: [Damage] = [
    .configuration(
      "position_embedding_type", "\"relative_key\"",
      ["position_embedding_type", "\"relative_key\"", "\"absolute\""], .unsupportedModel),
    .configuration(
      "position_embedding_type", "\"relative_key_query\"",
      ["\"relative_key_query\"", "\"absolute\""], .unsupportedModel),
    .configuration("position_embedding_type", "1", []),
    .configuration("is_decoder", "true", ["is_decoder", "encoders"], .unsupportedModel),
    .configuration("is_decoder", "\"no\"", []),
    .configuration(
      "add_cross_attention", "true", ["add_cross_attention", "encoders"], .unsupportedModel),
    .configuration("pruned_heads", "{\"0\": [1]}", ["pruned_heads"], .unsupportedModel),
    .configuration("layer_norm_eps", "-1e-12", ["layer_norm_eps", "between 0 and 1"]),
    .configuration("layer_norm_eps", "2", ["layer_norm_eps", "2"]),
    .configuration("layer_norm_eps", "1e999", []),
    .configuration("layer_norm_eps", "\"small\"", []),
    .configuration("type_vocab_size", "0", ["type_vocab_size", "0"]),
    .configuration("type_vocab_size", "-1", ["type_vocab_size"]),
    .configuration("hidden_act", "\"prelu\"", ["hidden_act", "prelu"]),
    .configuration("hidden_act", "true", []),
    .configuration("num_attention_heads", "5", ["num_attention_heads", "5 heads", "hidden_size"]),
    .configuration("num_hidden_layers", "0", ["num_hidden_layers"]),
    .configuration("hidden_size", "0", ["hidden_size"]),
    .configuration("intermediate_size", "-3", ["intermediate_size"]),
  ]

  private static let tensors: [Damage] =
    [
      ("type_vocab_size", "4", "token_type_embeddings"),
      ("type_vocab_size", "268435456", "token_type_embeddings"),
      ("hidden_size", "24", "pooler.dense"), ("hidden_size", "268435455", "pooler.dense"),
      ("intermediate_size", "26", "intermediate.dense"),
    ].map { key, value, tensor in
      Damage("\(key) \(value)", .invalidModel, [tensor, value]) {
        try $0.change("config.json", [key: value])
      }
    } + [
      Damage("a layer too many", .invalidModel, ["encoder.layer.1.attention.self.query"]) {
        try $0.change("config.json", ["num_hidden_layers": "2"])
      },
      without("embeddings.token_type_embeddings.weight"), without("pooler.dense.bias"),
      without("attention.self.key.weight"), without("attention.output.LayerNorm.bias"),
      without("encoder.layer.0.output.dense.weight"), without("classifier.weight"),
    ]

  private static func without(_ name: String) -> Damage {
    Damage("no \(name)", .invalidModel, [name]) {
      try $0.changeTensors { $0.removeAll { $0.name.hasSuffix(name) } }
    }
  }
}
