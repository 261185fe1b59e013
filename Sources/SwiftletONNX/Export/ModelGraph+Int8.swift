import SwiftletCheckpoint

/// The input of linear layers as bytes: x ≈ (q - zeroPoint) · scale.
struct QuantizedInput {
  /// uint8 [B, S, K]
  let bytes: String
  /// float32, for all rows or one for each: [B, S, 1].
  let scale: String
  /// uint8, without dimensions.
  let zeroPoint: String
}

extension ModelGraph {
  /// words[ids], from bytes in the int8 forms.
  mutating func words(_ ids: String) throws(ONNXExportError) -> String {
    let name = Architecture.wordEmbeddings + ".weight"
    switch options.quantization {
    case .dynamic: return try dynamicWords(ids, name)
    case .exact:
      if let table = try exactWords(), try !isDecoderTied() { return words(ids, table, name) }
    case nil: break
    }
    return builder.add("Gather", try parameter(name), ids)
  }

  /// The word embeddings as Swiftlet quantises them; nil in forms without them.
  func exactWords() throws(ONNXExportError) -> Int8Table? {
    options.quantization == .exact ? try weights.int8Words() : nil
  }

  /// Whether a masked language model reads the table of word embeddings a second time, as floats.
  private func isDecoderTied() throws(ONNXExportError) -> Bool {
    guard case .head(.maskedLanguage) = output else { return false }
    let name = configuration.architecture.maskedLanguageHead.projector + ".weight"
    return try weights.tiedName(of: name, orCopied: false) != nil
  }

  /// q[ids] · scales[ids]
  private mutating func words(_ ids: String, _ table: Int8Table, _ name: String) -> String {
    let saved = weights.savedName(name)
    let shape = [table.scales.count, table.columns]
    let bytes = builder.add(
      TensorMessage(
        name: saved + "_quantized", type: .int8, shape: shape, content: .payload(table.payload)))
    let scales = builder.constant(saved + "_scale", column: table.scales)
    let rows = builder.add(
      "Cast", builder.add("Gather", bytes, ids),
      attributes: [.int("to", ElementType.float32.rawValue)])
    return builder.add("Mul", rows, builder.add("Gather", scales, ids))
  }

  private mutating func dynamicWords(
    _ ids: String, _ name: String
  ) throws(ONNXExportError) -> String {
    let table = try UInt8Table(quantizing: try weights.tensor(name))
    let saved = weights.savedName(name)
    let shape = try weights.parameter(name).shape
    let bytes = builder.add(
      TensorMessage(
        name: saved + "_quantized", type: .uint8, shape: shape, content: .payload(table.payload)))
    return builder.add(
      "DequantizeLinear", builder.add("Gather", bytes, ids),
      builder.constant(saved + "_scale", table.scale),
      builder.constant(saved + "_zero_point", byte: table.zeroPoint))
  }

  /// x W + b with integers: the product of bytes, scaled by the scales of both sides.
  mutating func quantizedLinear(
    _ x: String, _ layer: BodyLayer, _ form: ONNXQuantization
  ) throws(ONNXExportError) -> String {
    let weight = try weights.int8(layer)
    let name = weights.savedName(layer.name) + ".weight"
    let bytes = builder.add(
      TensorMessage(
        name: name + "_quantized", type: .int8, shape: [weight.inputs, weight.outputs],
        content: .payload(weight.payload)))
    let scales = builder.constant(name + "_scale", weight.scales)
    let input = quantized(x, form)
    builder.scope = scope(layer.name)
    let zeros = builder.constant(name + "_zero_point", zeros: weight.outputs)
    let sums = builder.add("MatMulInteger", input.bytes, bytes, input.zeroPoint, zeros)
    let floats = builder.add(
      "Cast", sums, attributes: [.int("to", ElementType.float32.rawValue)])
    let product = scaled(floats, by: input.scale, scales, form)
    return builder.add("Add", product, try bias(layer))
  }

  /// sums · scale · scales, the scale of the input first.
  private mutating func scaled(
    _ sums: String, by scale: String, _ scales: String, _ form: ONNXQuantization
  ) -> String {
    switch form {
    // ONNX Runtime fuses this form, and reads the first number of `scale` only.
    case .dynamic: builder.add("Mul", sums, builder.add("Mul", scale, scales))
    case .exact: builder.add("Mul", builder.add("Mul", sums, scale), scales)
    }
  }

  private mutating func bias(_ layer: BodyLayer) throws(ONNXExportError) -> String {
    let name = layer.name + ".bias"
    guard weights.isQuantized else { return try parameter(name) }
    return builder.constant(weights.savedName(name), try weights.bias(layer))
  }

  private mutating func quantized(_ x: String, _ form: ONNXQuantization) -> QuantizedInput {
    if let known = quantizedInputs[x] { return known }
    let result = form == .dynamic ? dynamic(x) : exact(x)
    quantizedInputs[x] = result
    return result
  }

  private mutating func dynamic(_ x: String) -> QuantizedInput {
    let results = builder.add("DynamicQuantizeLinear", [x], outputs: 3)
    return QuantizedInput(bytes: results[0], scale: results[1], zeroPoint: results[2])
  }

  /// q = round(x · 127 / max |x|) + 128 for each row, halves to even.
  private mutating func exact(_ x: String) -> QuantizedInput {
    let magnitudes = builder.add("Abs", x)
    let largest = builder.reduceMax(magnitudes, axis: -1, keepsAxis: true)
    // A row of zeros would divide by zero.
    let limit = builder.constant(127 / Float.greatestFiniteMagnitude)
    let divisor = builder.add("Max", largest, limit)
    let factor = builder.add("Div", builder.constant(127 as Float), divisor)
    let levels = builder.add("Round", builder.add("Mul", x, factor))
    let shifted = builder.add("Add", levels, builder.constant(128 as Float))
    let bytes = builder.add(
      "Cast", shifted, attributes: [.int("to", ElementType.uint8.rawValue)])
    return QuantizedInput(
      bytes: bytes, scale: builder.add("Div", divisor, builder.constant(127 as Float)),
      zeroPoint: builder.constant(byte: 128))
  }
}
