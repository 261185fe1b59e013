/// The keys of `config.json` whose names depend on the architecture. All names of a key are read; the
/// first is written.
package struct ConfigurationKeyNames: Sendable {
  package let hiddenSize: [String]
  package let layerCount: [String]
  package let headCount: [String]
  package let intermediateSize: [String]
  package let activation: String
}

extension Architecture {
  package var keys: ConfigurationKeyNames {
    switch self {
    case .distilBERT:
      ConfigurationKeyNames(
        hiddenSize: ["dim", "hidden_size"], layerCount: ["n_layers", "num_hidden_layers"],
        headCount: ["n_heads", "num_attention_heads"], intermediateSize: ["hidden_dim"],
        activation: "activation")
    case .bert:
      ConfigurationKeyNames(
        hiddenSize: ["hidden_size"], layerCount: ["num_hidden_layers"],
        headCount: ["num_attention_heads"], intermediateSize: ["intermediate_size"],
        activation: "hidden_act")
    }
  }
}
