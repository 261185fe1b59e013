import SwiftletJSON

/// The keys of a `config.json` that matter, unchecked. A key whose value is `null` counts as absent.
struct ConfigurationKeys {
  let path: String
  var modelType: String?
  var integers: [String: Int] = [:]
  var strings: [String: String] = [:]
  var flags: [String: Bool] = [:]
  var normEpsilon: Double?
  /// What only training reads.
  var trainingNumbers: [String: Double] = [:]
  var problemType: String?
  var architectures: [String] = []
  var labels: [(key: String, label: String)]?
  var labelIDs: [LabelID] = []
  var hasPrunedHeads = false
  var isQuantized = false
  var quantizationMethod: String?

  mutating func read(_ bytes: UnsafeBufferPointer<UInt8>) throws(JSONError) {
    var reader = try JSONReader(bytes, rules: .python)
    var object = try reader.beginObject()
    while let key = try reader.nextKey(in: &object) {
      let name = key.string
      if try reader.readNull() { continue }
      try readValue(of: name, &reader)
    }
    try reader.finish()
  }

  private mutating func readValue(
    of name: String, _ reader: inout JSONReader
  ) throws(JSONError) {
    switch name {
    case "vocab_size", "dim", "hidden_size", "n_layers", "num_hidden_layers", "n_heads",
      "num_attention_heads", "hidden_dim", "intermediate_size", "max_position_embeddings",
      "type_vocab_size", "num_labels":
      integers[name] = try reader.readInt()
    case "model_type": modelType = try reader.readString()
    case "activation", "hidden_act", "position_embedding_type":
      strings[name] = try reader.readString()
    case "is_decoder", "add_cross_attention", "tie_word_embeddings":
      flags[name] = try reader.readBool()
    case "layer_norm_eps": normEpsilon = try reader.readDouble()
    case "dropout", "attention_dropout", "seq_classif_dropout", "qa_dropout", "hidden_dropout_prob",
      "attention_probs_dropout_prob", "classifier_dropout", "initializer_range", "pad_token_id":
      // Inference does not refuse a file for a value that it does not need.
      guard try reader.peek() == .number else { return try reader.skipValue() }
      trainingNumbers[name] = try reader.readDouble()
    case "problem_type": problemType = try reader.readString()
    case "architectures":
      var array = try reader.beginArray()
      while try reader.nextElement(in: &array) { architectures.append(try reader.readString()) }
    case "id2label": labels = try readLabels(&reader)
    case "label2id": try readLabelIDs(&reader)
    case "pruned_heads":
      var object = try reader.beginObject()
      while try reader.nextKey(in: &object) != nil {
        hasPrunedHeads = true
        try reader.skipValue()
      }
    case "quantization_config": try readQuantization(&reader)
    default: try reader.skipValue()
    }
  }

  private mutating func readQuantization(_ reader: inout JSONReader) throws(JSONError) {
    isQuantized = true
    var object = try reader.beginObject()
    while let key = try reader.nextKey(in: &object) {
      if key.string == "quant_method" {
        quantizationMethod = try reader.readString()
      } else {
        try reader.skipValue()
      }
    }
  }

  private func readLabels(
    _ reader: inout JSONReader
  ) throws(JSONError) -> [(key: String, label: String)] {
    var labels: [(key: String, label: String)] = []
    var object = try reader.beginObject()
    while let key = try reader.nextKey(in: &object) {
      let index = key.string
      // Some files have numbers as labels.
      let label = try reader.peek() == .number ? "\(try reader.readInt())" : reader.readString()
      labels.append((index, label))
    }
    return labels
  }

  /// Skips values that are not numbers.
  private mutating func readLabelIDs(_ reader: inout JSONReader) throws(JSONError) {
    guard try reader.peek() == .object else { return try reader.skipValue() }
    var object = try reader.beginObject()
    while let key = try reader.nextKey(in: &object) {
      let label = key.string
      if try reader.peek() == .number {
        if let id = Int(exactly: try reader.readDouble()) {
          labelIDs.append(LabelID(label: label, id: id))
        }
      } else {
        try reader.skipValue()
      }
    }
  }
}
