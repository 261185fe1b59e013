import SwiftletCheckpoint

extension ModelGraph {
  /// normalize(activation(dense(pool(rows)))), with its width.
  mutating func sentence(
    _ tail: SentenceTail, _ rows: String, _ tokens: TokenInputs
  ) throws(ONNXExportError) -> (value: String, width: Int) {
    builder.scope = "/pooling"
    let pooled = tail.poolings.map { pool($0, rows, tokens) }
    var value = pooled[0]
    if pooled.count > 1 {
      value = builder.add("Concat", pooled, outputs: 1, [.int("axis", 1)])[0]
    }
    var width = tail.poolings.count * configuration.hiddenSize
    if let layer = tail.dense {
      guard layer.inputs == width else {
        throw .checkpoint(
          .wrongShape(
            path: layer.checkpoint.directory, tensor: "linear.weight",
            expected: [layer.outputs, width], found: [layer.outputs, layer.inputs]))
      }
      value = try dense(value, layer)
      width = layer.outputs
    }
    if tail.normalizes {
      builder.scope = "/normalize"
      value = normalized(value)
    }
    return (value, width)
  }

  /// One row for each sequence. Rows of padding are multiplied by 0, or never the largest.
  private mutating func pool(
    _ pooling: SentencePooling, _ rows: String, _ tokens: TokenInputs
  ) -> String {
    switch pooling {
    case .cls: row(of: rows, tokens, isLast: false)
    case .last: row(of: rows, tokens, isLast: true)
    case .max:
      builder.reduceMax(keptRows(rows, tokens), axis: 1, keepsAxis: false)
    case .mean: mean(of: rows, tokens.floatMask) { _, count in count }
    case .meanSquareRoot:
      mean(of: rows, tokens.floatMask) { builder, count in builder.add("Sqrt", count) }
    case .weightedMean:
      mean(of: rows, tokenNumbers(tokens)) { _, count in count }
    }
  }

  /// Σ weights · rows / divisor(Σ weights); a sequence of padding alone has zeros.
  private mutating func mean(
    of rows: String, _ weights: String,
    divisor: (inout GraphBuilder, String) -> String
  ) -> String {
    let factors = builder.add("Unsqueeze", weights, builder.constant([2]))
    let sum = builder.reduceSum(
      builder.add("Mul", rows, factors), axis: 1, keepsAxis: false)
    let count = builder.add(
      "Max", builder.reduceSum(weights, axis: 1, keepsAxis: true),
      builder.constant(1e-9 as Float))
    return builder.add("Div", sum, divisor(&builder, count))
  }

  /// 1, 2, 3 … for the tokens of a sequence and 0 for padding, as floats.
  private mutating func tokenNumbers(_ tokens: TokenInputs) -> String {
    let numbers = builder.add(
      "Cast", tokens.counts, attributes: [.int("to", ElementType.float32.rawValue)])
    return builder.add("Mul", numbers, tokens.floatMask)
  }

  /// The rows of tokens; -1e9 in those of padding.
  private mutating func keptRows(_ rows: String, _ tokens: TokenInputs) -> String {
    let kept = builder.add(
      "Cast", builder.add("Unsqueeze", tokens.mask, builder.constant([2])),
      attributes: [.int("to", ElementType.bool.rawValue)])
    return builder.add("Where", kept, rows, builder.constant(-1e9 as Float))
  }

  /// The row [B, dim] of the first or the last token of each sequence.
  mutating func row(of rows: String, _ tokens: TokenInputs, isLast: Bool) -> String {
    let attributes: [AttributeMessage] = [.int("axis", 1), .int("keepdims", 1)]
    let index = builder.add(
      "ArgMax", tokens.floatMask,
      attributes: attributes + (isLast ? [.int("select_last_index", 1)] : []))
    return builder.add("GatherND", rows, index, attributes: [.int("batch_dims", 1)])
  }

  /// x / max(‖x‖₂, 1e-12)
  private mutating func normalized(_ x: String) -> String {
    let squares = builder.reduceSum(builder.add("Mul", x, x), axis: 1, keepsAxis: true)
    let length = builder.add("Max", builder.add("Sqrt", squares), builder.constant(1e-12 as Float))
    return builder.add("Div", x, length)
  }
}
