import SwiftletCheckpoint

extension ModelGraph {
  /// Adds what the graph computes from the hidden rows; returns its outputs, the main one first.
  mutating func outputs(
    of rows: String, _ tokens: TokenInputs
  ) throws(ONNXExportError) -> [ValueInfoMessage] {
    switch output {
    case .hiddenRows: return [hiddenOutput(rows)]
    case .sentence(let tail):
      let embedding = try sentence(tail, rows, tokens)
      builder.rename(embedding.value, to: "sentence_embedding")
      return [
        hiddenOutput(rows), message("sentence_embedding", [.size(embedding.width)]),
      ]
    case .head(let head): return try outputs(of: head, rows, tokens)
    }
  }

  private mutating func outputs(
    of head: ModelHead, _ rows: String, _ tokens: TokenInputs
  ) throws(ONNXExportError) -> [ValueInfoMessage] {
    let length = ValueInfoMessage.Dimension.named("sequence_length")
    switch head {
    case .sequenceClassification:
      return logits(
        try rowLinear(try pooled(rows, tokens), Architecture.classifier),
        [.size(configuration.labels.count)])
    case .multipleChoice:
      let scores = try rowLinear(try pooled(rows, tokens), Architecture.classifier)
      builder.scope = ""
      let shape = builder.add("Shape", "input_ids")
      let choices = builder.add("Gather", shape, builder.constant([1]))
      let target = builder.add(
        "Concat", builder.constant([-1]), choices, attributes: [.int("axis", 0)])
      return logits(builder.add("Reshape", scores, target), [.named("num_choices")])
    case .tokenClassification:
      return logits(
        try linear(rows, Architecture.classifier), [length, .size(configuration.labels.count)])
    case .questionAnswering: return try questionOutputs(rows)
    case .maskedLanguage:
      return logits(
        try maskedLanguage(rows), [length, .size(configuration.vocabularySize)])
    }
  }

  private mutating func hiddenOutput(_ rows: String) -> ValueInfoMessage {
    builder.rename(rows, to: "last_hidden_state")
    return message(
      "last_hidden_state", [.named("sequence_length"), .size(configuration.hiddenSize)])
  }

  private mutating func logits(
    _ value: String, _ shape: [ValueInfoMessage.Dimension]
  ) -> [ValueInfoMessage] {
    builder.rename(value, to: "logits")
    return [message("logits", shape)]
  }

  /// An output with a row for each sequence, or more dimensions.
  private func message(
    _ name: String, _ shape: [ValueInfoMessage.Dimension]
  ) -> ValueInfoMessage {
    ValueInfoMessage(name: name, type: .float32, shape: [.named("batch_size")] + shape)
  }

  /// f(dense(h[first])), as the head of a sequence classifier begins.
  private mutating func pooled(
    _ rows: String, _ tokens: TokenInputs
  ) throws(ONNXExportError) -> String {
    let architecture = configuration.architecture
    builder.scope = scope(architecture.pooler)
    let first = self.row(of: rows, tokens, isLast: false)
    let dense = try rowLinear(first, architecture.pooler)
    return builder.activation(architecture == .bert ? .tanh : .relu, dense)
  }

  /// start[B, S] and end[B, S], the two columns of `qa_outputs`.
  private mutating func questionOutputs(
    _ rows: String
  ) throws(ONNXExportError) -> [ValueInfoMessage] {
    let both = try linear(rows, Architecture.questionLayer)
    builder.scope = ""
    return ["start_logits", "end_logits"].enumerated().map { index, name in
      let column = builder.add(
        "Gather", both, builder.constant(index), attributes: [.int("axis", 2)])
      builder.rename(column, to: name)
      return message(name, [.named("sequence_length")])
    }
  }

  /// projector(norm(activation(transform(h))))
  private mutating func maskedLanguage(_ rows: String) throws(ONNXExportError) -> String {
    let names = configuration.architecture.maskedLanguageHead
    let activated = builder.activation(
      configuration.activation, try linear(rows, names.transform))
    return try linear(try norm(activated, names.norm), names.projector)
  }
}
