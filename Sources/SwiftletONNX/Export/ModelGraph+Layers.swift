import SwiftletCheckpoint

extension ModelGraph {
  /// One transformer layer: out = norm(ffn(a) + a) with a = norm(attention(x) + x).
  mutating func layer(
    _ index: Int, _ x: String, _ mask: String
  ) throws(ONNXExportError) -> String {
    let architecture = configuration.architecture
    let prefix = architecture.layer(index)
    let attended = try attention(index, x, mask)
    builder.scope = scope(prefix)
    let a = try norm(builder.add("Add", attended, x), prefix + architecture.attentionNorm)
    let inner = try linear(a, index, .lin1)
    builder.scope = scope(prefix)
    let activated = builder.activation(configuration.activation, inner)
    let fed = try linear(activated, index, .lin2)
    builder.scope = scope(prefix)
    return try norm(builder.add("Add", fed, a), prefix + architecture.outputNorm)
  }

  /// out(softmax(q kᵀ / √size + mask) v), for all heads.
  private mutating func attention(
    _ index: Int, _ x: String, _ mask: String
  ) throws(ONNXExportError) -> String {
    let (q, k, v) = (
      try linear(x, index, .queryKeyValue, part: 0), try linear(x, index, .queryKeyValue, part: 1),
      try linear(x, index, .queryKeyValue, part: 2)
    )
    builder.scope = scope(configuration.architecture.layer(index) + "attention")
    let products = builder.add("MatMul", heads(q, [0, 2, 1, 3]), heads(k, [0, 2, 3, 1]))
    let root = Float(configuration.headSize).squareRoot()
    let scores = builder.add("Div", products, builder.constant(root))
    let probabilities = builder.add(
      "Softmax", builder.add("Add", scores, mask), attributes: [.int("axis", 3)])
    let context = transpose(
      builder.add("MatMul", probabilities, heads(v, [0, 2, 1, 3])), [0, 2, 1, 3])
    // The -1 hides the length: ONNX Runtime then leaves sum and normalisation apart, which is faster
    // than its fused operator.
    let joined = builder.add(
      "Reshape", context, builder.constant([0, -1, configuration.hiddenSize]))
    return try linear(joined, index, .attentionOutput)
  }

  /// Rows [B, S, dim] as [B, S, heads, size], transposed.
  private mutating func heads(_ rows: String, _ order: [Int]) -> String {
    let shape = builder.constant([0, 0, configuration.headCount, configuration.headSize])
    return transpose(builder.add("Reshape", rows, shape), order)
  }

  private mutating func transpose(_ x: String, _ order: [Int]) -> String {
    builder.add("Transpose", x, attributes: [.ints("perm", order)])
  }

  /// A linear layer of a transformer layer, in the form that the options name.
  private mutating func linear(
    _ x: String, _ index: Int, _ name: LinearName, part: Int = 0
  ) throws(ONNXExportError) -> String {
    let architecture = configuration.architecture
    let module = architecture.layer(index) + architecture.parts(of: name)[part]
    guard let quantization = options.quantization else { return try linear(x, module) }
    let layer = BodyLayer(index: index, linear: name, part: part, name: module)
    return try quantizedLinear(x, layer, quantization)
  }

  /// Layer normalisation with the parameters of a module.
  mutating func norm(_ x: String, _ module: String) throws(ONNXExportError) -> String {
    let (weight, bias) = (try parameter(module + ".weight"), try parameter(module + ".bias"))
    builder.scope = scope(module)
    return builder.layerNorm(x, weight: weight, bias: bias, epsilon: configuration.normEpsilon)
  }
}
