import SwiftletCheckpoint

/// The values that the encoder reads; B sequences of S tokens.
struct TokenInputs {
  /// int64 [B, S]
  let ids: String
  /// int64 [B, S], 1 for a token and 0 for padding.
  let mask: String
  /// float32 [B, S]
  let floatMask: String
  /// int64 [B, S]; nil for models without token types.
  let types: String?
  /// int64 [B, S]: the number of tokens up to each one, itself included.
  let counts: String
}

extension ModelGraph {
  private var isMultipleChoice: Bool {
    if case .head(.multipleChoice) = output { true } else { false }
  }

  /// The names of the inputs, in the order of transformers' `forward`.
  private var inputNames: [String] {
    ["input_ids", "attention_mask"]
      + (configuration.typeVocabularySize > 0 ? ["token_type_ids"] : [])
  }

  var inputMessages: [ValueInfoMessage] {
    let choices = isMultipleChoice ? [ValueInfoMessage.Dimension.named("num_choices")] : []
    return inputNames.map {
      ValueInfoMessage(
        name: $0, type: .int64,
        shape: [.named("batch_size")] + choices + [.named("sequence_length")])
    }
  }

  /// The inputs as [B, S], and what several parts derive from the mask.
  mutating func inputs() -> TokenInputs {
    builder.scope = ""
    var names = inputNames
    if isMultipleChoice {
      // [batch, choices, S] as [batch · choices, S]
      let shape = builder.add("Shape", names[0])
      let length = builder.add("Gather", shape, builder.constant([2]))
      let flat = builder.add(
        "Concat", builder.constant([-1]), length, attributes: [.int("axis", 0)])
      names = names.map { builder.add("Reshape", $0, flat) }
    }
    let floatMask = builder.add(
      "Cast", names[1], attributes: [.int("to", ElementType.float32.rawValue)])
    return TokenInputs(
      ids: names[0], mask: names[1], floatMask: floatMask, types: names.count > 2 ? names[2] : nil,
      counts: builder.add("CumSum", names[1], builder.constant(1)))
  }

  /// [B, 1, 1, S]: 0 for tokens and the most negative number for padding, added to the scores.
  ///
  /// The weight of a padded key is then exactly 0, and a sequence of padding alone has equal
  /// weights, not NaN.
  mutating func attentionMask(_ tokens: TokenInputs) -> String {
    builder.scope = ""
    let wide = builder.add("Unsqueeze", tokens.mask, builder.constant([1]))
    let mask = builder.add(
      "Cast", builder.add("Unsqueeze", wide, builder.constant([2])),
      attributes: [.int("to", ElementType.float32.rawValue)])
    let padding = builder.add("Sub", builder.constant(1 as Float), mask)
    return builder.add("Mul", padding, builder.constant(-Float.greatestFiniteMagnitude))
  }

  /// norm(words[ids] + types[typeIDs] + positions[p]), p being the place among the tokens that the
  /// mask keeps: padding on the left changes no answer.
  mutating func embeddings(_ tokens: TokenInputs) throws(ONNXExportError) -> String {
    let module = "embeddings"
    builder.scope = scope(module)
    var sum = try words(tokens.ids)
    if let types = tokens.types {
      let table = try parameter(Architecture.typeEmbeddings + ".weight")
      sum = builder.add("Add", sum, builder.add("Gather", table, types))
    }
    let places = builder.add("Sub", tokens.counts, builder.constant(1))
    // Padding before the first token would have the place -1.
    let positions = builder.add("Max", places, builder.constant(0))
    let table = try parameter(Architecture.positionEmbeddings + ".weight")
    sum = builder.add("Add", sum, builder.add("Gather", table, positions))
    return try norm(sum, Architecture.embeddingNorm)
  }
}
